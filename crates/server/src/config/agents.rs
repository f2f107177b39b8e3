//! `agents`: how many may run, for how long, and how much they may use.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `agents`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AgentsConfig {
    /// Agents that run at once; more wait in line. One that waits for its children or for its caller does not count.
    #[schemars(range(min = 1, max = 10_000))]
    pub concurrency_max: usize,
    /// Agents that may wait in line; one more is answered 503.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub queue_max: u32,
    /// Seconds that an agent has from its acceptance, where its caller does not say.
    #[schemars(range(min = 1, max = 86_400))]
    pub timeout_seconds: u64,
    /// The most seconds that a caller may ask for.
    #[schemars(range(min = 1, max = 604_800))]
    pub timeout_seconds_max: u64,
    /// Seconds that one call of a tool may take; then the model is told that it was stopped.
    #[schemars(range(min = 1, max = 86_400))]
    pub tool_timeout_seconds: u64,
    /// Steps (model calls and tool calls) of an agent, where its caller does not say.
    #[schemars(range(max = 1000))]
    pub steps: u64,
    /// The most steps that a caller may ask for.
    #[schemars(range(min = 1, max = 10_000))]
    pub steps_max: u64,
    /// Tokens, in and out, of an agent with its children, where its caller does not say; the most that one may ask for.
    pub tokens_max: u64,
    /// How deep a tree of agents may be: 1 allows children, 0 allows none.
    #[schemars(range(max = 10))]
    pub depth_max: u32,
    /// Living children of one agent.
    #[schemars(range(min = 1, max = 1000))]
    pub children_max: u32,
    /// Agents below one root, ended ones too.
    #[schemars(range(min = 1, max = 10_000))]
    pub descendants_max: u32,
    /// The most seconds that one call waits for agents; who wants to wait longer asks again, as our clients do.
    #[schemars(range(min = 1, max = 300))]
    pub wait_seconds_max: u64,
}

impl Default for AgentsConfig {
    fn default() -> Self {
        Self {
            concurrency_max: 64,
            queue_max: 10_000,
            timeout_seconds: 900,
            timeout_seconds_max: 86_400,
            tool_timeout_seconds: 120,
            steps: 50,
            steps_max: 1000,
            tokens_max: 1_000_000,
            depth_max: 3,
            children_max: 8,
            descendants_max: 64,
            wait_seconds_max: 60,
        }
    }
}
