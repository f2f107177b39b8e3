"""`client.keys`: the API keys of this workspace."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import Sequence, TYPE_CHECKING

from .._wire import given
from ..types import CreatedKey, Key, Scope
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Keys(Resource):
    """Makes, lists and revokes API keys."""

    @property
    def with_raw_response(self) -> KeysWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return KeysWithRawResponse(self)

    def create(
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
        return self._transport.call("keys.create", arguments, CreatedKey, options)

    def list(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[Key]:
        """List the keys, without their secrets."""
        return self._transport.pages("keys.list", given(limit=limit, after=after), Key.model_validate, options)

    def revoke(self, id: str, **options: Unpack[RequestOptions]) -> None:
        """Revoke a key by its id; it stops working everywhere within a second."""
        self._transport.done("keys.revoke", {"id": id}, options)


class KeysWithRawResponse:
    """The calls of `Keys`, each giving a `RawResponse`."""

    def __init__(self, keys: Keys) -> None:
        self.create = raw_response(keys.create)
        self.list = raw_response(keys.list)
        self.revoke = raw_response(keys.revoke)
