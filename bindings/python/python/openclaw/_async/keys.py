"""`client.keys`: the API keys of this workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

from .._wire import given
from ..types import CreatedKey, Key, Scope
from .page import AsyncPager
from .resource import AsyncResource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncKeys(AsyncResource):
    """Makes, lists and revokes API keys."""

    @property
    def with_raw_response(self) -> AsyncKeysWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncKeysWithRawResponse(self)

    async def create(
        self,
        *,
        name: str,
        workspace: str | None = None,
        scopes: Sequence[Scope] | None = None,
        expires_at: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> CreatedKey:
        """Make a key. Its `secret` is in this reply and nowhere else."""
        arguments = given(name=name, workspace=workspace, scopes=scopes, expires_at=expires_at)
        return await self._transport.call("keys.create", arguments, CreatedKey, options)

    def list(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncPager[Key]:
        """List the keys, without their secrets."""
        return self._transport.pages("keys.list", given(limit=limit, after=after), Key.model_validate, options)

    async def revoke(self, id: str, **options: Unpack[RequestOptions]) -> None:
        """Revoke a key by its id; it stops working everywhere within a second."""
        await self._transport.done("keys.revoke", {"id": id}, options)


class AsyncKeysWithRawResponse:
    """The calls of `AsyncKeys`, each giving a `RawResponse`."""

    def __init__(self, keys: AsyncKeys) -> None:
        self.create = raw_response(keys.create)
        self.list = raw_response(keys.list)
        self.revoke = raw_response(keys.revoke)
