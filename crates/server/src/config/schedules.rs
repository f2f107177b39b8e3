//! `schedules`: agents that are spawned when their time comes.

use openclaw_core::{AgentBudgetRequest, CatchUp, Overlap, SpawnAgentRequest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `schedules.NAME`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleConfig {
    /// Five fields, minute hour day month weekday. Just one of `cron`, `at` and `every` is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// One moment, RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Seconds from one slot to the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 31_622_400))]
    pub every: Option<u64>,
    /// The IANA zone of `cron`; absent: UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// What is spawned.
    pub agent: ScheduledAgentConfig,
    /// Who is sent what the agent found: names or URLs of `webhooks.endpoints`, or ids of endpoints made by API.
    #[serde(default)]
    pub deliver_to: Vec<String>,
    /// A slot that comes while the agent before it runs: `skip`, `enqueue` or `cancel_running`; absent: `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub overlap: Option<Overlap>,
    /// What was missed: none, or latest fires if it is within `grace`; absent: latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub catch_up: Option<CatchUp>,
    /// Seconds that a slot may be late; absent: 3600.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 604_800))]
    pub grace: Option<u64>,
    /// The most seconds that are added to a slot; absent: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 3600))]
    pub jitter: Option<u64>,
    /// Whether it fires.
    #[serde(default = "yes")]
    pub enabled: bool,
}

/// `schedules.NAME.agent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduledAgentConfig {
    /// What to do.
    pub task: String,
    /// The system text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<String>,
    /// The model to ask; absent: `models.default`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// What it is granted.
    #[serde(default)]
    pub skills: Vec<String>,
    /// Seconds until it is stopped; absent: `agents.timeout_seconds`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 604_800))]
    pub timeout: Option<u64>,
    /// Model calls and tool calls; absent: `agents.steps`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_steps: Option<u64>,
    /// Tokens in and out; absent: `agents.tokens_max`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u64>,
}

impl ScheduledAgentConfig {
    /// The same as it would be asked for by API.
    pub fn request(&self) -> SpawnAgentRequest {
        let budget = AgentBudgetRequest { max_steps: self.max_steps, max_tokens: self.max_tokens };
        SpawnAgentRequest {
            task: self.task.clone(),
            instructions: self.instructions.clone(),
            model: self.model.clone(),
            skills: Some(self.skills.clone()),
            timeout: self.timeout,
            budget: Some(budget),
            ..SpawnAgentRequest::default()
        }
    }
}

fn yes() -> bool {
    true
}
