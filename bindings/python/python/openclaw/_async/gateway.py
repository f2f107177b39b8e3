"""`client.models`, `client.status`, `client.usage`: what the gateway offers, and how it is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._wire import given
from ..types import Model, Status, UsageBucket
from .page import AsyncPager
from .resource import AsyncResource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncModels(AsyncResource):
    """Lists models."""

    def list(self, **options: Unpack[RequestOptions]) -> AsyncPager[Model]:
        """List the models that may be asked for."""
        return self._transport.pages("models.list", {}, Model.model_validate, options)


class AsyncGatewayStatus(AsyncResource):
    """Asks how the gateway is doing."""

    async def get(self, **options: Unpack[RequestOptions]) -> Status:
        """Get version, uptime, queues and the health of the providers."""
        return await self._transport.call("status.get", {}, Status, options)


class AsyncWorkspaceUsage(AsyncResource):
    """Tokens used."""

    def list(
        self, *, since: str | None = None, until: str | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncPager[UsageBucket]:
        """List tokens used by day and model; `since` and `until` are days in UTC, `YYYY-MM-DD`."""
        return self._transport.pages("usage.list", given(since=since, until=until), UsageBucket.model_validate, options)
