"""What a stream has, awaited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _log
from .._bridge import bridge

if TYPE_CHECKING:
    from .. import _native


async def next_batch(stream: _native.Stream) -> str:
    """All that a stream has, once it has something; empty at its end."""
    try:
        batch = stream.take()
        while batch is None:
            await bridge().arrival(stream)
            batch = stream.take()
        return batch
    finally:
        if stream.is_logged:
            _log.tell(stream)
