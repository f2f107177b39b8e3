"""The base of every reply: its JSON members as attributes, nested ones built when they are first asked for.

A reply is the decoded JSON with a face. What a newer gateway adds is kept, and can be read by its name.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar, Mapping, NoReturn

if TYPE_CHECKING:
    from typing_extensions import Self

Nested = Mapping[str, "tuple[str, str]"]
"""Members to build: name → (`one`, `list` or `map`; name of the class in `types`)."""
Tagged = Mapping[str, "tuple[str, Mapping[str, str]]"]
"""Members whose class another member names: name → (that other member; its word → name of the class in `types`)."""

_TYPES = __name__.rpartition(".")[0] + ".types"


class Model:
    """A reply of the gateway. It cannot be changed; two are equal if they are of one class and tell the same."""

    __slots__ = ("_built", "_members", "_request_id")
    __hash__ = None  # type: ignore[assignment]  # It holds dicts and lists.

    _nested: ClassVar[Nested] = {}
    _tagged: ClassVar[Tagged] = {}
    _members: dict[str, Any]
    _built: dict[str, Any]
    _request_id: str | None
    """The id of the request that this is the reply to, to find it in the gateway's log; public in spite of its name."""

    def __init__(self, **members: Any) -> None:
        """Make one of its members as they are on the wire, as tests do."""
        object.__setattr__(self, "_members", members)
        object.__setattr__(self, "_built", {})
        object.__setattr__(self, "_request_id", None)

    @classmethod
    def model_validate(cls, members: dict[str, Any], request_id: str | None = None) -> Self:
        """Make one of decoded JSON, which it keeps; nothing is checked."""
        model = cls.__new__(cls)
        object.__setattr__(model, "_members", members)
        object.__setattr__(model, "_built", {})
        object.__setattr__(model, "_request_id", request_id)
        return model

    def model_dump(self) -> dict[str, Any]:
        """Give a copy of the decoded JSON, members that this version does not know included."""
        from copy import deepcopy

        return deepcopy(self._members)

    def model_dump_json(self, *, indent: int | None = None) -> str:
        """Give the JSON, members that this version does not know included."""
        separators = (",", ":") if indent is None else None
        return json.dumps(self._members, ensure_ascii=False, indent=indent, separators=separators)

    @property
    def model_extra(self) -> dict[str, Any]:
        """The members that this version does not know, as decoded JSON."""
        known = _known(type(self))
        return {name: value for name, value in self._members.items() if name not in known}

    if not TYPE_CHECKING:  # Or every misspelt attribute would pass.

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            value = self._members.get(name)
            if value is None:
                if name in self._members or name in _known(type(self)):
                    return None
                raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}", name=name, obj=self)
            if name not in self._nested and name not in self._tagged:
                return value
            built = self._built.get(name)
            if built is None:
                built = self._built[name] = self._build(name, value)
            return built

    def _build(self, name: str, value: Any) -> Any:
        if name in self._nested:
            how, class_name = self._nested[name]
        else:
            tag, classes = self._tagged[name]
            # Too large to be sent, it tells where it is.
            thin = value.__class__ is dict and value.get("thin") is True
            how, class_name = "one", "ThinEvent" if thin else classes.get(self._members.get(tag, ""), "")
        of_class: type[Model] | None = vars(sys.modules[_TYPES]).get(class_name)
        if of_class is None:
            return value
        kind = value.__class__
        if how == "list" and kind is list:
            return [_built(of_class, item) for item in value]
        if how == "map" and kind is dict:
            return {key: _built(of_class, item) for key, item in value.items()}
        return _built(of_class, value) if how == "one" else value

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__!r} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__!r} cannot be changed")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Model) or type(self) is not type(other):
            return NotImplemented
        return self._members == other._members

    def __repr__(self) -> str:
        members = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._members if not name.startswith("_"))
        return f"{type(self).__name__}({members})"

    def __dir__(self) -> list[str]:
        return [*object.__dir__(self), *self._members, *_known(type(self))]

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self).model_validate, (self._members, self._request_id)


_known_by_class: dict[type, frozenset[str]] = {}


def _known(of_class: type) -> frozenset[str]:
    """The members that a class and its bases declare."""
    known = _known_by_class.get(of_class)
    if known is None:
        bases = [base for base in of_class.__mro__ if issubclass(base, Model)]
        known = _known_by_class[of_class] = frozenset(name for base in bases for name in base.__annotations__)
    return known


def _built(of_class: type[Model], value: Any) -> Any:
    """The value in its class; as it is if a newer gateway put something else there."""
    return of_class.model_validate(value) if value.__class__ is dict else value
