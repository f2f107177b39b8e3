"""`client.models`, `client.status`, `client.usage`: what the gateway offers, and how it is doing."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import TYPE_CHECKING

from .._wire import given
from ..types import Model, Status, UsageBucket
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Models(Resource):
    """Lists models."""

    @property
    def with_raw_response(self) -> ModelsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return ModelsWithRawResponse(self)

    def list(self, **options: Unpack[RequestOptions]) -> Page[Model]:
        """List the models that may be asked for."""
        return self._transport.pages("models.list", {}, Model.model_validate, options)


class ModelsWithRawResponse:
    """The calls of `Models`, each giving a `RawResponse`."""

    def __init__(self, models: Models) -> None:
        self.list = raw_response(models.list)


class GatewayStatus(Resource):
    """Asks how the gateway is doing."""

    @property
    def with_raw_response(self) -> GatewayStatusWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return GatewayStatusWithRawResponse(self)

    def get(self, **options: Unpack[RequestOptions]) -> Status:
        """Get version, uptime, queues and the health of the providers."""
        return self._transport.call("status.get", {}, Status, options)


class GatewayStatusWithRawResponse:
    """The calls of `GatewayStatus`, each giving a `RawResponse`."""

    def __init__(self, status: GatewayStatus) -> None:
        self.get = raw_response(status.get)


class WorkspaceUsage(Resource):
    """Tokens used."""

    @property
    def with_raw_response(self) -> WorkspaceUsageWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return WorkspaceUsageWithRawResponse(self)

    def list(
        self, *, since: str | None = None, until: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[UsageBucket]:
        """List tokens used by day and model; `since` and `until` are days in UTC, `YYYY-MM-DD`."""
        return self._transport.pages("usage.list", given(since=since, until=until), UsageBucket.model_validate, options)


class WorkspaceUsageWithRawResponse:
    """The calls of `WorkspaceUsage`, each giving a `RawResponse`."""

    def __init__(self, usage: WorkspaceUsage) -> None:
        self.list = raw_response(usage.list)
