package openclaw

import "encoding/json"

// The types of agents, until the gateway's OpenAPI document tells of them: then types.go has them, and this file goes.

// Agent: a worker, as it stands.
type Agent struct {
	// Its id.
	//
	// Example: "agt_01k8z6v3m2t7q4c9x5b1n0d8ra"
	ID string `json:"id"`
	// Where it stands.
	Status AgentStatus `json:"status"`
	// Why it completed; absent until then.
	StopReason StopReason `json:"stop_reason,omitzero"`
	// The caller's short name for it.
	Label string `json:"label,omitzero"`
	// What it is asked to do.
	//
	// Example: "分析这份文档"
	Task string `json:"task"`
	// The model it was given, in the caller's name for it.
	//
	// Example: "gpt-4o"
	Model string `json:"model"`
	// What it was granted, and no other.
	//
	// Example: ["web_fetch","file_read"]
	Skills []string `json:"skills"`
	// The conversation it belongs to, if its caller said.
	SessionID string `json:"session_id,omitzero"`
	// The agent that spawned it, or for which it was spawned.
	ParentID string `json:"parent_id,omitzero"`
	// The agent at the top of its tree; its own id if it has no parent.
	RootID string `json:"root_id"`
	// How many agents stand above it.
	Depth int `json:"depth"`
	// What it found: the answer, or what there was when a limit, an error or a cancellation ended it.
	Output string `json:"output,omitzero"`
	// The output as JSON, where an `output_schema` was given and is met.
	OutputJSON json.RawMessage `json:"output_json,omitzero"`
	// Whether the output is not the whole answer.
	Partial bool `json:"partial"`
	// Why it failed or was cancelled.
	Error *AgentError `json:"error,omitzero"`
	// What it used; its children's use is their own.
	Usage AgentUsage `json:"usage"`
	// What it may use at most.
	Budget AgentBudget `json:"budget"`
	// What it waits for, while its status is `requires_action`.
	RequiredActions []RequiredAction `json:"required_actions,omitzero"`
	// When it was accepted.
	CreatedAt Timestamp `json:"created_at"`
	// When it first began to run.
	StartedAt Timestamp `json:"started_at,omitzero"`
	// When it ended.
	EndedAt Timestamp `json:"ended_at,omitzero"`
	// When its time is up, whatever it does then.
	ExpiresAt Timestamp `json:"expires_at"`
	// The caller's own notes.
	Metadata map[string]any `json:"metadata"`

	Meta `json:"-"`
}

// AgentBudget: what an agent may use at most; 0 means nothing.
type AgentBudget struct {
	// Model calls and tool calls.
	MaxSteps int64 `json:"max_steps"`
	// Tokens in and out, with those of its children.
	MaxTokens int64 `json:"max_tokens"`
}

// AgentBudgetRequest: what an agent may use at most; what is absent is as the configuration says. 0 means nothing, never
// everything.
type AgentBudgetRequest struct {
	// Model calls and tool calls.
	MaxSteps *int64 `json:"max_steps,omitzero"`
	// Tokens in and out, with those of its children.
	MaxTokens *int64 `json:"max_tokens,omitzero"`
}

// AgentDecision: whether a tool may be called.
type AgentDecision string

// The values of AgentDecision that this version knows.
const (
	// It may.
	AgentDecisionApprove AgentDecision = "approve"
	// It may not; the agent is told so, and goes on.
	AgentDecisionDeny AgentDecision = "deny"
)

// AgentError: why an agent failed or was cancelled.
type AgentError struct {
	// A stable name.
	//
	// Example: "timeout"
	Code string `json:"code"`
	// For people.
	Message string `json:"message"`
}

// AgentInput: words to an agent: an answer to what it waits for, or a message on the way.
//
// Example: {"action_id":"call_1","decision":"approve"}
type AgentInput struct {
	// Which of `required_actions` this answers; absent: a message to the agent, read before its next model call.
	ActionID string `json:"action_id,omitzero"`
	// For an approval.
	Decision AgentDecision `json:"decision,omitzero"`
	// The answer to a question, a word beside a decision, or a message.
	Message string `json:"message,omitzero"`
}

// AgentStatus: where an agent stands. The last three are ends.
type AgentStatus string

// The values of AgentStatus that this version knows.
const (
	// Accepted; it waits for its turn to run.
	AgentStatusQueued AgentStatus = "queued"
	// At work, or waiting for its children.
	AgentStatusRunning AgentStatus = "running"
	// It waits for an approval or an answer; see `required_actions`.
	AgentStatusRequiresAction AgentStatus = "requires_action"
	// It ended with an output.
	AgentStatusCompleted AgentStatus = "completed"
	// It ended without its answer; see `error`.
	AgentStatusFailed AgentStatus = "failed"
	// It was stopped; see `error`.
	AgentStatusCancelled AgentStatus = "cancelled"
)

// AgentStep: one model call or one tool call of an agent.
type AgentStep struct {
	// Its place, from 1.
	Number int64 `json:"number"`
	// What it is.
	Kind AgentStepKind `json:"kind"`
	// Where it stands.
	Status AgentStepStatus `json:"status"`
	// When it began.
	StartedAt Timestamp `json:"started_at"`
	// When it was over.
	EndedAt Timestamp `json:"ended_at,omitzero"`
	// Model calls: the model that answered.
	Model string `json:"model,omitzero"`
	// Model calls: what it said.
	Content string `json:"content,omitzero"`
	// Model calls: the tools that it asked for.
	ToolCalls []AgentToolCall `json:"tool_calls,omitzero"`
	// Model calls: tokens used.
	Usage *Usage `json:"usage,omitzero"`
	// Tool calls: the tool.
	Tool string `json:"tool,omitzero"`
	// Tool calls: which of the model's calls.
	CallID string `json:"call_id,omitzero"`
	// Tool calls: the arguments, JSON as the model wrote it.
	Arguments string `json:"arguments,omitzero"`
	// Tool calls: what the model was told.
	Result string `json:"result,omitzero"`
	// Tool calls: whether it failed.
	IsError *bool `json:"is_error,omitzero"`
}

// AgentStepKind: what a step is.
type AgentStepKind string

// The values of AgentStepKind that this version knows.
const (
	// A model was asked.
	AgentStepKindModel AgentStepKind = "model"
	// A tool was called.
	AgentStepKindTool AgentStepKind = "tool"
)

// AgentStepStatus: where a step stands.
type AgentStepStatus string

// The values of AgentStepStatus that this version knows.
const (
	// Under way.
	AgentStepStatusRunning AgentStepStatus = "running"
	// It gave what it was for.
	AgentStepStatusCompleted AgentStepStatus = "completed"
	// It gave an error.
	AgentStepStatusFailed AgentStepStatus = "failed"
	// It was cut off, by a crash or by the agent's end; it may have had its effect or not.
	AgentStepStatusInterrupted AgentStepStatus = "interrupted"
)

// AgentToolCall: a tool that a model asked for.
type AgentToolCall struct {
	// Names the call.
	ID string `json:"id"`
	// The tool.
	Name string `json:"name"`
	// JSON as the model wrote it.
	Arguments string `json:"arguments"`
}

// AgentUsage: what an agent used.
type AgentUsage struct {
	// Tokens of all prompts.
	InputTokens int64 `json:"input_tokens"`
	// Tokens of all replies.
	OutputTokens int64 `json:"output_tokens"`
	// Model calls and tool calls that are over.
	Steps int64 `json:"steps"`
	// Tool calls that are over.
	ToolCalls int64 `json:"tool_calls"`
}

// ListAgentsParams: options to list agents, newest first.
type ListAgentsParams struct {
	// Of that status.
	Status AgentStatus `json:"status,omitzero"`
	// Children of that agent.
	ParentID string `json:"parent_id,omitzero"`
	// Of the tree of that agent.
	RootID string `json:"root_id,omitzero"`
	// Of that session.
	SessionID string `json:"session_id,omitzero"`
	// Rows of a page, 1 to 100; 20 if absent.
	Limit int `json:"limit,omitzero"`
	// The `next` of the previous page.
	After string `json:"after,omitzero"`
}

// ListChildrenParams: options to list an agent's children, newest first.
type ListChildrenParams struct {
	// Rows of a page, 1 to 100; 20 if absent.
	Limit int `json:"limit,omitzero"`
	// The `next` of the previous page.
	After string `json:"after,omitzero"`
}

// ListStepsParams: options to list an agent's steps, oldest first.
type ListStepsParams struct {
	// Rows of a page, 1 to 100; 20 if absent.
	Limit int `json:"limit,omitzero"`
	// The `next` of the previous page.
	After string `json:"after,omitzero"`
}

// RequiredAction: what an agent waits for; answered with its input.
type RequiredAction struct {
	// Name this as `action_id`.
	ID string `json:"id"`
	// What is wanted.
	Kind RequiredActionKind `json:"kind"`
	// The tool that waits for approval.
	Tool string `json:"tool,omitzero"`
	// What the tool would be called with.
	Arguments json.RawMessage `json:"arguments,omitzero"`
	// What the agent asks.
	Question string `json:"question,omitzero"`
}

// RequiredActionKind: what kind of word an agent waits for.
type RequiredActionKind string

// The values of RequiredActionKind that this version knows.
const (
	// A tool may be called, or not: `decision`.
	RequiredActionKindApproval RequiredActionKind = "approval"
	// The agent asks something: `message`.
	RequiredActionKindQuestion RequiredActionKind = "question"
)

// Skill: a capability that is granted by name at spawn; it brings the tools that a model sees.
type Skill struct {
	// The name to grant: built-in ones have a `_`, folders none, MCP servers begin with `mcp:`.
	//
	// Example: "web_fetch"
	Name string `json:"name"`
	// Where it comes from.
	Kind SkillKind `json:"kind"`
	// What it does and when to use it.
	Description string `json:"description"`
	// What the model may call. Of an MCP server only known once an agent used it.
	//
	// Example: ["web_fetch"]
	Tools []string `json:"tools"`
	// Whether it can be granted now.
	Available bool `json:"available"`
	// Why it cannot, and what to do.
	Reason string `json:"reason,omitzero"`
}

// SkillKind: where a skill comes from.
type SkillKind string

// The values of SkillKind that this version knows.
const (
	// Part of the gateway.
	SkillKindBuiltin SkillKind = "builtin"
	// Instructions in a folder with a `SKILL.md`.
	SkillKindFolder SkillKind = "folder"
	// A server of tools that the configuration names.
	SkillKindMCP SkillKind = "mcp"
)

// SpawnAgentRequest: an agent to spawn; only the task is needed.
//
// Example: {"model":"echo","skills":["web_fetch","file_read"],"task":"分析这份文档","timeout":300}
type SpawnAgentRequest struct {
	// What to do; not empty, at most 256 KiB.
	Task string `json:"task"`
	// The model to ask; absent: the parent's, else `models.default` of the configuration.
	//
	// Example: "gpt-4o"
	Model string `json:"model,omitzero"`
	// Seconds from now until it is stopped, at least 1; absent: `agents.timeout_seconds` of the configuration.
	Timeout int64 `json:"timeout,omitzero"`
	// What it is granted; absent: nothing.
	Skills []string `json:"skills,omitzero"`
	// A short name for it, at most 100 characters.
	Label string `json:"label,omitzero"`
	// The conversation it belongs to, to find it by.
	SessionID string `json:"session_id,omitzero"`
	// The system text.
	Instructions string `json:"instructions,omitzero"`
	// 0 to 2; absent: the vendor's default.
	Temperature *float64 `json:"temperature,omitzero"`
	// The most tokens of one reply of its model, at least 1.
	MaxOutputTokens int `json:"max_output_tokens,omitzero"`
	// JSON Schema that the output must fit; the model has one more try if it does not.
	OutputSchema json.RawMessage `json:"output_schema,omitzero"`
	// What it may use at most.
	Budget *AgentBudgetRequest `json:"budget,omitzero"`
	// The agent whose child it is to be: its skills, time and budget bound this one's, and its end ends it.
	ParentID string `json:"parent_id,omitzero"`
	// Which tools run, wait for approval, or never run; absent ones as the configuration says.
	Approvals map[string]ToolApproval `json:"approvals,omitzero"`
	// The caller's own notes; not sent to the model.
	Metadata map[string]any `json:"metadata,omitzero"`
}

// StopReason: why an agent completed.
type StopReason string

// The values of StopReason that this version knows.
const (
	// The model had said all.
	StopReasonEndTurn StopReason = "end_turn"
	// The output fits its `output_schema`.
	StopReasonOutputSchemaMet StopReason = "output_schema_met"
	// The answer reached `max_output_tokens`; `partial` is true.
	StopReasonMaxOutputTokens StopReason = "max_output_tokens"
	// The vendor's filter stopped the answer; `partial` is true.
	StopReasonContentFilter StopReason = "content_filter"
)

// ToolApproval: what happens when a model calls a tool; the later, the stricter.
type ToolApproval string

// The values of ToolApproval that this version knows.
const (
	// It runs.
	ToolApprovalAlwaysAllow ToolApproval = "always_allow"
	// It waits until somebody approves.
	ToolApprovalAlwaysAsk ToolApproval = "always_ask"
	// It never runs; the model is told so.
	ToolApprovalDeny ToolApproval = "deny"
)

// WaitAgentsRequest: which agents to wait for.
type WaitAgentsRequest struct {
	// Their ids, 1 to 64.
	IDs []string `json:"ids"`
	// Until all have ended or need an action, which is the default, or any has.
	Mode WaitMode `json:"mode,omitzero"`
	// The most seconds to wait; absent, or more than that: `agents.wait_seconds_max` of the configuration.
	Timeout *int64 `json:"timeout,omitzero"`
}

// WaitAgentsResponse: how the agents stand after a wait; one that is over before they ended is no error.
type WaitAgentsResponse struct {
	// Whether what was waited for came about.
	Done bool `json:"done"`
	// The agents, in the order asked for.
	Agents []Agent `json:"agents"`

	Meta `json:"-"`
}

// WaitMode: how many of several to wait for.
type WaitMode string

// The values of WaitMode that this version knows.
const (
	// Every one.
	WaitModeAll WaitMode = "all"
	// One.
	WaitModeAny WaitMode = "any"
)
