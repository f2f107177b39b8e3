"""`client.keys`: the API keys of this workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

from .._wire import given
from ..types import CreatedKey, Key, Scope
from .page import AsyncPager
from .resource import AsyncResource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncKeys(AsyncResource):
    """Makes, lists and revokes API keys."""

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
