//! Every skill that the gateway and its configuration bring, but for folders.

use std::sync::Arc;

use super::Skill;
use crate::clock::Clock;
use crate::config::SkillsConfig;
use crate::outbound::Outbound;
use crate::skill::builtin::Builtin;
use crate::skill::file_list::{self, FileList};
use crate::skill::file_read::{self, FileRead};
use crate::skill::file_write::{self, FileWrite};
use crate::skill::mcp::{McpServer, McpSkill};
use crate::skill::web_fetch::WebFetch;
use crate::skill::workspace::Workspaces;
use crate::skill::{Control, web_search};
use crate::tasks::Tasks;

/// The list to which a new built-in skill is added.
pub(super) fn skills(config: &SkillsConfig, outbound: &Outbound, clock: &Clock, tasks: &Tasks) -> Vec<Arc<dyn Skill>> {
    let mut skills: Vec<Arc<dyn Skill>> = vec![
        Arc::new(Builtin::new(WebFetch::new(config, outbound.clone(), clock.clone(), tasks.clone()))),
        Arc::new(web_search::skill(config, outbound.clone())),
    ];
    skills.extend(files(config, clock, tasks).map(|skill| Arc::new(skill) as Arc<dyn Skill>));
    skills.extend(Control::ALL.map(|control| Arc::new(control) as Arc<dyn Skill>));
    skills.extend(config.mcp.iter().map(|(name, server)| {
        let server = McpServer::new(name, server, outbound.clone(), clock.clone(), tasks.clone());
        Arc::new(McpSkill(server)) as Arc<dyn Skill>
    }));
    skills
}

/// What works with files, if there is a place for them.
fn files(config: &SkillsConfig, clock: &Clock, tasks: &Tasks) -> [Builtin; 3] {
    let Some(root) = config.workspace_path() else {
        let reason = "the home folder is not known: name a folder in `skills.workspace_dir`";
        return [
            Builtin::missing(file_read::NAME, file_read::ABOUT, reason),
            Builtin::missing(file_list::NAME, file_list::ABOUT, reason),
            Builtin::missing(file_write::NAME, file_write::ABOUT, reason),
        ];
    };
    let workspaces = Workspaces::new(root, tasks.clone());
    [
        Builtin::new(FileRead::new(config, workspaces.clone())),
        Builtin::new(FileList::new(workspaces.clone())),
        Builtin::new(FileWrite::new(config, workspaces, clock.clone())),
    ]
}
