"""`client.chat`: one message in, one reply out, whole or in chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, AsyncIterator, Mapping

from .._errors import APIInterruptedError
from .._wire import given
from ..types import ChatChunk, ChatContextParam, ChatResponse, UserParam
from .resource import AsyncResource
from .response import raw_response
from .stream import AsyncStream

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncChatStream(AsyncStream[ChatChunk]):
    """A reply as it comes: chunks, whose `content` joined is that of the whole reply."""

    _final: ChatResponse | None = None

    async def get_final_response(self) -> ChatResponse:
        """The whole reply, with model and usage; passes over the chunks that were not taken.

        After the stream has raised or was closed early, this is an `APIInterruptedError`.
        """
        async for _ in self:
            pass
        if self._final is None:
            raise APIInterruptedError("the stream ended before its reply was whole", request_id=self.request_id)
        return self._final

    @property
    def text_stream(self) -> AsyncIterator[str]:
        """The contents of the chunks."""
        return self._texts()

    async def _texts(self) -> AsyncIterator[str]:
        async for chunk in self:
            yield chunk.content

    def _accept(self, event: dict[str, Any]) -> ChatChunk | None:
        if event["event"] == "chunk":
            return ChatChunk.model_validate(event["data"])
        if event["event"] == "done":
            self._final = ChatResponse.model_validate(event["data"], self.request_id)
        return None


class AsyncChat(AsyncResource):
    """Sends messages."""

    @property
    def with_raw_response(self) -> AsyncChatWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncChatWithRawResponse(self)

    async def send(
        self,
        *,
        message: str,
        session_id: str | None = None,
        context: ChatContextParam | None = None,
        channel: str | None = None,
        user: UserParam | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> ChatResponse:
        """Send a message and wait for the whole reply.

        `session_id` is your name for the conversation, made by its first message; absent: a new one is drawn. `context`
        says which model answers and how: `{"model": "claude-3-5-sonnet", "temperature": 0.7}`. `channel` and `user` say
        where the message came from, `metadata` is yours.
        """
        arguments = given(
            session_id=session_id, message=message, context=context, channel=channel, user=user, metadata=metadata
        )
        return await self._transport.call("chat.send", arguments, ChatResponse, options)

    def stream(
        self,
        *,
        message: str,
        session_id: str | None = None,
        context: ChatContextParam | None = None,
        channel: str | None = None,
        user: UserParam | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> AsyncChatStream:
        """Send a message and take the reply as it comes; the arguments are those of `send`.

        Hanging up early stops the model; what it had said is kept in the session.
        """
        arguments = given(
            session_id=session_id, message=message, context=context, channel=channel, user=user, metadata=metadata
        )
        return self._transport.stream(AsyncChatStream, "chat.stream", arguments, options)


class AsyncChatWithRawResponse:
    """The calls of `AsyncChat`, each giving a `RawResponse`."""

    def __init__(self, chat: AsyncChat) -> None:
        self.send = raw_response(chat.send)
        self.stream = raw_response(chat.stream)
