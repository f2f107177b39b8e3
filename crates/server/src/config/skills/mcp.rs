//! `skills.mcp.NAME`: a server of tools that speaks the Model Context Protocol.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Environment;

/// Variables of the gateway's own environment that a started server is given; all others stay here, secrets among them.
const PASSED_ON: [&str; 8] = ["PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME"];

/// `skills.mcp.NAME`: a program to start (`command`), or a server to ask (`url`).
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct McpConfig {
    /// The program, which speaks MCP on its standard input and output; started when an agent first needs it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The program's arguments.
    pub args: Vec<String>,
    /// The program's environment beside `PATH`, `HOME` and the language; nothing else of the gateway's is passed on.
    pub env: BTreeMap<String, String>,
    /// Where a server answers that speaks MCP over streamable HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Headers that such a server is sent, such as `{Authorization: "Bearer ${TOKEN}"}`.
    pub headers: BTreeMap<String, String>,
    /// The most seconds for the server's start, and for one call of a tool.
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: u64,
}

impl Default for McpConfig {
    fn default() -> Self {
        Self {
            command: None,
            args: Vec::new(),
            env: BTreeMap::new(),
            url: None,
            headers: BTreeMap::new(),
            timeout_seconds: 60,
        }
    }
}

impl McpConfig {
    /// The whole environment of the program: what is passed on, and over it what the configuration names.
    pub fn child_environment(&self) -> BTreeMap<String, String> {
        let process = Environment::process();
        let mut variables: BTreeMap<_, _> =
            PASSED_ON.iter().filter_map(|name| Some(((*name).to_owned(), process.get(name)?))).collect();
        variables.extend(self.env.clone());
        variables
    }
}

impl std::fmt::Debug for McpConfig {
    /// Arguments, variables and headers may hold secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("McpConfig").field("command", &self.command).finish_non_exhaustive()
    }
}
