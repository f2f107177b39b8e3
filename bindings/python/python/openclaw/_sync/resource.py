"""What every resource is: a way to the gateway."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .transport import Transport


class Resource:
    """Calls about one noun."""

    __slots__ = ("_transport",)

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
