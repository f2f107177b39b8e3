//! Agents: workers that are spawned with a task and end with an output or an error.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::{Metadata, Timestamp};

mod error;
mod spawn;
mod status;
mod step;

pub use error::{AgentError, AgentErrorCode};
pub use spawn::{AgentBudgetRequest, AgentCallback, CALLBACK_ENDPOINTS_MAX, SpawnAgentRequest, ToolApproval};
pub use status::{AgentStatus, StopReason};
pub use step::{AgentStep, AgentStepKind, AgentStepStatus, AgentToolCall};

/// The most bytes of a task.
pub const TASK_BYTES_MAX: usize = 256 * 1024;
/// The most agents that one call may wait for.
pub const WAIT_IDS_MAX: usize = 64;

/// A worker, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Its id.
    #[schema(example = "agt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub id: String,
    /// Where it stands.
    pub status: AgentStatus,
    /// Why it completed; absent until then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
    /// The caller's short name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// What it is asked to do.
    #[schema(example = "分析这份文档")]
    pub task: String,
    /// The model it was given, in the caller's name for it.
    #[schema(example = "gpt-4o")]
    pub model: String,
    /// What it was granted, and no other.
    #[schema(example = json!(["web_fetch", "file_read"]))]
    pub skills: Vec<String>,
    /// The conversation it belongs to, if its caller said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The agent that spawned it, or for which it was spawned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The agent at the top of its tree; its own id if it has no parent.
    pub root_id: String,
    /// How many agents stand above it.
    pub depth: u32,
    /// What it found: the answer, or what there was when a limit, an error or a cancellation ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The output as JSON, where an `output_schema` was given and is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub output_json: Option<Value>,
    /// Whether the output is not the whole answer.
    pub partial: bool,
    /// Why it failed or was cancelled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AgentError>,
    /// What it used; its children's use is their own.
    pub usage: AgentUsage,
    /// What it may use at most.
    pub budget: AgentBudget,
    /// What it waits for, while its status is `requires_action`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub required_actions: Vec<RequiredAction>,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it first began to run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// When its time is up, whatever it does then.
    pub expires_at: Timestamp,
    /// The caller's own notes.
    #[schema(value_type = Object)]
    pub metadata: Metadata,
}

/// What an agent used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentUsage {
    /// Tokens of all prompts.
    pub input_tokens: u64,
    /// Tokens of all replies.
    pub output_tokens: u64,
    /// Model calls and tool calls that are over.
    pub steps: u64,
    /// Tool calls that are over.
    pub tool_calls: u64,
}

impl AgentUsage {
    /// Tokens in and out.
    pub fn tokens(&self) -> u64 {
        self.input_tokens + self.output_tokens
    }
}

impl std::ops::AddAssign for AgentUsage {
    fn add_assign(&mut self, more: Self) {
        self.input_tokens += more.input_tokens;
        self.output_tokens += more.output_tokens;
        self.steps += more.steps;
        self.tool_calls += more.tool_calls;
    }
}

/// What an agent may use at most; 0 means nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentBudget {
    /// Model calls and tool calls.
    pub max_steps: u64,
    /// Tokens in and out, with those of its children.
    pub max_tokens: u64,
}

/// What an agent waits for; answered by `POST /agents/{id}/input`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RequiredAction {
    /// Name this as `action_id`.
    pub id: String,
    /// What is wanted.
    pub kind: RequiredActionKind,
    /// The tool that waits for approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// What the tool would be called with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub arguments: Option<Value>,
    /// What the agent asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
}

/// What kind of word an agent waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RequiredActionKind {
    /// A tool may be called, or not: `decision`.
    Approval,
    /// The agent asks something: `message`.
    Question,
}

/// Words to an agent: an answer to what it waits for, or a message on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"action_id": "call_1", "decision": "approve"}))]
pub struct AgentInput {
    /// Which of `required_actions` this answers; absent: a message to the agent, read before its next model call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_id: Option<String>,
    /// For an approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<AgentDecision>,
    /// The answer to a question, a word beside a decision, or a message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Whether a tool may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentDecision {
    /// It may.
    Approve,
    /// It may not; the agent is told so, and goes on.
    Deny,
}

/// Which agents to wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WaitAgentsRequest {
    /// Their ids, 1 to 64.
    pub ids: Vec<String>,
    /// Until all have ended or need an action, or any has.
    #[serde(default)]
    pub mode: WaitMode,
    /// The most seconds to wait; absent, or more than that: `agents.wait_seconds_max` of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
}

/// How many of several to wait for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitMode {
    /// Every one.
    #[default]
    All,
    /// One.
    Any,
}

/// How the agents stand after a wait; one that is over before they ended is no error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WaitAgentsResponse {
    /// Whether what was waited for came about.
    pub done: bool,
    /// The agents, in the order asked for.
    pub agents: Vec<Agent>,
}

/// Approvals by tool name.
pub type ToolApprovals = BTreeMap<String, ToolApproval>;
