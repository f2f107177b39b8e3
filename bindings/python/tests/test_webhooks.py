"""What a receiver makes of a request: the vectors that every language is held to."""

from __future__ import annotations

import json
from typing import Any

import pytest

import openclaw
from conftest import ROOT

VECTORS = json.loads((ROOT / "sdk-tests/vectors/webhook.json").read_text())["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vector(vector: dict[str, Any]) -> None:
    request, receiver, expected = vector["request"], vector["receiver"], vector["expected"]
    body, headers, secrets = request["body"], request["headers"], receiver["secrets"]
    signature = headers.get("x-openclaw-signature")
    assert (signature is not None and openclaw.verify_webhook(body, signature, secrets[0])) == expected["body"]
    in_other_cases = [(name.title().encode(), value.encode()) for name, value in headers.items()]
    for sent, given in ((body, headers), (body.encode(), in_other_cases)):
        try:
            event = openclaw.Webhook(secrets).verify(sent, given, now=receiver["now"])
        except openclaw.WebhookVerificationError as error:
            assert error.code == expected["webhook"]
        else:
            assert (expected["webhook"], event.event) == ("ok", expected["event"])
            assert event.model_dump() == json.loads(body)


def test_an_empty_secret_is_refused() -> None:
    for secrets in ("", [], ["good", ""]):
        with pytest.raises(openclaw.WebhookVerificationError) as caught:
            openclaw.Webhook(secrets)
        assert caught.value.code == "empty_secret"
    assert not openclaw.verify_webhook(b"\xff", "sha256=", "secret")
    assert "secret" not in repr(openclaw.Webhook("secret")).replace("secrets", "")
