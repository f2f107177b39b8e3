"""The log: what calls tell of themselves goes to the standard logger `openclaw`.

The native module keeps the lines until a thread of Python takes them, with a reply or a batch; each has its own time. Nothing
is kept while nobody would hear it, and `logging` is not imported for it.
"""

from __future__ import annotations

import os
import sys
from json import loads
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from logging import Logger

DEBUG, INFO = 10, 20  # As `logging` has them.
_FORMAT = "[%(asctime)s %(name)s %(levelname)s] %(message)s"
_logger: Logger | None = None


class Source(Protocol):
    """Who keeps lines."""

    def take_log(self) -> str | None:
        """All lines since this was last asked, as JSON."""


def set_up_from_environment() -> None:
    """Have the log written to standard error if `OPENCLAW_LOG` says so: `info` or `debug`."""
    wanted = {"debug": DEBUG, "info": INFO}.get(os.environ.get("OPENCLAW_LOG", "").lower())
    if wanted is None:
        return
    import logging

    logger = logging.getLogger("openclaw")
    logger.setLevel(wanted)
    if not logger.hasHandlers():
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter(_FORMAT))
        logger.addHandler(handler)


def level() -> int:
    """What is heard: `DEBUG` and up, `INFO` and up, or 0 for nothing."""
    global _logger
    if _logger is None:
        logging = sys.modules.get("logging")
        if logging is None:  # So nobody has asked for anything.
            return 0
        _logger = logging.getLogger("openclaw")
    if not _logger.isEnabledFor(INFO):
        return 0
    return DEBUG if _logger.isEnabledFor(DEBUG) else INFO


def tell(source: Source) -> None:
    """Tell the logger what a source has kept."""
    lines = source.take_log()
    if lines is None or _logger is None:
        return
    for told in loads(lines):
        weight = DEBUG if told.pop("level") == "debug" else INFO
        at, message = told.pop("time_ms"), told.pop("message")
        if _logger.isEnabledFor(weight):
            record = _logger.makeRecord(_logger.name, weight, "(openclaw)", 0, message, (), None, extra=told)
            record.created, record.msecs = at / 1000, at % 1000
            _logger.handle(record)
