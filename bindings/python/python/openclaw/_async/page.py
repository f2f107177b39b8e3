"""Lists: a page at a time, or all rows, fetched page by page as they are taken."""

from __future__ import annotations

from typing import Any, AsyncIterator, Awaitable, Callable, Generator, Generic, TypeVar

from .._errors import APIDecodeError

T = TypeVar("T")


class AsyncPage(Generic[T]):
    """A page of a list. Iterating gives its rows, then those of the pages that follow."""

    data: list[T]
    """The rows of this page."""
    has_more: bool
    """Whether more rows follow."""
    next: str | None
    """What to pass as `after` for the next page; `None` on the last."""
    _request_id: str | None
    """The id of the request, to find it in the gateway's log; public in spite of its name."""

    def __init__(
        self,
        build: Callable[[dict[str, Any]], T],
        page: dict[str, Any],
        fetch: Callable[[str | None], Awaitable[AsyncPage[T]]],
        request_id: str | None = None,
    ) -> None:
        if not isinstance(page.get("data"), list) or "has_more" not in page:
            problem = "the gateway's answer could not be read: it is no page of a list"
            raise APIDecodeError(problem, request_id=request_id)
        self._request_id = request_id
        self.data = [build(members) for members in page["data"]]
        self.has_more = page["has_more"]
        self.next = page.get("next")
        self._fetch = fetch

    async def next_page(self) -> AsyncPage[T] | None:
        """The page that follows; `None` after the last one."""
        if not self.has_more or self.next is None:
            return None
        page = await self._fetch(self.next)
        if page.next == self.next:
            raise APIDecodeError("the gateway's answer could not be read: the next page is the same page")
        return page

    async def __aiter__(self) -> AsyncIterator[T]:
        page: AsyncPage[T] | None = self
        while page is not None:
            for row in page.data:
                yield row
            page = await page.next_page()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(data={self.data!r}, has_more={self.has_more!r}, next={self.next!r})"


# async only
class AsyncPager(Generic[T]):
    """A list that nothing is fetched of yet: `await` it for its first page, or iterate over all rows."""

    def __init__(self, fetch: Callable[[str | None], Awaitable[AsyncPage[T]]]) -> None:
        self._fetch = fetch

    def __await__(self) -> Generator[Any, None, AsyncPage[T]]:
        return self._fetch(None).__await__()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for row in await self:
            yield row


# end
