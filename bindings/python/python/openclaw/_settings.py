"""What a client is made of."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Mapping

from . import _native


def native_client(*, headers: Mapping[str, str] | None, ca_bundle: str | bytes | None, **settings: Any) -> _native.Client:
    """Make the native client of a Python one."""
    pem = Path(ca_bundle).read_bytes() if isinstance(ca_bundle, str) else ca_bundle
    return _native.Client(
        user_agent=_user_agent(), headers=list(headers.items()) if headers else None, ca_pem=pem, **settings
    )


def _user_agent() -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return f"openclaw-python/{_native.__version__} {sys.implementation.name}/{python} {sys.platform}"
