"""`client.models`, `client.status`, `client.usage`: what the gateway offers, and how it is doing."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import TYPE_CHECKING

from .._wire import given
from ..types import Model, Status, UsageBucket
from .page import Page
from .resource import Resource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Models(Resource):
    """Lists models."""

    def list(self, **options: Unpack[RequestOptions]) -> Page[Model]:
        """List the models that may be asked for."""
        return self._transport.pages("models.list", {}, Model.model_validate, options)


class GatewayStatus(Resource):
    """Asks how the gateway is doing."""

    def get(self, **options: Unpack[RequestOptions]) -> Status:
        """Get version, uptime, queues and the health of the providers."""
        return self._transport.call("status.get", {}, Status, options)


class WorkspaceUsage(Resource):
    """Tokens used."""

    def list(
        self, *, since: str | None = None, until: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[UsageBucket]:
        """List tokens used by day and model; `since` and `until` are days in UTC, `YYYY-MM-DD`."""
        return self._transport.pages("usage.list", given(since=since, until=until), UsageBucket.model_validate, options)
