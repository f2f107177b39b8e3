"""`client.skills`: what agents may be granted."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import TYPE_CHECKING

from ..types import Skill
from .page import Page
from .resource import Resource

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Skills(Resource):
    """Lists skills."""

    def list(self, **options: Unpack[RequestOptions]) -> Page[Skill]:
        """List what agents may be granted."""
        return self._transport.pages("skills.list", {}, Skill.model_validate, options)
