//! Every skill that the gateway and its configuration bring, but for folders.

use std::sync::Arc;

use super::Skill;
use crate::clock::Clock;
use crate::config::SkillsConfig;
use crate::outbound::Outbound;
use crate::skill::builtin::Builtin;
use crate::skill::file_list::FileList;
use crate::skill::file_read::FileRead;
use crate::skill::file_write::FileWrite;
use crate::skill::mcp::{McpServer, McpSkill};
use crate::skill::web_fetch::WebFetch;
use crate::skill::workspace::Workspaces;
use crate::skill::{Control, web_search};
use crate::tasks::Tasks;

/// The list to which a new built-in skill is added.
pub(super) fn skills(config: &SkillsConfig, outbound: &Outbound, clock: &Clock, tasks: &Tasks) -> Vec<Arc<dyn Skill>> {
    let workspaces = Workspaces::new(config.workspace_path(), tasks.clone());
    let mut skills: Vec<Arc<dyn Skill>> = vec![
        Arc::new(Builtin::new(WebFetch::new(config, outbound.clone(), clock.clone(), tasks.clone()))),
        Arc::new(web_search::skill(config, outbound.clone())),
        Arc::new(Builtin::new(FileRead::new(config, workspaces.clone()))),
        Arc::new(Builtin::new(FileList::new(workspaces.clone()))),
        Arc::new(Builtin::new(FileWrite::new(config, workspaces, clock.clone()))),
    ];
    skills.extend(Control::ALL.map(|control| Arc::new(control) as Arc<dyn Skill>));
    skills.extend(config.mcp.iter().map(|(name, server)| {
        let server = McpServer::new(name, server, outbound.clone(), clock.clone(), tasks.clone());
        Arc::new(McpSkill(server)) as Arc<dyn Skill>
    }));
    skills
}
