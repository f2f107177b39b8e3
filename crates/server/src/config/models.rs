//! `models`: which model answers by what name.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `models`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ModelsConfig {
    /// The model of a request that names none.
    pub default: String,
    /// Names of your own: `fast: openai/gpt-4o-mini`.
    pub aliases: BTreeMap<String, String>,
    /// What to ask instead, in order, while a model's provider fails: `claude-3-5-sonnet: [openai/gpt-4o]`. Tried only before the first piece of a reply.
    pub fallbacks: BTreeMap<String, Vec<String>>,
    /// The most tokens of a reply whose request does not say; for vendors that demand a number.
    #[schemars(range(min = 1))]
    pub max_tokens: u32,
}

impl Default for ModelsConfig {
    fn default() -> Self {
        Self { default: "echo".into(), aliases: BTreeMap::new(), fallbacks: BTreeMap::new(), max_tokens: 4096 }
    }
}
