"""`client.sessions`: the conversations of this workspace, and what was said in them."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import Any, Literal, Mapping, TYPE_CHECKING

from .._wire import given
from ..types import Message, Session
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Sessions(Resource):
    """Reads, changes and deletes sessions. A session is made by its first message."""

    @property
    def with_raw_response(self) -> SessionsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return SessionsWithRawResponse(self)

    def get(self, id: str, **options: Unpack[RequestOptions]) -> Session:
        """Get a session by your name for it."""
        return self._transport.call("sessions.get", {"id": id}, Session, options)

    def list(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[Session]:
        """List the sessions, newest first; `limit` is the size of a page, 1 to 100."""
        return self._transport.pages("sessions.list", given(limit=limit, after=after), Session.model_validate, options)

    def update(
        self,
        id: str,
        *,
        title: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> Session:
        """Change title or metadata; what is absent stays."""
        arguments = given(id=id, title=title, metadata=metadata)
        return self._transport.call("sessions.update", arguments, Session, options)

    def delete(self, id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a session with its messages."""
        self._transport.done("sessions.delete", {"id": id}, options)

    def messages(
        self,
        id: str,
        *,
        order: Literal["asc", "desc"] | None = None,
        limit: int | None = None,
        after: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Page[Message]:
        """List what was said, oldest first, or newest first with `order="desc"`."""
        arguments = given(id=id, order=order, limit=limit, after=after)
        return self._transport.pages("sessions.messages", arguments, Message.model_validate, options)


class SessionsWithRawResponse:
    """The calls of `Sessions`, each giving a `RawResponse`."""

    def __init__(self, sessions: Sessions) -> None:
        self.get = raw_response(sessions.get)
        self.list = raw_response(sessions.list)
        self.update = raw_response(sessions.update)
        self.delete = raw_response(sessions.delete)
        self.messages = raw_response(sessions.messages)
