"""`client.skills`: what agents may be granted."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import Skill
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Skills(Resource):
    """Lists skills."""

    @property
    def with_raw_response(self) -> SkillsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return SkillsWithRawResponse(self)

    def list(self, **options: Unpack[RequestOptions]) -> Page[Skill]:
        """List what agents may be granted."""
        return self._transport.pages("skills.list", {}, Skill.model_validate, options)


class SkillsWithRawResponse:
    """The calls of `Skills`, each giving a `RawResponse`."""

    def __init__(self, skills: Skills) -> None:
        self.list = raw_response(skills.list)
