"""What a failure looks like to who has to handle it."""

from __future__ import annotations

import copy
import pickle

import pytest

import openclaw
from conftest import KEY, StandIn
from openclaw import OpenClawClient

KINDS = [
    ("invalid_request_error", 400, openclaw.BadRequestError),
    ("authentication_error", 401, openclaw.AuthenticationError),
    ("permission_error", 403, openclaw.PermissionDeniedError),
    ("not_found_error", 404, openclaw.NotFoundError),
    ("conflict_error", 409, openclaw.ConflictError),
    ("request_too_large", 413, openclaw.RequestTooLargeError),
    ("rate_limit_error", 429, openclaw.RateLimitError),
    ("api_error", 500, openclaw.InternalServerError),
    ("provider_error", 502, openclaw.ProviderError),
    ("overloaded_error", 503, openclaw.OverloadedError),
    ("timeout_error", 504, openclaw.GatewayTimeoutError),
]


def envelope(kind: str, code: str = "fine") -> dict[str, object]:
    error = {"type": kind, "code": code, "message": "no good", "param": "message"}
    return {"type": "error", "error": error, "request_id": "req_1"}


@pytest.mark.parametrize(("kind", "status", "expected"), KINDS)
def test_every_kind_has_its_class(
    standin: StandIn, kind: str, status: int, expected: type[openclaw.APIError]
) -> None:
    standin.answer(envelope(kind), status=status, retry_after="0.5")
    with pytest.raises(expected) as caught:
        standin.client.chat.send(message="x", max_retries=0)
    error = caught.value
    assert type(error) is expected
    assert isinstance(error, openclaw.APIStatusError) and isinstance(error, openclaw.OpenClawError)
    assert (error.status_code, error.code, error.param) == (status, "fine", "message")
    assert (error.message, error.request_id, error.retry_after) == ("no good", "req_standin", 0.5)
    assert error.body == envelope(kind)
    assert str(error) == f"no good ({status} fine, req_standin)"


def test_a_kind_that_nobody_knows_is_still_told(standin: StandIn) -> None:
    standin.answer("<html>", status=418)
    with pytest.raises(openclaw.APIStatusError) as caught:
        standin.client.status.get()
    assert type(caught.value) is openclaw.APIStatusError
    assert (caught.value.status_code, caught.value.body) == (418, "<html>")


def test_what_is_no_reply_is_an_error_of_its_own(standin: StandIn) -> None:
    for body in ("", "<html>", "[]", "7"):
        standin.answer(body)
        with pytest.raises(openclaw.APIDecodeError) as caught:
            standin.client.status.get()
        assert caught.value.request_id == "req_standin"


def test_nobody_there() -> None:
    client = OpenClawClient("http://127.0.0.1:1", KEY, max_retries=0, proxy="")
    with pytest.raises(openclaw.APIConnectionError) as caught:
        client.status.get()
    assert type(caught.value) is openclaw.APIConnectionError
    assert "could not be reached" in str(caught.value) and KEY not in str(caught.value)
    assert caught.value.status_code is None
    with pytest.raises(openclaw.APIConnectionError):
        client.chat.stream(message="x")


def test_a_retry_is_the_same_call(standin: StandIn) -> None:
    standin.answer(envelope("overloaded_error"), status=503, retry_after="0")
    standin.answer({"data": [], "has_more": False})
    standin.answer({"secret": "s", "key": {}})
    standin.client.models.list()
    standin.client.keys.create(name="x", idempotency_key="mine")
    assert [seen[2]["x-openclaw-retry-count"] for seen in standin.seen] == ["0", "1", "0"]
    assert standin.seen[2][2]["idempotency-key"] == "mine"


def test_errors_can_be_copied_and_sent_to_another_process(standin: StandIn) -> None:
    standin.answer(envelope("not_found_error"), status=404)
    with pytest.raises(openclaw.NotFoundError) as caught:
        standin.client.sessions.get("x")
    for other in (pickle.loads(pickle.dumps(caught.value)), copy.copy(caught.value)):
        assert type(other) is openclaw.NotFoundError
        assert (str(other), other.__dict__) == (str(caught.value), caught.value.__dict__)
    refused = openclaw.WebhookVerificationError("too old", "too_old")
    assert pickle.loads(pickle.dumps(refused)).code == "too_old"


def test_what_cannot_be_sent_is_told_before(standin: StandIn) -> None:
    client = standin.client
    with pytest.raises(TypeError, match="set"):
        client.chat.send(message="x", metadata={"a": {1, 2}})
    with pytest.raises(ValueError):
        client.chat.send(message="x", context={"temperature": float("nan")})
    with pytest.raises(openclaw.ConfigError):
        client.sessions.get("..")
    with pytest.raises(openclaw.ConfigError):
        client.models.list(extra_headers={"a b": "c"})
    assert standin.seen == []


def test_unknown_members_and_large_numbers_pass_through(standin: StandIn) -> None:
    reply = {"id": "msg_1", "content": "hi", "newer": {"n": 12345678901234567890123}}
    standin.answer(reply)
    got = standin.client.chat.send(message="x", metadata={"big": 12345678901234567890123})
    assert got.model_dump() == reply
    assert '"big":12345678901234567890123' in standin.seen[0][3]
