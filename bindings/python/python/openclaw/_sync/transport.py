"""The way to the gateway, waited for."""

from __future__ import annotations

from json import loads
from typing import Any, Callable, TypeVar

from .. import _log, _native
from .._errors import ConfigError
from .._model import Model
from .._options import AnyOptions, RequestOptions, merged, native
from .._response import seen_by
from .._wire import decode, encode
from .page import Page
from .stream import Stream

M = TypeVar("M", bound=Model)
T = TypeVar("T")
S = TypeVar("S", bound=Stream[Any])


class Transport:
    """One gateway and one key, and the options of every call."""

    def __init__(self, client: _native.Client | None, defaults: RequestOptions) -> None:
        self._client = client
        self._defaults = defaults

    def with_options(self, options: RequestOptions) -> Transport:
        """The same with other options for every call."""
        return Transport(self._client, merged(self._defaults, options))

    def close(self) -> None:
        """Let go of the connections, once no call uses them."""
        self._client = None

    def call(self, operation: str, arguments: dict[str, Any], model: type[M], options: AnyOptions) -> M:
        """Call, and give the reply."""
        return decode(model, self._replied(operation, arguments, options))

    def done(self, operation: str, arguments: dict[str, Any], options: AnyOptions) -> None:
        """Call; there is no reply."""
        self._replied(operation, arguments, options)

    def pages(
        self, operation: str, arguments: dict[str, Any], build: Callable[[dict[str, Any]], T], options: AnyOptions
    ) -> Page[T]:
        """The first page of a list."""

        def fetch(after: str | None) -> Page[T]:
            begin = {**arguments, "after": after} if after else arguments
            body, request_id, _ = self._replied(operation, begin, options)
            return Page(build, loads(body), fetch, request_id)

        return fetch(None)

    def stream(self, of_class: type[S], operation: str, arguments: dict[str, Any], options: AnyOptions) -> S:
        """A streamed reply that has begun."""

        def start() -> _native.Stream:
            return self._open().stream(operation, encode(arguments), native(self._defaults, options))

        stream = of_class(start, seen_by(options))
        stream.begin()
        return stream

    def _replied(
        self, operation: str, arguments: dict[str, Any], options: AnyOptions
    ) -> tuple[bytes, str | None, _native.Response | None]:
        client, given = self._open(), native(self._defaults, options)
        try:
            reply = client.call(operation, encode(arguments), given)
        finally:
            if given[-1]:
                _log.tell(client)
        if seen := seen_by(options):
            seen.see(reply[2], reply[0])
        return reply

    def _open(self) -> _native.Client:
        if self._client is None:
            raise ConfigError("the client is closed")
        return self._client
