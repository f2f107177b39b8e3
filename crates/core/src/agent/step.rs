//! Steps: what an agent did, one model call or tool call at a time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Timestamp, Usage};

/// One model call or one tool call of an agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentStep {
    /// Its place, from 1.
    pub number: u64,
    /// What it is.
    pub kind: AgentStepKind,
    /// Where it stands.
    pub status: AgentStepStatus,
    /// When it began.
    pub started_at: Timestamp,
    /// When it was over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Model calls: the model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Model calls: what it said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// Model calls: the tools that it asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_calls: Option<Vec<AgentToolCall>>,
    /// Model calls: tokens used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// Tool calls: the tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// Tool calls: which of the model's calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_id: Option<String>,
    /// Tool calls: the arguments, JSON as the model wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
    /// Tool calls: what the model was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Tool calls: whether it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_error: Option<bool>,
}

/// What a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStepKind {
    /// A model was asked.
    Model,
    /// A tool was called.
    Tool,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AgentStepStatus {
    /// Under way.
    Running,
    /// It gave what it was for.
    Completed,
    /// It gave an error.
    Failed,
    /// It was cut off, by a crash or by the agent's end; it may have had its effect or not.
    Interrupted,
}

/// A tool that a model asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentToolCall {
    /// Names the call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// JSON as the model wrote it.
    pub arguments: String,
}
