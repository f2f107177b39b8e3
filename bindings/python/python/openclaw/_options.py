"""How one call is to go, where it differs from what the client was made with."""

from __future__ import annotations

from typing import Mapping, Optional, TypedDict, Union, cast

from ._log import level
from ._response import seen_by


class CallOptions(TypedDict, total=False):
    """Options of every call."""

    max_retries: int
    """How often to try again at most; 0 for a single try."""

    extra_headers: Mapping[str, str]
    """Headers to add, in place of the client's own of that name."""

    idempotency_key: str
    """Names the call, so that sending it twice, even from two processes, does it once; otherwise drawn at random."""


class RequestOptions(CallOptions, total=False):
    """Options of a call, and how long it may take."""

    timeout: float
    """The longest that the call may take, in seconds, retries included; for a stream, until its first byte."""


class TimedOptions(CallOptions, total=False):
    """Options of a call that has a `timeout` of its own."""

    request_timeout: float
    """The longest that one request may take, in seconds, retries included."""


AnyOptions = Union[RequestOptions, TimedOptions]

NativeOptions = tuple[Optional[float], Optional[int], Optional[list[tuple[str, str]]], Optional[str], bool, int]
"""What the native module takes: timeout, max_retries, headers, idempotency_key, whether the response is wanted, and the
level of the log that is heard."""

_NONE: NativeOptions = (None, None, None, None, False, 0)
_KNOWN = CallOptions.__annotations__.keys() | {"timeout", "request_timeout", "_response"}


def merged(defaults: RequestOptions, options: AnyOptions) -> RequestOptions:
    """The options of a call over the defaults of its client; a name that is no option is a `TypeError`."""
    if unknown := options.keys() - _KNOWN:
        raise TypeError(f"got an unexpected keyword argument {min(unknown)!r}")
    both = {**defaults, **options}
    if "request_timeout" in both:
        both["timeout"] = both.pop("request_timeout")
    if defaults.get("extra_headers") and options.get("extra_headers"):
        both["extra_headers"] = {**defaults["extra_headers"], **options["extra_headers"]}
    return cast(RequestOptions, both)


def native(defaults: RequestOptions, options: AnyOptions) -> NativeOptions:
    """The options of a call as the native module takes them."""
    log = level()
    if not options and not defaults and not log:
        return _NONE
    both = merged(defaults, options)
    headers = both.get("extra_headers")
    return (
        both.get("timeout"),
        both.get("max_retries"),
        list(headers.items()) if headers else None,
        both.get("idempotency_key"),
        seen_by(options) is not None,
        log,
    )
