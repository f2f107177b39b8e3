"""The client that waits, against the real gateway."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import openclaw
from conftest import KEY, Gateway, StandIn, eventually
from openclaw import OpenClawClient


def test_a_reply_has_attributes_and_the_id_of_its_request(client: OpenClawClient) -> None:
    reply = client.chat.send(session_id="user_123", message="帮我总结一下")
    assert reply.content == "帮我总结一下"
    assert reply.usage.output_tokens > 0
    assert reply._request_id is not None and reply._request_id.startswith("req_")
    assert client.sessions.get("user_123").id == "user_123"


def test_a_stream_gives_chunks_and_then_the_whole(client: OpenClawClient) -> None:
    with client.chat.stream(message="one two three") as stream:
        chunks = [chunk.content for chunk in stream]
    assert chunks == ["one ", "two ", "three"]
    assert stream.get_final_response().content == "one two three"
    assert stream.request_id is not None
    assert list(stream) == [], "it is iterated over once"
    assert client.chat.stream(message="four five").get_final_response().content == "four five"
    assert "".join(client.chat.stream(message="six seven").text_stream) == "six seven"


def test_leaving_a_stream_stops_the_model(gateway: Gateway, client: OpenClawClient) -> None:
    slow = "[[echo chunk_ms=20 words=1000]] la"
    with client.chat.stream(message=slow) as stream:
        next(stream)
    assert gateway.becomes_idle(1)
    for _chunk in client.chat.stream(message=slow):
        break
    assert gateway.becomes_idle(1), "without `with`, letting go of it is enough"
    stream = client.chat.stream(message=slow)
    next(stream)
    stream.close()
    assert gateway.becomes_idle(1)
    assert list(stream) == []
    with pytest.raises(openclaw.APIInterruptedError):
        stream.get_final_response()


def test_a_stream_that_breaks_off_is_an_error_after_its_chunks(client: OpenClawClient) -> None:
    chunks = []
    with pytest.raises(openclaw.APIError) as caught:
        for chunk in client.chat.stream(message="[[echo fail_after=2]] one two three"):
            chunks.append(chunk.content)
    assert chunks == ["one ", "two "]
    assert isinstance(caught.value, openclaw.ProviderError)


def test_a_list_goes_over_its_pages(client: OpenClawClient) -> None:
    ids = [f"listed_{number}" for number in range(5)]
    for id in ids:
        client.chat.send(session_id=id, message="hi", metadata={"Keep-This": {"asIs": 1}})
    found = [session.id for session in client.sessions.list(limit=2) if session.id.startswith("listed_")]
    assert found == ids[::-1]
    page = client.sessions.list(limit=2)
    assert (len(page.data), page.has_more) == (2, True)
    second = page.next_page()
    assert second is not None and second.data[0] != page.data[0]
    messages = client.sessions.messages(ids[0], order="desc").data
    assert [message.role for message in messages] == ["assistant", "user"]


def test_sessions_keys_and_the_rest(client: OpenClawClient) -> None:
    client.chat.send(session_id="changed", message="hi")
    assert client.sessions.update("changed", title="T", metadata={"a": [1, None]}).title == "T"
    client.sessions.delete("changed")
    with pytest.raises(openclaw.NotFoundError) as caught:
        client.sessions.get("changed")
    assert (caught.value.status_code, caught.value.code) == (404, "session_not_found")
    created = client.keys.create(name="python", scopes=["chat"])
    assert created.secret.startswith("oc_api_sk_")
    assert created.key.id in [key.id for key in client.keys.list()]
    client.keys.revoke(created.key.id)
    assert "echo" in [model.id for model in client.models.list()]
    assert client.status.get().version == openclaw.__version__
    assert sum(bucket.turns for bucket in client.usage.list()) > 0


def test_endpoints_and_deliveries(client: OpenClawClient, standin: StandIn) -> None:
    for _ in range(3):
        standin.answer("")
    made = client.webhooks.endpoints.create(url=f"{standin.url}/hook", events=["message.sent"])
    assert made.secret is not None
    endpoint = client.webhooks.endpoints.update(made.endpoint.id, description="for a test")
    assert endpoint.description == "for a test"
    tested = client.webhooks.endpoints.test(endpoint.id)
    assert eventually(lambda: client.webhooks.deliveries.get(tested.id).status == "succeeded")
    _, path, headers, body = standin.seen[0]
    assert path == "/hook"
    event = openclaw.Webhook(made.secret).verify(body, headers)
    assert event.event == "webhook.test"
    assert openclaw.verify_webhook(body, headers["x-openclaw-signature"], made.secret)
    assert client.webhooks.endpoints.rotate_secret(endpoint.id).secret != made.secret
    assert [row.id for row in client.webhooks.deliveries.list(endpoint_id=endpoint.id)] == [tested.id]
    client.webhooks.endpoints.delete(endpoint.id)


def test_events_are_read_back_and_followed(client: OpenClawClient) -> None:
    with client.events.stream(events=["message.sent"]) as stream:
        client.chat.send(session_id="followed", message="hear me")
        event = next(stream)
    assert event.event == "message.sent" and stream.last_event_id == event.id
    assert client.events.get(event.id) == event
    assert isinstance(event.data, openclaw.types.MessageEvent) and event.data.content == "hear me"
    with client.events.stream(last_event_id=event.id) as later:
        client.chat.send(session_id="followed", message="and me")
        assert next(later).event == "message.received"
    assert event in list(client.events.list(events=["message.*"]))


def test_threads_share_a_client_and_the_others_run_on(gateway: Gateway, client: OpenClawClient) -> None:
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda number: client.chat.send(message=f"n{number}").content, range(64)))
    assert replies == [f"n{number}" for number in range(64)]
    waiting = threading.Thread(target=client.chat.send, kwargs={"message": "[[echo delay_ms=300]] x"})
    waiting.start()
    turns, end = 0, time.monotonic() + 0.2
    while time.monotonic() < end:
        turns += 1
    waiting.join()
    assert turns > 10_000, "Python runs while a thread waits"


def test_options_of_a_call_and_of_a_client(client: OpenClawClient, standin: StandIn) -> None:
    with pytest.raises(openclaw.APITimeoutError) as caught:
        client.chat.send(message="[[echo delay_ms=5000]] late", timeout=0.2)
    assert isinstance(caught.value, TimeoutError)
    first = client.chat.send(message="once", idempotency_key="k-python-1")
    assert client.chat.send(message="once", idempotency_key="k-python-1") == first
    with pytest.raises(TypeError, match="time_out"):
        client.chat.send(message="x", time_out=1)  # type: ignore[call-arg]

    standin.answer({"data": [], "has_more": False})
    standin.answer({"data": [], "has_more": False})
    other = standin.client.with_options(extra_headers={"x-one": "1", "x-two": "1"}, max_retries=0)
    other.models.list(extra_headers={"x-two": "2"})
    standin.client.models.list()
    headers = standin.seen[0][2]
    assert (headers["x-one"], headers["x-two"]) == ("1", "2")
    assert "openclaw-python/" in headers["user-agent"]
    assert "x-one" not in standin.seen[1][2]


def test_the_environment_says_what_the_arguments_do_not(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENCLAW_BASE_URL", gateway.url)
    monkeypatch.setenv("OPENCLAW_API_KEY", KEY)
    assert OpenClawClient().chat.send(message="hi").content == "hi"
    monkeypatch.delenv("OPENCLAW_API_KEY")
    with pytest.raises(openclaw.ConfigError, match="OPENCLAW_API_KEY"):
        OpenClawClient()
    with pytest.raises(openclaw.ConfigError, match="URL"):
        OpenClawClient("not a url", "k")


def test_a_closed_client_says_so(gateway: Gateway) -> None:
    client = gateway.client
    client.close()
    client.close()
    with pytest.raises(openclaw.ConfigError, match="closed"):
        client.status.get()
    assert KEY not in repr(client)
