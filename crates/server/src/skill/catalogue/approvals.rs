//! Whether `skills.approvals` names tools that there are: a slip there would leave a tool open that was to be closed.

use super::SkillConfigError;
use crate::config::SkillsConfig;

/// What every folder of instructions is read with.
const FOLDER_TOOL: &str = "skill_read";

/// Refuses a name that is neither one of these tools nor `SERVER__TOOL` of a configured MCP server.
pub(super) fn check(config: &SkillsConfig, tools: impl Iterator<Item = String>) -> Result<(), SkillConfigError> {
    let known: Vec<String> = tools.chain([FOLDER_TOOL.to_owned()]).collect();
    for name in config.approvals.keys() {
        let of_server = name.split_once("__").is_some_and(|(server, _)| config.mcp.contains_key(server));
        if !of_server && !known.contains(name) {
            let message = format!(
                "there is no such tool; there are {}, and SERVER__TOOL for each MCP server in skills.mcp",
                known.join(", ")
            );
            return Err(SkillConfigError { key: format!("skills.approvals.{name}"), message });
        }
    }
    Ok(())
}
