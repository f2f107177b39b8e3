"""The client: one gateway, one key, and a resource for every noun."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from functools import cached_property
from typing import Mapping, TYPE_CHECKING

from .. import _native
from .._settings import native_client
from .transport import Transport

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self, Unpack

    from .._options import RequestOptions
    from .agents import Agents
    from .channels import Channels
    from .chat import Chat
    from .events import Events
    from .gateway import GatewayStatus, Models, WorkspaceUsage
    from .keys import Keys
    from .schedules import Schedules
    from .sessions import Sessions
    from .skills import Skills
    from .webhooks import Webhooks


class OpenClawClient:
    """A gateway to talk to. Make one and keep it: it holds connections, and may be used by many tasks and threads at once.

    After `fork` it works in the child too, with connections of its own.
    """

    def __init__(
        self,
        base_url: str | None = None,
        api_key: str | None = None,
        *,
        timeout: float | None = None,
        connect_timeout: float | None = None,
        idle_timeout: float | None = None,
        max_retries: int | None = None,
        headers: Mapping[str, str] | None = None,
        proxy: str | None = None,
        ca_bundle: str | bytes | None = None,
    ) -> None:
        """Connects to nothing yet.

        base_url: where the gateway is; by default `OPENCLAW_BASE_URL`, else `http://localhost:3000`.
        api_key: `oc_api_sk_…`; by default `OPENCLAW_API_KEY`.
        timeout: the longest that a call may take, in seconds, retries included; for a stream, until its first byte. 600.
        connect_timeout: the longest that connecting may take, in seconds, in each try. 5.
        idle_timeout: the longest silence of a stream that has begun, in seconds. 120.
        max_retries: how often a call is tried again at most. 2.
        headers: sent with every request.
        proxy: its URL; `""` for none; by default what `HTTP_PROXY` and its kin say.
        ca_bundle: certificates to trust besides the machine's: the path of a PEM file, or PEM.
        """
        native = native_client(
            base_url=base_url,
            api_key=api_key,
            timeout=timeout,
            connect_timeout=connect_timeout,
            idle_timeout=idle_timeout,
            max_retries=max_retries,
            headers=headers,
            proxy=proxy,
            ca_bundle=ca_bundle,
        )
        self._use(Transport(native, {}))

    @cached_property
    def agents(self) -> Agents:
        """Workers that are spawned with a task."""
        from .agents import Agents

        return Agents(self._transport)

    @cached_property
    def channels(self) -> Channels:
        """Messages from channels of your own."""
        from .channels import Channels

        return Channels(self._transport)

    @cached_property
    def chat(self) -> Chat:
        """Messages to models."""
        from .chat import Chat

        return Chat(self._transport)

    @cached_property
    def events(self) -> Events:
        """What happened in this workspace."""
        from .events import Events

        return Events(self._transport)

    @cached_property
    def keys(self) -> Keys:
        """The API keys of this workspace."""
        from .keys import Keys

        return Keys(self._transport)

    @cached_property
    def models(self) -> Models:
        """The models that may be asked for."""
        from .gateway import Models

        return Models(self._transport)

    @cached_property
    def schedules(self) -> Schedules:
        """Agents that are spawned when their time comes."""
        from .schedules import Schedules

        return Schedules(self._transport)

    @cached_property
    def sessions(self) -> Sessions:
        """The conversations of this workspace."""
        from .sessions import Sessions

        return Sessions(self._transport)

    @cached_property
    def skills(self) -> Skills:
        """What agents may be granted."""
        from .skills import Skills

        return Skills(self._transport)

    @cached_property
    def status(self) -> GatewayStatus:
        """How the gateway is doing."""
        from .gateway import GatewayStatus

        return GatewayStatus(self._transport)

    @cached_property
    def usage(self) -> WorkspaceUsage:
        """Tokens used."""
        from .gateway import WorkspaceUsage

        return WorkspaceUsage(self._transport)

    @cached_property
    def webhooks(self) -> Webhooks:
        """Who is told of events."""
        from .webhooks import Webhooks

        return Webhooks(self._transport)

    def with_options(self, **options: Unpack[RequestOptions]) -> Self:
        """The same client, with other options for all its calls; it shares the connections."""
        other = type(self).__new__(type(self))
        other._use(self._transport.with_options(options))
        return other

    def close(self) -> None:
        """Let go of the connections. Not needed at the end of a program."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {_native.__version__}>"

    def _use(self, transport: Transport) -> None:
        self._transport = transport
