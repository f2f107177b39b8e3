"""`client.models`, `client.status`, `client.usage`: what the gateway offers, and how it is doing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._wire import given
from ..types import Model, Status, UsageBucket
from .page import AsyncPager
from .resource import AsyncResource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncModels(AsyncResource):
    """Lists models."""

    @property
    def with_raw_response(self) -> AsyncModelsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncModelsWithRawResponse(self)

    def list(self, **options: Unpack[RequestOptions]) -> AsyncPager[Model]:
        """List the models that may be asked for."""
        return self._transport.pages("models.list", {}, Model.model_validate, options)


class AsyncModelsWithRawResponse:
    """The calls of `AsyncModels`, each giving a `RawResponse`."""

    def __init__(self, models: AsyncModels) -> None:
        self.list = raw_response(models.list)


class AsyncGatewayStatus(AsyncResource):
    """Asks how the gateway is doing."""

    @property
    def with_raw_response(self) -> AsyncGatewayStatusWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncGatewayStatusWithRawResponse(self)

    async def get(self, **options: Unpack[RequestOptions]) -> Status:
        """Get version, uptime, queues and the health of the providers."""
        return await self._transport.call("status.get", {}, Status, options)


class AsyncGatewayStatusWithRawResponse:
    """The calls of `AsyncGatewayStatus`, each giving a `RawResponse`."""

    def __init__(self, status: AsyncGatewayStatus) -> None:
        self.get = raw_response(status.get)


class AsyncWorkspaceUsage(AsyncResource):
    """Tokens used."""

    @property
    def with_raw_response(self) -> AsyncWorkspaceUsageWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncWorkspaceUsageWithRawResponse(self)

    def list(
        self, *, since: str | None = None, until: str | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncPager[UsageBucket]:
        """List tokens used by day and model; `since` and `until` are days in UTC, `YYYY-MM-DD`."""
        return self._transport.pages("usage.list", given(since=since, until=until), UsageBucket.model_validate, options)


class AsyncWorkspaceUsageWithRawResponse:
    """The calls of `AsyncWorkspaceUsage`, each giving a `RawResponse`."""

    def __init__(self, usage: AsyncWorkspaceUsage) -> None:
        self.list = raw_response(usage.list)
