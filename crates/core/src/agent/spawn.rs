//! What an agent is spawned with.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::ToolApprovals;
use crate::Metadata;

/// An agent to spawn; only the task is needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"task": "分析这份文档", "model": "echo", "timeout": 300, "skills": ["web_fetch", "file_read"]}))]
pub struct SpawnAgentRequest {
    /// What to do; not empty, at most 256 KiB.
    pub task: String,
    /// The model to ask; absent: the parent's, else `models.default` of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "gpt-4o")]
    pub model: Option<String>,
    /// Seconds from now until it is stopped, at least 1; absent: `agents.timeout_seconds` of the configuration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub timeout: Option<u64>,
    /// What it is granted; absent: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skills: Option<Vec<String>>,
    /// A short name for it, at most 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The conversation it belongs to, to find it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The system text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// 0 to 2; absent: the vendor's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2)]
    pub temperature: Option<f64>,
    /// The most tokens of one reply of its model, at least 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub max_output_tokens: Option<u32>,
    /// JSON Schema that the output must fit; the model has one more try if it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub output_schema: Option<Value>,
    /// What it may use at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<AgentBudgetRequest>,
    /// The agent whose child it is to be: its skills, time and budget bound this one's, and its end ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// Which tools run, wait for approval, or never run; absent ones as the configuration says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<std::collections::BTreeMap<String, ToolApproval>>)]
    pub approvals: Option<ToolApprovals>,
    /// Who is sent its end, beside those who subscribe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub callback: Option<AgentCallback>,
    /// The caller's own notes; not sent to the model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

/// Who is sent an agent's end, `agent.completed` or `agent.error`: each once, in the endpoint's own format.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentCallback {
    /// Ids of at most 16 endpoints, told whatever they subscribe to.
    #[schema(example = json!(["whe_01k8z6v3m2t7q4c9x5b1n0d8ra"]))]
    pub endpoints: Vec<String>,
}

/// The most endpoints that one agent's end is sent to by name.
pub const CALLBACK_ENDPOINTS_MAX: usize = 16;

/// What an agent may use at most; what is absent is as the configuration says. 0 means nothing, never everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentBudgetRequest {
    /// Model calls and tool calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u64>,
    /// Tokens in and out, with those of its children.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
}

/// What happens when a model calls a tool; the later, the stricter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolApproval {
    /// It runs.
    #[default]
    AlwaysAllow,
    /// It waits until somebody approves.
    AlwaysAsk,
    /// It never runs; the model is told so.
    Deny,
}
