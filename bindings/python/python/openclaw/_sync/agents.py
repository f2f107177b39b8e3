"""`client.agents`: workers that are spawned with a task and end with an output or an error."""

# Made by scripts/unasync.py of the module of that name in `_async`; do not edit.

from __future__ import annotations

from typing import Any, Literal, Mapping, Sequence, TYPE_CHECKING

from .. import types
from .._errors import AgentFailedError
from .._wire import given
from .events import EventStream
from .page import Page
from .resource import Resource
from .response import raw_response

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from .._options import RequestOptions, TimedOptions
    from .transport import Transport


class Agent(types.Agent):
    """A worker, as it stood when last heard of, and what can be done with it."""

    __slots__ = ("_transport",)
    _transport: Transport

    def wait_for_completion(self, timeout: float | None = None, **options: Unpack[TimedOptions]) -> Self:
        """Wait until it has ended, however, or needs an answer, and give it: what it found is in `output`.

        See `status` for how it ended, or call `raise_for_status()`. Raises `APITimeoutError` (a `TimeoutError`) if it still
        works after `timeout` seconds; it then works on. Without a timeout, that of the agent is the bound.
        """
        return self._heard("agents.wait_for_completion", given(id=self.id, timeout=timeout), options)

    def raise_for_status(self) -> Self:
        """Raise `AgentFailedError` if it failed, was cancelled or needs an answer; else give it."""
        if self.status not in ("queued", "running", "completed"):
            raise AgentFailedError(_why(self), self)
        return self

    def events(
        self, *, last_event_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> EventStream:
        """Follow what it does, from its beginning or after an event, to its end."""
        arguments = given(id=self.id, last_event_id=last_event_id)
        return self._transport.stream(EventStream, "agents.events", arguments, options)

    def refresh(self, **options: Unpack[RequestOptions]) -> Self:
        """Ask how it stands now, and give it."""
        return self._heard("agents.get", {"id": self.id}, options)

    def cancel(self, **options: Unpack[RequestOptions]) -> Self:
        """Cancel it and all below it, and give it. If it has ended it stays as it is."""
        return self._heard("agents.cancel", {"id": self.id}, options)

    def input(
        self,
        *,
        action_id: str | None = None,
        decision: types.AgentDecision | None = None,
        message: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Self:
        """Answer one of its `required_actions`, or say something to it on the way; gives it."""
        arguments = given(id=self.id, action_id=action_id, decision=decision, message=message)
        return self._heard("agents.input", arguments, options)

    def steps(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[types.AgentStep]:
        """List what it did, oldest first."""
        arguments = given(id=self.id, limit=limit, after=after)
        return self._transport.pages("agents.steps", arguments, types.AgentStep.model_validate, options)

    def children(
        self, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[Agent]:
        """List its sub-agents, newest first."""
        return Agents(self._transport).children(self.id, limit=limit, after=after, **options)

    def _heard(
        self, operation: str, arguments: dict[str, Any], options: RequestOptions | TimedOptions
    ) -> Self:
        agent = self._transport.call(operation, arguments, types.Agent, options)
        object.__setattr__(self, "_members", agent._members)
        object.__setattr__(self, "_built", {})
        object.__setattr__(self, "_request_id", agent._request_id)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and pickles are without the client."""
        return types.Agent.model_validate, (self._members, self._request_id)


class Agents(Resource):
    """Spawns agents, waits for them, tells of them."""

    @property
    def with_raw_response(self) -> AgentsWithRawResponse:
        """The same calls, each giving a `RawResponse`: `.headers`, `.status_code`, `.text`, `.parse()`."""
        return AgentsWithRawResponse(self)

    def spawn(
        self,
        *,
        task: str,
        model: str | None = None,
        timeout: int | None = None,
        skills: Sequence[str] | None = None,
        label: str | None = None,
        session_id: str | None = None,
        instructions: str | None = None,
        temperature: float | None = None,
        max_output_tokens: int | None = None,
        output_schema: Mapping[str, Any] | None = None,
        budget: types.AgentBudgetRequestParam | None = None,
        parent_id: str | None = None,
        approvals: Mapping[str, types.ToolApproval] | None = None,
        callback: types.AgentCallbackParam | None = None,
        metadata: Mapping[str, Any] | None = None,
        **options: Unpack[TimedOptions],
    ) -> Agent:
        """Spawn an agent. It is accepted at once and works from then on.

        `timeout` is seconds from now until the gateway stops it. `skills` is what it is granted; absent: nothing. `budget`
        bounds its steps and tokens; 0 means nothing. `output_schema` is JSON Schema that its output must fit. `parent_id`
        makes it a child, whose skills, time and budget only shrink. `approvals` says which tools wait for an answer.
        `callback` names endpoints that are sent its end.
        """
        arguments = given(
            task=task,
            model=model,
            timeout=timeout,
            skills=skills,
            label=label,
            session_id=session_id,
            instructions=instructions,
            temperature=temperature,
            max_output_tokens=max_output_tokens,
            output_schema=output_schema,
            budget=budget,
            parent_id=parent_id,
            approvals=approvals,
            callback=callback,
            metadata=metadata,
        )
        return self._handle(self._transport.call("agents.spawn", arguments, Agent, options))

    def get(self, id: str, *, wait: int | None = None, **options: Unpack[RequestOptions]) -> Agent:
        """Get an agent by its id, `agt_…`; with `wait`, when it has ended or needs an answer, or after that many seconds."""
        arguments = given(id=id, wait=wait)
        return self._handle(self._transport.call("agents.get", arguments, Agent, options))

    def list(
        self,
        *,
        status: types.AgentStatus | None = None,
        parent_id: str | None = None,
        root_id: str | None = None,
        session_id: str | None = None,
        limit: int | None = None,
        after: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Page[Agent]:
        """List agents, newest first."""
        arguments = given(
            status=status, parent_id=parent_id, root_id=root_id, session_id=session_id, limit=limit, after=after
        )
        return self._transport.pages("agents.list", arguments, self._built, options)

    def wait(
        self,
        ids: Sequence[str],
        *,
        mode: Literal["all", "any"] | None = None,
        timeout: int | None = None,
        **options: Unpack[TimedOptions],
    ) -> types.WaitAgentsResponse:
        """Wait for several, once: until all or any have ended or need an answer, or for `timeout` seconds."""
        arguments = given(ids=ids, mode=mode, timeout=timeout)
        return self._transport.call("agents.wait", arguments, types.WaitAgentsResponse, options)

    def wait_for_completion(
        self, id: str, timeout: float | None = None, **options: Unpack[TimedOptions]
    ) -> Agent:
        """Wait until an agent has ended; see `Agent.wait_for_completion`."""
        agent = self._built({"id": id})
        return agent.wait_for_completion(timeout, **options)

    def events(
        self, id: str, *, last_event_id: str | None = None, **options: Unpack[RequestOptions]
    ) -> EventStream:
        """Follow what an agent does, from its beginning or after an event, to its end."""
        arguments = given(id=id, last_event_id=last_event_id)
        return self._transport.stream(EventStream, "agents.events", arguments, options)

    def cancel(self, id: str, **options: Unpack[RequestOptions]) -> Agent:
        """Cancel an agent and all below it. One that has ended stays as it is."""
        return self._handle(self._transport.call("agents.cancel", {"id": id}, Agent, options))

    def input(
        self,
        id: str,
        *,
        action_id: str | None = None,
        decision: types.AgentDecision | None = None,
        message: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Agent:
        """Answer one of an agent's `required_actions`, or say something to it on the way."""
        arguments = given(id=id, action_id=action_id, decision=decision, message=message)
        return self._handle(self._transport.call("agents.input", arguments, Agent, options))

    def steps(
        self, id: str, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[types.AgentStep]:
        """List what an agent did, oldest first."""
        arguments = given(id=id, limit=limit, after=after)
        return self._transport.pages("agents.steps", arguments, types.AgentStep.model_validate, options)

    def children(
        self, id: str, *, limit: int | None = None, after: str | None = None, **options: Unpack[RequestOptions]
    ) -> Page[Agent]:
        """List an agent's sub-agents, newest first."""
        arguments = given(id=id, limit=limit, after=after)
        return self._transport.pages("agents.children", arguments, self._built, options)

    def _built(self, members: dict[str, Any]) -> Agent:
        return self._handle(Agent.model_validate(members))

    def _handle(self, agent: Agent) -> Agent:
        object.__setattr__(agent, "_transport", self._transport)
        return agent


class AgentsWithRawResponse:
    """The calls of `Agents`, each giving a `RawResponse`."""

    def __init__(self, agents: Agents) -> None:
        self.spawn = raw_response(agents.spawn)
        self.get = raw_response(agents.get)
        self.list = raw_response(agents.list)
        self.wait = raw_response(agents.wait)
        self.wait_for_completion = raw_response(agents.wait_for_completion)
        self.events = raw_response(agents.events)
        self.cancel = raw_response(agents.cancel)
        self.input = raw_response(agents.input)
        self.steps = raw_response(agents.steps)
        self.children = raw_response(agents.children)


def _why(agent: types.Agent) -> str:
    """Why an agent did not complete."""
    if agent.status == "requires_action":
        return f"agent {agent.id} needs an answer: see its `required_actions`, and answer with `input`"
    if agent.error is None:
        return f"agent {agent.id} is {agent.status}"
    return f"agent {agent.id} {agent.status}: {agent.error.message} ({agent.error.code})"
