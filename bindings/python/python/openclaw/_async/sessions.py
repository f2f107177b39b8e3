"""`client.sessions`: the conversations of this workspace, and what was said in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Mapping

from .._wire import given
from ..types import Message, Session
from .page import AsyncPager
from .resource import AsyncResource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncSessions(AsyncResource):
    """Reads, changes and deletes sessions. A session is made by its first message."""

    @property
    def with_raw_response(self) -> AsyncSessionsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncSessionsWithRawResponse(self)

    async def get(self, id: str, **options: Unpack[RequestOptions]) -> Session:
        """Get a session by your name for it."""
        return await self._transport.call("sessions.get", {"id": id}, Session, options)

    def list(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncPager[Session]:
        """List the sessions, newest first; `limit` is the size of a page, 1 to 100."""
        return self._transport.pages("sessions.list", given(limit=limit, after=after), Session.model_validate, options)

    async def update(
        self,
        id: str,
        *,
        title: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Session:
        """Change title or metadata; what is absent stays."""
        arguments = given(id=id, title=title, metadata=metadata)
        return await self._transport.call("sessions.update", arguments, Session, options)

    async def delete(self, id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a session with its messages."""
        await self._transport.done("sessions.delete", {"id": id}, options)

    def messages(
        self,
        id: str,
        *,
        order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        after: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncPager[Message]:
        """List what was said, oldest first, or newest first with `order="desc"`."""
        arguments = given(id=id, order=order, limit=limit, after=after)
        return self._transport.pages("sessions.messages", arguments, Message.model_validate, options)


class AsyncSessionsWithRawResponse:
    """The calls of `AsyncSessions`, each giving a `RawResponse`."""

    def __init__(self, sessions: AsyncSessions) -> None:
        self.get = raw_response(sessions.get)
        self.list = raw_response(sessions.list)
        self.update = raw_response(sessions.update)
        self.delete = raw_response(sessions.delete)
        self.messages = raw_response(sessions.messages)
