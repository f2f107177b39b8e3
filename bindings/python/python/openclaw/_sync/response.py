"""The calls of a resource, each giving what its answer told beside its reply."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from functools import wraps
from typing import Any, Callable, ParamSpec, TypeVar, cast

from .._response import RawResponse, Seen

P = ParamSpec("P")
R = TypeVar("R")


def raw_response(call: Callable[P, R]) -> Callable[P, RawResponse[R]]:
    """Make a call give a `RawResponse` of its reply."""

    @wraps(call)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        seen = Seen()
        return seen.beside(cast(Any, call)(*args, **kwargs, _response=seen))

    return wrapped
