"""JSON in and out."""

from __future__ import annotations

from json import JSONEncoder, loads
from typing import TYPE_CHECKING, Any, Iterator, TypeVar

from ._model import Model

if TYPE_CHECKING:
    from . import _native

M = TypeVar("M", bound=Model)


def given(**arguments: Any) -> dict[str, Any]:
    """The arguments that were given: those that are not `None`."""
    return {name: value for name, value in arguments.items() if value is not None}


def encode(arguments: dict[str, Any]) -> bytes:
    """The arguments of a call as JSON."""
    return _encode(arguments).encode()


def decode(model: type[M], reply: tuple[bytes, str | None, _native.Response | None]) -> M:
    """A reply as an object of that class."""
    body, request_id, _ = reply
    return model.model_validate(loads(body), request_id)


def events(batch: str) -> Iterator[dict[str, Any]]:
    """The events of a batch: `{"event", "id", "data"}` each, chunks that came as contents beside what they share too.

    An empty text has none.
    """
    for item in loads(batch) if batch else ():
        shared = item.get("of")
        if shared is None:
            yield item
        else:
            for content in item["contents"]:
                yield {"event": "chunk", "id": None, "data": {**shared, "content": content}}


def _plain(value: object) -> Any:
    """What JSON has no word for: a reply that goes into a request, or any mapping."""
    if isinstance(value, Model):
        return value.model_dump()
    if hasattr(value, "keys"):
        return dict(value)  # type: ignore[call-overload]
    raise TypeError(f"{type(value).__name__!r} cannot be sent: give text, numbers, lists and dicts")


_encode = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode
