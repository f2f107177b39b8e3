"""The calls of a resource, each giving what its answer told beside its reply."""

from __future__ import annotations

from functools import wraps
from typing import Any, Awaitable, Callable, ParamSpec, TypeVar, cast

from .._response import RawResponse, Seen

P = ParamSpec("P")
R = TypeVar("R")


def raw_response(call: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[RawResponse[R]]]:
    """Make a call give a `RawResponse` of its reply."""

    @wraps(call)
    async def wrapped(*args: P.args, **kwargs: P.kwargs) -> RawResponse[R]:
        seen = Seen()
        return seen.beside(await cast(Any, call)(*args, **kwargs, _response=seen))

    return wrapped
