"""The client of the OpenClaw gateway.

    from openclaw import OpenClawClient

    client = OpenClawClient(base_url="http://localhost:3000", api_key="oc_api_sk_xxx")
    print(client.chat.send(session_id="user_123", message="Hello").content)

`AsyncOpenClawClient` has the same methods for asyncio and trio. Types of replies are in `openclaw.types`.
Nothing is loaded before it is asked for, so that `import openclaw` costs next to nothing.
"""

TYPE_CHECKING = False  # As `typing` has it, which would take longer to import than this package.
if TYPE_CHECKING:
    from . import types as types
    from ._async.agents import AsyncAgent as AsyncAgent
    from ._async.client import AsyncOpenClawClient as AsyncOpenClawClient
    from ._async.page import AsyncPage as AsyncPage
    from ._async.page import AsyncPager as AsyncPager
    from ._async.chat import AsyncChatStream as AsyncChatStream
    from ._async.events import AsyncEventStream as AsyncEventStream
    from ._errors import AgentFailedError as AgentFailedError
    from ._errors import APIConnectionError as APIConnectionError
    from ._errors import APIDecodeError as APIDecodeError
    from ._errors import APIError as APIError
    from ._errors import APIInterruptedError as APIInterruptedError
    from ._errors import APIStatusError as APIStatusError
    from ._errors import APITimeoutError as APITimeoutError
    from ._errors import AuthenticationError as AuthenticationError
    from ._errors import BadRequestError as BadRequestError
    from ._errors import ConfigError as ConfigError
    from ._errors import ConflictError as ConflictError
    from ._errors import GatewayTimeoutError as GatewayTimeoutError
    from ._errors import InternalServerError as InternalServerError
    from ._errors import NotFoundError as NotFoundError
    from ._errors import OpenClawError as OpenClawError
    from ._errors import OverloadedError as OverloadedError
    from ._errors import PermissionDeniedError as PermissionDeniedError
    from ._errors import ProviderError as ProviderError
    from ._errors import RateLimitError as RateLimitError
    from ._errors import RequestTooLargeError as RequestTooLargeError
    from ._errors import WebhookVerificationError as WebhookVerificationError
    from ._native import __version__ as __version__
    from ._options import RequestOptions as RequestOptions
    from ._response import Headers as Headers
    from ._response import RawResponse as RawResponse
    from ._sync.agents import Agent as Agent
    from ._sync.client import OpenClawClient as OpenClawClient
    from ._sync.page import Page as Page
    from ._sync.chat import ChatStream as ChatStream
    from ._sync.events import EventStream as EventStream
    from ._webhook import Webhook as Webhook
    from ._webhook import verify_webhook as verify_webhook

_ERRORS = (
    "APIConnectionError", "APIDecodeError", "APIError", "APIInterruptedError", "APIStatusError", "APITimeoutError",
    "AgentFailedError", "AuthenticationError", "BadRequestError", "ConfigError", "ConflictError", "GatewayTimeoutError",
    "InternalServerError", "NotFoundError", "OpenClawError", "OverloadedError", "PermissionDeniedError", "ProviderError",
    "RateLimitError", "RequestTooLargeError", "WebhookVerificationError",
)  # fmt: skip

_MODULES = {
    **dict.fromkeys(_ERRORS, "_errors"),
    "Agent": "_sync.agents",
    "AsyncAgent": "_async.agents",
    "AsyncChatStream": "_async.chat",
    "AsyncEventStream": "_async.events",
    "AsyncOpenClawClient": "_async.client",
    "AsyncPage": "_async.page",
    "AsyncPager": "_async.page",
    "ChatStream": "_sync.chat",
    "EventStream": "_sync.events",
    "OpenClawClient": "_sync.client",
    "Headers": "_response",
    "Page": "_sync.page",
    "RawResponse": "_response",
    "RequestOptions": "_options",
    "Webhook": "_webhook",
    "__version__": "_native",
    "types": "",
    "verify_webhook": "_webhook",
}
"""In which module a name is made."""

__all__ = sorted(_MODULES.keys())  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    if module == "":
        return import_module(f".{name}", __name__)
    value = getattr(import_module(f".{module}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
