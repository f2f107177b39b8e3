"""`client.schedules`: agents that are spawned when their time comes."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import Any, Mapping, Sequence, TYPE_CHECKING

from .. import types
from .._wire import given
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from .._options import RequestOptions


class Schedules(Resource):
    """Makes, changes, runs and deletes schedules."""

    @property
    def with_raw_response(self) -> SchedulesWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return SchedulesWithRawResponse(self)

    def create(
        self,
        *,
        name: str,
        agent: types.SpawnAgentRequestParam,
        cron: str | None = None,
        at: str | None = None,
        every: int | None = None,
        timezone: str | None = None,
        deliver_to: Sequence[str] | None = None,
        overlap: types.Overlap | None = None,
        catch_up: types.CatchUp | None = None,
        grace: int | None = None,
        jitter: int | None = None,
        enabled: bool | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> types.Schedule:
        """Make a schedule; the reply shows its next five slots.

        agent: what its agents are spawned with; only `task` is needed.
        cron, at, every: just one of them: five fields read in `timezone`, a moment (RFC 3339), or seconds.
        deliver_to: ids of endpoints that are sent what its agents found.
        overlap: what happens to a slot while the agent before it still runs. catch_up: and to slots that were missed.
        grace: how many seconds late a slot may still fire. jitter: the most seconds that are added to it.
        """
        arguments = given(
            name=name,
            agent=agent,
            cron=cron,
            at=at,
            every=every,
            timezone=timezone,
            deliver_to=deliver_to,
            overlap=overlap,
            catch_up=catch_up,
            grace=grace,
            jitter=jitter,
            enabled=enabled,
            metadata=metadata,
        )
        return self._transport.call("schedules.create", arguments, types.Schedule, options)

    def list(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[types.Schedule]:
        """List the schedules, newest first."""
        arguments = given(limit=limit, after=after)
        return self._transport.pages("schedules.list", arguments, types.Schedule.model_validate, options)

    def get(self, id: str, **options: Unpack[RequestOptions]) -> types.Schedule:
        """Get a schedule by its id, `sch_…`."""
        return self._transport.call("schedules.get", {"id": id}, types.Schedule, options)

    def update(
        self,
        id: str,
        *,
        name: str | None = None,
        agent: types.SpawnAgentRequestParam | None = None,
        cron: str | None = None,
        at: str | None = None,
        every: int | None = None,
        timezone: str | None = None,
        deliver_to: Sequence[str] | None = None,
        overlap: types.Overlap | None = None,
        catch_up: types.CatchUp | None = None,
        grace: int | None = None,
        jitter: int | None = None,
        enabled: bool | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[RequestOptions],
    ) -> types.Schedule:
        """Change a schedule; what is absent stays. `enabled=False` pauses it."""
        arguments = given(
            id=id,
            name=name,
            agent=agent,
            cron=cron,
            at=at,
            every=every,
            timezone=timezone,
            deliver_to=deliver_to,
            overlap=overlap,
            catch_up=catch_up,
            grace=grace,
            jitter=jitter,
            enabled=enabled,
            metadata=metadata,
        )
        return self._transport.call("schedules.update", arguments, types.Schedule, options)

    def delete(self, id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a schedule and its history; its agents stay."""
        self._transport.done("schedules.delete", {"id": id}, options)

    def run(self, id: str, **options: Unpack[RequestOptions]) -> types.ScheduleRun:
        """Run it now, paused or not, beside its slots."""
        return self._transport.call("schedules.run", {"id": id}, types.ScheduleRun, options)

    def runs(
        self, id: str, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[types.ScheduleRun]:
        """List what became of its slots, newest first."""
        arguments = given(id=id, limit=limit, after=after)
        return self._transport.pages("schedules.runs", arguments, types.ScheduleRun.model_validate, options)


class SchedulesWithRawResponse:
    """The calls of `Schedules`, each giving a `RawResponse`."""

    def __init__(self, schedules: Schedules) -> None:
        self.create = raw_response(schedules.create)
        self.list = raw_response(schedules.list)
        self.get = raw_response(schedules.get)
        self.update = raw_response(schedules.update)
        self.delete = raw_response(schedules.delete)
        self.run = raw_response(schedules.run)
        self.runs = raw_response(schedules.runs)
