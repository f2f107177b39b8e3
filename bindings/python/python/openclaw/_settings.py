"""What a client is made of."""

from __future__ import annotations

import sys
from typing import Any, Mapping

from . import _log, _native


def native_client(*, headers: Mapping[str, str] | None, ca_bundle: str | bytes | None, **settings: Any) -> _native.Client:
    """Make the native client of a Python one."""
    _log.set_up_from_environment()
    return _native.Client(
        user_agent=_user_agent(), headers=list(headers.items()) if headers else None, ca_pem=_pem(ca_bundle), **settings
    )


def _pem(ca_bundle: str | bytes | None) -> bytes | None:
    if not isinstance(ca_bundle, str):
        return ca_bundle
    with open(ca_bundle, "rb") as file:
        return file.read()


def _user_agent() -> str:
    python = ".".join(map(str, sys.version_info[:3]))
    return f"openclaw-python/{_native.__version__} {sys.implementation.name}/{python} {sys.platform}"
