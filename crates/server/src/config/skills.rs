//! `skills`: what agents may be granted, and within which bounds.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Environment;

mod mcp;
mod web;

pub use mcp::McpConfig;
pub use web::{SearchKind, WebFetchConfig, WebSearchConfig};

/// `skills`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SkillsConfig {
    /// Folders of skills, each a folder with a `SKILL.md`; of two with one name, the one in the folder named first counts.
    pub folders: Vec<String>,
    /// Where agents read and write files: one folder below it for each workspace.
    pub workspace_dir: String,
    /// The longest file that an agent may read or write.
    #[schemars(range(min = 1024, max = 67_108_864))]
    pub file_bytes_max: usize,
    /// The most bytes of a tool's answer that a model is shown.
    #[schemars(range(min = 1024, max = 1_048_576))]
    pub output_bytes_max: usize,
    /// Which tools run, which wait for a person's word, which never run: `{file_write: always_ask}`.
    pub approvals: BTreeMap<String, ToolApproval>,
    /// The skill `web_fetch`.
    pub web_fetch: WebFetchConfig,
    /// The skill `web_search`.
    pub web_search: WebSearchConfig,
    /// MCP servers by the name you give them; an agent is granted one as `mcp:NAME`.
    pub mcp: BTreeMap<String, McpConfig>,
}

/// What happens when a model calls a tool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToolApproval {
    /// It runs.
    #[default]
    AlwaysAllow,
    /// It waits until a person approves.
    AlwaysAsk,
    /// It never runs; the model is told so.
    Deny,
}

impl Default for SkillsConfig {
    fn default() -> Self {
        Self {
            folders: vec!["~/.openclaw/skills".into()],
            workspace_dir: "~/.openclaw/workspace".into(),
            file_bytes_max: 1024 * 1024,
            output_bytes_max: 64 * 1024,
            approvals: BTreeMap::new(),
            web_fetch: WebFetchConfig::default(),
            web_search: WebSearchConfig::default(),
            mcp: BTreeMap::new(),
        }
    }
}

impl SkillsConfig {
    /// The folders of skills, with the home folder of this process in place of `~/`; without those in a home that is not known.
    pub fn folder_paths(&self) -> Vec<PathBuf> {
        let environment = Environment::process();
        self.folders.iter().filter_map(|folder| environment.expand(folder)).collect()
    }

    /// The folder of all workspaces, with the home folder of this process in place of `~/`; absent if that is not known.
    pub fn workspace_path(&self) -> Option<PathBuf> {
        Environment::process().expand(&self.workspace_dir)
    }
}
