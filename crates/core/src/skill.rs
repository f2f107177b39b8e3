//! Skills: what an agent may be granted by name.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A capability that is granted by name at spawn; it brings the tools that a model sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Skill {
    /// The name to grant: built-in ones have a `_`, folders none, MCP servers begin with `mcp:`.
    #[schema(example = "web_fetch")]
    pub name: String,
    /// Where it comes from.
    pub kind: SkillKind,
    /// What it does and when to use it.
    pub description: String,
    /// What the model may call. Of an MCP server only known once an agent used it.
    #[schema(example = json!(["web_fetch"]))]
    pub tools: Vec<String>,
    /// Whether it can be granted now.
    pub available: bool,
    /// Why it cannot, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Where a skill comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SkillKind {
    /// Part of the gateway.
    Builtin,
    /// Instructions in a folder with a `SKILL.md`.
    Folder,
    /// A server of tools that the configuration names.
    Mcp,
}
