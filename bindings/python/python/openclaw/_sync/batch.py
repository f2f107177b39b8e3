"""What a stream has, waited for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import _log

if TYPE_CHECKING:
    from .. import _native


def next_batch(stream: _native.Stream) -> str:
    """All that a stream has, once it has something; empty at its end."""
    try:
        return stream.next()
    finally:
        if stream.is_logged:
            _log.tell(stream)
