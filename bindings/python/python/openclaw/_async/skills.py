"""`client.skills`: what agents may be granted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import Skill
from .page import AsyncPager
from .resource import AsyncResource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class AsyncSkills(AsyncResource):
    """Lists skills."""

    def list(self, **options: Unpack[RequestOptions]) -> AsyncPager[Skill]:
        """List what agents may be granted."""
        return self._transport.pages("skills.list", {}, Skill.model_validate, options)
