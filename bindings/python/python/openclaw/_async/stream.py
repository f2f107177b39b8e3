"""Streamed replies: taken piece by piece, closed early without a leak."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Generator, Generic, Iterator, TypeVar

from .._wire import events
from .batch import next_batch

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from .. import _native
    from .._response import Seen

T = TypeVar("T")


class AsyncStream(Generic[T]):
    """A streamed reply: iterate over it, once.

    Leaving a `with` block, `close()`, or letting go of it hangs up, and the gateway stops its work. It may be used without
    `with` too.
    """

    def __init__(self, start: Callable[[], _native.Stream], seen: Seen | None = None) -> None:
        self._start = start
        self._seen = seen
        self._native: _native.Stream | None = None
        self._batch: Iterator[dict[str, Any]] = iter(())
        self._is_closed = False

    @property
    def request_id(self) -> str | None:
        """The id of the request, to find it in the gateway's log; once it has begun, where there is one request."""
        return self._native.request_id if self._native else None

    async def begin(self) -> None:
        """Wait until it has begun, or raise why it cannot. Iterating does so too."""
        if self._native is None and not self._is_closed:
            self._native = self._start()
            await self._fetch(self._native)
            if self._seen is not None:
                self._seen.see(self._native.response)

    async def close(self) -> None:
        """Hang up. Iterating then ends."""
        self._is_closed = True
        if self._native is not None:
            self._native.close()

    async def __anext__(self) -> T:
        if self._native is None:
            await self.begin()
        while self._native is not None and not self._is_closed:
            for event in self._batch:
                item = self._accept(event)
                if item is not None:
                    return item
            await self._fetch(self._native)
        raise StopAsyncIteration

    def __aiter__(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        await self.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    # async only
    def __await__(self) -> Generator[Any, None, Self]:
        """`stream = await client.chat.stream(…)`: wait until it has begun."""
        yield from self.begin().__await__()
        return self

    # end

    async def _fetch(self, stream: _native.Stream) -> None:
        """Take what comes next, or close at the end."""
        batch = await next_batch(stream)
        self._batch = events(batch)
        if not batch:
            self._is_closed = True

    def _accept(self, event: dict[str, Any]) -> T | None:
        """The item that an event is, if it is one."""
        raise NotImplementedError
