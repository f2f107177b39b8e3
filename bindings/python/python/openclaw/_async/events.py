"""`client.events`: what happened in this workspace, read back or followed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Sequence

from .._wire import given
from ..types import WebhookEvent
from .page import AsyncPager
from .resource import AsyncResource
from .response import raw_response
from .stream import AsyncStream

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncEventStream(AsyncStream[WebhookEvent]):
    """Events as they happen. A broken connection is taken up again after the last event that was given."""

    last_event_id: str | None = None
    """The id of the last event that was given: to go on after it, in another process."""

    def _accept(self, event: dict[str, Any]) -> WebhookEvent:
        self.last_event_id = event["id"] or self.last_event_id
        return WebhookEvent.model_validate(event["data"])


class AsyncEvents(AsyncResource):
    """Reads and follows events."""

    @property
    def with_raw_response(self) -> AsyncEventsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncEventsWithRawResponse(self)

    async def get(self, id: str, **options: Unpack[RequestOptions]) -> WebhookEvent:
        """Get an event by its id, `evt_…`."""
        return await self._transport.call("events.get", {"id": id}, WebhookEvent, options)

    def list(
        self,
        *,
        events: Sequence[str] | None = None,
        limit: int | None = None,
        after: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncPager[WebhookEvent]:
        """List events, oldest first.

        `events` are names or patterns: `agent.*` is all of a noun, `*` every documented one. The id of an event is what
        `after` takes.
        """
        arguments = given(events=events, limit=limit, after=after)
        return self._transport.pages("events.list", arguments, WebhookEvent.model_validate, options)

    def stream(
        self,
        *,
        events: Sequence[str] | None = None,
        last_event_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncEventStream:
        """Follow events from now on, or after the one with `last_event_id`. It never ends by itself."""
        arguments = given(events=events, last_event_id=last_event_id)
        return self._transport.stream(AsyncEventStream, "events.stream", arguments, options)


class AsyncEventsWithRawResponse:
    """The calls of `AsyncEvents`, each giving a `RawResponse`."""

    def __init__(self, events: AsyncEvents) -> None:
        self.get = raw_response(events.get)
        self.list = raw_response(events.list)
        self.stream = raw_response(events.stream)
