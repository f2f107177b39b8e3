"""The types of agents, until the gateway's OpenAPI document tells of them."""

from __future__ import annotations

from typing import Any, ClassVar, Literal, TypedDict, Union

from . import types
from ._model import Model as _Model
from ._model import Nested

AgentStatus = Union[Literal["queued", "running", "requires_action", "completed", "failed", "cancelled"], str]
"""Where an agent stands. The last three are ends."""

StopReason = Union[Literal["end_turn", "output_schema_met", "max_output_tokens", "content_filter"], str]
"""Why an agent completed."""

AgentDecision = Union[Literal["approve", "deny"], str]
"""Whether a tool may be called."""

ToolApproval = Union[Literal["always_allow", "always_ask", "deny"], str]
"""What happens when a model calls a tool."""


class AgentBudgetRequestParam(TypedDict, total=False):
    """What an agent may use at most; 0 means nothing, never everything."""

    max_steps: int | None
    """Model calls and tool calls."""

    max_tokens: int | None
    """Tokens in and out, with those of its children."""


class AgentError(_Model):
    """Why an agent failed or was cancelled."""

    __slots__ = ()

    code: str
    """A stable name, such as `timeout`."""

    message: str
    """For people."""


class AgentUsage(_Model):
    """What an agent used."""

    __slots__ = ()

    input_tokens: int
    """Tokens of all prompts."""

    output_tokens: int
    """Tokens of all replies."""

    steps: int
    """Model calls and tool calls that are over."""

    tool_calls: int
    """Tool calls that are over."""


class AgentBudget(_Model):
    """What an agent may use at most; 0 means nothing."""

    __slots__ = ()

    max_steps: int
    """Model calls and tool calls."""

    max_tokens: int
    """Tokens in and out, with those of its children."""


class RequiredAction(_Model):
    """What an agent waits for; answer it with `input`."""

    __slots__ = ()

    id: str
    """Name this as `action_id`."""

    kind: Union[Literal["approval", "question"], str]
    """What is wanted: a `decision`, or a `message`."""

    tool: str | None
    """The tool that waits for approval."""

    arguments: Any
    """What the tool would be called with."""

    question: str | None
    """What the agent asks."""


class Agent(_Model):
    """A worker, as it stands."""

    __slots__ = ()
    _nested: ClassVar[Nested] = {
        "error": ("one", "AgentError"),
        "usage": ("one", "AgentUsage"),
        "budget": ("one", "AgentBudget"),
        "required_actions": ("list", "RequiredAction"),
    }

    id: str
    """Its id, `agt_…`."""

    status: AgentStatus
    """Where it stands."""

    stop_reason: StopReason | None
    """Why it completed; absent until then."""

    label: str | None
    """The caller's short name for it."""

    task: str
    """What it is asked to do."""

    model: str
    """The model it was given, in the caller's name for it."""

    skills: list[str]
    """What it was granted, and no other."""

    session_id: str | None
    """The conversation it belongs to, if its caller said."""

    parent_id: str | None
    """The agent that spawned it, or for which it was spawned."""

    root_id: str
    """The agent at the top of its tree; its own id if it has no parent."""

    depth: int
    """How many agents stand above it."""

    output: str | None
    """What it found: the answer, or what there was when a limit, an error or a cancellation ended it."""

    output_json: Any
    """The output as JSON, where an `output_schema` was given and is met."""

    partial: bool
    """Whether the output is not the whole answer."""

    error: AgentError | None
    """Why it failed or was cancelled."""

    usage: AgentUsage
    """What it used; its children's use is their own."""

    budget: AgentBudget
    """What it may use at most."""

    required_actions: list[RequiredAction] | None
    """What it waits for, while its status is `requires_action`."""

    created_at: str
    """When it was accepted."""

    started_at: str | None
    """When it first began to run."""

    ended_at: str | None
    """When it ended."""

    expires_at: str
    """When its time is up, whatever it does then."""

    metadata: dict[str, Any]
    """The caller's own notes."""


class AgentToolCall(_Model):
    """A tool that a model asked for."""

    __slots__ = ()

    id: str
    """Names the call."""

    name: str
    """The tool."""

    arguments: str
    """JSON as the model wrote it."""


class AgentStep(_Model):
    """One model call or one tool call of an agent."""

    __slots__ = ()
    _nested: ClassVar[Nested] = {"usage": ("one", "Usage"), "tool_calls": ("list", "AgentToolCall")}

    number: int
    """Its place, from 1."""

    kind: Union[Literal["model", "tool"], str]
    """What it is."""

    status: Union[Literal["running", "completed", "failed", "interrupted"], str]
    """Where it stands."""

    started_at: str
    """When it began."""

    ended_at: str | None
    """When it was over."""

    model: str | None
    """Model calls: the model that answered."""

    content: str | None
    """Model calls: what it said."""

    tool_calls: list[AgentToolCall] | None
    """Model calls: the tools that it asked for."""

    usage: types.Usage | None
    """Model calls: tokens used."""

    tool: str | None
    """Tool calls: the tool."""

    call_id: str | None
    """Tool calls: which of the model's calls."""

    arguments: str | None
    """Tool calls: the arguments, JSON as the model wrote it."""

    result: str | None
    """Tool calls: what the model was told."""

    is_error: bool | None
    """Tool calls: whether it failed."""


class WaitAgentsResponse(_Model):
    """How the agents stand after a wait; one that is over before they ended is no error."""

    __slots__ = ()
    _nested: ClassVar[Nested] = {"agents": ("list", "Agent")}

    done: bool
    """Whether what was waited for came about."""

    agents: list[Agent]
    """The agents, in the order asked for."""


class Skill(_Model):
    """A capability that is granted by name at spawn; it brings the tools that a model sees."""

    __slots__ = ()

    name: str
    """The name to grant."""

    kind: Union[Literal["builtin", "folder", "mcp"], str]
    """Where it comes from."""

    description: str
    """What it does and when to use it."""

    tools: list[str]
    """What the model may call."""

    available: bool
    """Whether it can be granted now."""

    reason: str | None
    """Why it cannot, and what to do."""


vars(types).update({name: value for name, value in globals().items() if isinstance(value, type)})
