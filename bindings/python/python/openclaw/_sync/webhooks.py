"""`client.webhooks`: who is told of events, and what came of telling them."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import Sequence, TYPE_CHECKING

from .._wire import given
from ..types import (
    CreatedEndpoint,
    Delivery,
    DeliveryStatus,
    DeliveryWithAttempts,
    Endpoint,
    EndpointFormat,
    EndpointStatus,
    EndpointWithQueue,
    EventName,
    RecoverResponse,
    RetryDeliveriesResponse,
)
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions
    from .transport import Transport


class Webhooks:
    """Webhooks: their endpoints, and the deliveries to them. To check what a receiver was sent, see `openclaw.Webhook`."""

    __slots__ = ("deliveries", "endpoints")

    def __init__(self, transport: Transport) -> None:
        self.endpoints = Endpoints(transport)
        self.deliveries = Deliveries(transport)


class Endpoints(Resource):
    """The receivers of events."""

    @property
    def with_raw_response(self) -> EndpointsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return EndpointsWithRawResponse(self)

    def create(
        self,
        *,
        url: str,
        events: Sequence[str],
        secret: str | None = None,
        format: EndpointFormat | None = None,
        template: str | None = None,
        description: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> CreatedEndpoint:
        """Make an endpoint. Its `secret`, made if you give none, is in this reply and nowhere else.

        `events` are names or patterns: `agent.*` is all of a noun, `*` every documented one. `format` is guessed from the
        URL's host; `template` words a chat robot's message.
        """
        arguments = given(
            url=url, events=events, secret=secret, format=format, template=template, description=description
        )
        return self._transport.call("webhooks.endpoints.create", arguments, CreatedEndpoint, options)

    def get(self, id: str, **options: Unpack[RequestOptions]) -> EndpointWithQueue:
        """Get an endpoint by its id, `whe_…`, and what waits for it."""
        return self._transport.call("webhooks.endpoints.get", {"id": id}, EndpointWithQueue, options)

    def list(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[Endpoint]:
        """List the endpoints, newest first."""
        return self._transport.pages("webhooks.endpoints.list", given(limit=limit, after=after), Endpoint.model_validate, options)

    def update(
        self,
        id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        format: EndpointFormat | None = None,
        template: str | None = None,
        description: str | None = None,
        status: EndpointStatus | None = None,
        **options: Unpack[RequestOptions],
    ) -> Endpoint:
        """Change an endpoint; what is absent stays. `status="disabled"` lets its deliveries wait."""
        arguments = given(
            id=id, url=url, events=events, format=format, template=template, description=description, status=status
        )
        return self._transport.call("webhooks.endpoints.update", arguments, Endpoint, options)

    def delete(self, id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete an endpoint; what was not delivered yet never is."""
        self._transport.done("webhooks.endpoints.delete", {"id": id}, options)

    def test(
        self, id: str, *, event: EventName | None = None, **options: Unpack[RequestOptions]
    ) -> DeliveryWithAttempts:
        """Send the endpoint a `webhook.test` event now, or a sample of another."""
        arguments = given(id=id, event=event)
        return self._transport.call("webhooks.endpoints.test", arguments, DeliveryWithAttempts, options)

    def rotate_secret(
        self,
        id: str,
        *,
        secret: str | None = None,
        overlap_seconds: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> CreatedEndpoint:
        """Give the endpoint a new secret; the old one goes on signing beside it, a day if you do not say."""
        arguments = given(id=id, secret=secret, overlap_seconds=overlap_seconds)
        return self._transport.call("webhooks.endpoints.rotate_secret", arguments, CreatedEndpoint, options)

    def recover(
        self,
        id: str,
        *,
        since: str,
        until: str | None = None,
        events: Sequence[str] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RecoverResponse:
        """Send again what happened from `since` to `until` and was not received; times are RFC 3339."""
        arguments = given(id=id, since=since, until=until, events=events)
        return self._transport.call("webhooks.endpoints.recover", arguments, RecoverResponse, options)


class EndpointsWithRawResponse:
    """The calls of `Endpoints`, each giving a `RawResponse`."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.create = raw_response(endpoints.create)
        self.get = raw_response(endpoints.get)
        self.list = raw_response(endpoints.list)
        self.update = raw_response(endpoints.update)
        self.delete = raw_response(endpoints.delete)
        self.test = raw_response(endpoints.test)
        self.rotate_secret = raw_response(endpoints.rotate_secret)
        self.recover = raw_response(endpoints.recover)


class Deliveries(Resource):
    """Each event to each endpoint."""

    @property
    def with_raw_response(self) -> DeliveriesWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return DeliveriesWithRawResponse(self)

    def get(self, id: str, **options: Unpack[RequestOptions]) -> DeliveryWithAttempts:
        """Get a delivery with its attempts, by its id, `dlv_…`."""
        return self._transport.call("webhooks.deliveries.get", {"id": id}, DeliveryWithAttempts, options)

    def list(
        self,
        *,
        endpoint_id: str | None = None,
        status: DeliveryStatus | None = None,
        event: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Page[Delivery]:
        """List deliveries, newest first."""
        arguments = given(endpoint_id=endpoint_id, status=status, event=event, limit=limit, after=after)
        return self._transport.pages("webhooks.deliveries.list", arguments, Delivery.model_validate, options)

    def retry(self, id: str, **options: Unpack[RequestOptions]) -> Delivery:
        """Send a delivery again now."""
        return self._transport.call("webhooks.deliveries.retry", {"id": id}, Delivery, options)

    def retry_matching(
        self,
        *,
        endpoint_id: str | None = None,
        event: EventName | None = None,
        status: DeliveryStatus | None = None,
        since: str | None = None,
        until: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> RetryDeliveriesResponse:
        """Send all deliveries again that match; while `has_more`, ask again. Times are RFC 3339."""
        arguments = given(endpoint_id=endpoint_id, event=event, status=status, since=since, until=until)
        return self._transport.call(
            "webhooks.deliveries.retry_matching", arguments, RetryDeliveriesResponse, options
        )


class DeliveriesWithRawResponse:
    """The calls of `Deliveries`, each giving a `RawResponse`."""

    def __init__(self, deliveries: Deliveries) -> None:
        self.get = raw_response(deliveries.get)
        self.list = raw_response(deliveries.list)
        self.retry = raw_response(deliveries.retry)
        self.retry_matching = raw_response(deliveries.retry_matching)
