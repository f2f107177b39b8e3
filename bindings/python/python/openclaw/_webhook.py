"""Checking what a webhook receiver was sent."""

from __future__ import annotations

from json import loads
from time import time
from typing import Any, Iterable, Protocol, Union

from . import _native
from ._errors import WebhookVerificationError
from .types import WebhookEvent


class HasItems(Protocol):
    """A mapping, or what a framework has in its place."""

    def items(self) -> Iterable[tuple[str, str]]: ...


Headers = Union[HasItems, Iterable[tuple[Any, Any]]]
"""Any framework's headers: a mapping, or pairs of text or bytes (ASGI). Their names may be in any case."""


def verify_webhook(payload: str | bytes, signature: str, secret: str) -> bool:
    """Say whether a signature `sha256=<hex>` was made over that payload with that secret.

    Give it the raw body and the header `X-OpenClaw-Signature`. It takes the same time either way. It knows no time, so an
    old request passes it again and again: `Webhook` does not have that gap.
    """
    try:
        text = payload if isinstance(payload, str) else payload.decode()
    except UnicodeDecodeError:
        return False
    return _native.verify_webhook(text, signature, secret)


class Webhook:
    """Checks webhook requests whole: signature, age, event.

        webhook = Webhook(os.environ["WEBHOOK_SECRET"])
        event = webhook.verify(request.get_data(), request.headers)  # Flask; the raw body, not parsed JSON
    """

    def __init__(self, secret: str | Iterable[str]) -> None:
        """Take the endpoint's secret, or several of which any will do while one is replaced."""
        self._secrets = [secret] if isinstance(secret, str) else list(secret)
        if not self._secrets or not all(self._secrets):
            raise WebhookVerificationError(
                "the webhook secret is empty; give the secret of the endpoint", "empty_secret"
            )

    def verify(self, body: str | bytes, headers: Headers, *, now: float | None = None) -> WebhookEvent:
        """Give the event, if the request is the gateway's and was made within 5 minutes of now.

        `body` is the raw body. `now` is in seconds since 1970, for tests. A gateway may send the same event more than
        once: keep the ids of those already handled. Raises `WebhookVerificationError`.
        """
        raw = body.encode() if isinstance(body, str) else bytes(body)
        now_ms = int((time() if now is None else now) * 1000)
        wrong = _native.check_webhook(self._secrets, raw, _lowered(headers), now_ms)
        if wrong is not None:
            code, message = wrong
            raise WebhookVerificationError(message, code)
        return WebhookEvent.model_validate(loads(raw))

    def __repr__(self) -> str:
        return f"Webhook(<{len(self._secrets)} secrets>)"


def _lowered(headers: Headers) -> dict[str, str]:
    pairs: Any = headers.items() if hasattr(headers, "items") else headers
    return {_text(name).lower(): _text(value) for name, value in pairs}


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)
