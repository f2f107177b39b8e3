"""A reply beside what its answer told: status, headers, the body as it came."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Generic, Iterator, Mapping, TypeVar, cast

if TYPE_CHECKING:
    from . import _native
    from ._options import AnyOptions

T = TypeVar("T")


class Headers(Mapping[str, str]):
    """Headers of an answer; their names are found in any case."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            self._values[name] = f"{self._values[name]}, {value}" if name in self._values else value

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"


class RawResponse(Generic[T]):
    """A reply, parsed, and what its answer told; given by `with_raw_response`."""

    status_code: int
    """The HTTP status, of the 200s: others are raised."""
    headers: Headers
    """The headers of the answer."""
    request_id: str | None
    """The id of the request, to find it in the gateway's log."""
    retries_taken: int
    """How many tries went before the one that this answers."""
    content: bytes
    """The body as it came; of a stream, nothing: its events come by `parse()`."""

    def __init__(self, reply: T, response: _native.Response, content: bytes) -> None:
        self.status_code = response.status
        self.headers = Headers(response.headers)
        self.request_id = self.headers.get("x-request-id")
        self.retries_taken = response.retries
        self.content = content
        self._reply = reply

    @property
    def text(self) -> str:
        """The body as it came, as text."""
        return self.content.decode()

    def json(self) -> Any:
        """Give the body, decoded."""
        return json.loads(self.content)

    def parse(self) -> T:
        """Give what the call gives without `with_raw_response`: a reply, a page, a stream that has begun."""
        return self._reply

    def __repr__(self) -> str:
        return f"<RawResponse {self.status_code} {self.request_id}>"


class Seen:
    """Where a call puts its answer, if it is given one of these among its options."""

    def __init__(self) -> None:
        self._response: _native.Response | None = None
        self._content = b""

    def see(self, response: _native.Response | None, content: bytes = b"") -> None:
        """Keep the first answer: further pages are not the one that was asked for."""
        if self._response is None:
            self._response, self._content = response, content

    def beside(self, reply: T) -> RawResponse[T]:
        """Give a reply with its answer."""
        if self._response is None:
            raise RuntimeError("a call gave a reply and has seen no answer")
        return RawResponse(reply, self._response, self._content)


def seen_by(options: AnyOptions) -> Seen | None:
    """Give where a call is to put its answer; it is no option that users know."""
    return cast("dict[str, Any]", options).get("_response")
