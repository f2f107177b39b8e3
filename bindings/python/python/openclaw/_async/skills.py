"""`client.skills`: what agents may be granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import Skill
from .page import AsyncPager
from .resource import AsyncResource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncSkills(AsyncResource):
    """Lists skills."""

    @property
    def with_raw_response(self) -> AsyncSkillsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AsyncSkillsWithRawResponse(self)

    def list(self, **options: Unpack[RequestOptions]) -> AsyncPager[Skill]:
        """List what agents may be granted."""
        return self._transport.pages("skills.list", {}, Skill.model_validate, options)


class AsyncSkillsWithRawResponse:
    """The calls of `AsyncSkills`, each giving a `RawResponse`."""

    def __init__(self, skills: AsyncSkills) -> None:
        self.list = raw_response(skills.list)
