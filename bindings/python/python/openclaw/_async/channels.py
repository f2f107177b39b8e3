"""`client.channels`: messages that a bridge brings from a platform of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Mapping

from .._wire import given
from ..types import ChatContextParam, ChatResponse, UserParam
from .resource import AsyncResource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncChannels(AsyncResource):
    """Brings messages from channels that the gateway does not speak itself."""

    @property
    def with_raw_response(self) -> AsyncChannelsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncChannelsWithRawResponse(self)

    async def send(
        self,
        id: str,
        *,
        message: str,
        chat_id: str | None = None,
        session_id: str | None = None,
        user: UserParam | None = None,
        context: ChatContextParam | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> ChatResponse:
        """Bring a message of the channel of that name and wait for the whole reply.

        Just one of `chat_id`, the platform's id of the conversation, and `session_id`, a name of your own, is given. With the
        platform's id of the message as `idempotency_key`, one that it repeats is answered once.
        """
        arguments = given(
            id=id,
            message=message,
            chat_id=chat_id,
            session_id=session_id,
            user=user,
            context=context,
            metadata=metadata,
        )
        return await self._transport.call("channels.send", arguments, ChatResponse, options)


class AsyncChannelsWithRawResponse:
    """The calls of `AsyncChannels`, each giving a `RawResponse`."""

    def __init__(self, channels: AsyncChannels) -> None:
        self.send = raw_response(channels.send)
