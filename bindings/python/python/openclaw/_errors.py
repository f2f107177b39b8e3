"""What can go wrong, as a tree of exceptions: catch as much of it as you mean."""

from __future__ import annotations

import json
from typing import Any


class OpenClawError(Exception):
    """The root of everything that this package raises."""


class ConfigError(OpenClawError, ValueError):
    """The client, or this call, is set up wrongly; nothing was sent."""


class WebhookVerificationError(OpenClawError):
    """A webhook request is not to be believed.

    `code` says why: `missing_header`, `bad_timestamp`, `too_old`, `too_new`, `no_matching_signature`, `not_an_event`,
    `empty_secret`.
    """

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.code)


class AgentFailedError(OpenClawError):
    """An agent did not complete: it failed, was cancelled, or needs an answer. Raised by `raise_for_status`.

    `agent` is the agent as it stands: `agent.status`, `agent.error`, and in `agent.output` what it had found.
    """

    def __init__(self, message: str, agent: Any) -> None:
        super().__init__(message)
        self.agent = agent

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.agent)


class APIError(OpenClawError):
    """A call gave no reply."""

    message: str
    """For people: what was wrong and what to do."""
    status_code: int | None
    """The HTTP status, if the gateway answered."""
    code: str | None
    """The gateway's finer name of the failure, such as `session_not_found`."""
    param: str | None
    """The field of the request that was wrong, such as `context.temperature`."""
    request_id: str | None
    """The id of the request, to find it in the gateway's log."""
    retry_after: float | None
    """The wait before another try that the gateway asked for, in seconds."""
    body: Any
    """The gateway's answer: decoded JSON, else text; None if none came."""

    def __init__(
        self,
        text: str,
        *,
        message: str | None = None,
        status_code: int | None = None,
        code: str | None = None,
        param: str | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        body: Any = None,
    ) -> None:
        super().__init__(text)
        self.message = text if message is None else message
        self.status_code = status_code
        self.code = code
        self.param = param
        self.request_id = request_id
        self.retry_after = retry_after
        self.body = body

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), str(self), self.__dict__)


class APIConnectionError(APIError):
    """No answer came: refused, reset, no such host, no trust in the certificate."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """It took longer than this client allows."""


class APIInterruptedError(APIConnectionError):
    """An answer began and broke off. What came of it is not the whole reply."""


class APIDecodeError(APIError):
    """An answer came that is not what this call answers: another server, or one of another version."""


class APIStatusError(APIError):
    """The gateway answered, and the answer is a failure."""

    status_code: int


class BadRequestError(APIStatusError):
    """400: the request is wrong; `param` names the field."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, unknown, expired or revoked."""


class PermissionDeniedError(APIStatusError):
    """403: the key may not do this."""


class NotFoundError(APIStatusError):
    """404: there is no such thing in the key's workspace."""


class ConflictError(APIStatusError):
    """409: it does not go with how things stand."""


class RequestTooLargeError(APIStatusError):
    """413: the body is larger than the gateway takes."""


class RateLimitError(APIStatusError):
    """429: too many requests; `retry_after` says how long to wait."""


class InternalServerError(APIStatusError):
    """500 and above: the gateway failed; its log has the cause under `request_id`."""


class ProviderError(InternalServerError):
    """502: the model's vendor failed."""


class OverloadedError(InternalServerError):
    """503: too much work at once, or shutting down."""


class GatewayTimeoutError(InternalServerError):
    """504: it took longer than the gateway allows."""


_CLASSES: dict[str, type[APIError]] = {
    "invalid_request_error": BadRequestError,
    "authentication_error": AuthenticationError,
    "permission_error": PermissionDeniedError,
    "not_found_error": NotFoundError,
    "conflict_error": ConflictError,
    "request_too_large": RequestTooLargeError,
    "rate_limit_error": RateLimitError,
    "api_error": InternalServerError,
    "provider_error": ProviderError,
    "overloaded_error": OverloadedError,
    "timeout_error": GatewayTimeoutError,
    "unknown": APIStatusError,
    "connection": APIConnectionError,
    "timeout": APITimeoutError,
    "interrupted": APIInterruptedError,
    "decode": APIDecodeError,
}


def of_record(
    *, kind: str, text: str, retry_after_ms: int | None, body: str | None, **members: Any
) -> OpenClawError:
    """Make the exception of a native failure; called by the native module."""
    if kind == "config":
        return ConfigError(text)
    retry_after = None if retry_after_ms is None else retry_after_ms / 1000
    return _CLASSES[kind](text, retry_after=retry_after, body=_decoded(body), **members)


def _decoded(body: str | None) -> Any:
    try:
        return None if body is None else json.loads(body)
    except ValueError:
        return body


def _restore(of_class: type[APIError], text: str, members: dict[str, Any]) -> APIError:
    error = of_class(text)
    error.__dict__.update(members)
    return error
