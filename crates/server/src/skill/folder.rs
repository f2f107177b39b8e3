//! `SKILL.md` folders, by the Agent Skills standard: instructions that an agent reads when a task calls for them.
//!
//! Three tiers: a line of each granted skill stands in the system text ([`instructions`]); the body and the files beside
//! it are read by the tool `skill_read` (`read`). The [`Shelf`] finds the folders (`scan`), reads their heads leniently
//! (`head`), and looks again every few seconds, so that a skill that was added needs no restart.
//!
//! Names never hold a `_` or `:`, so they can be confused neither with built-in skills nor with MCP servers.

mod head;
mod read;
mod scan;
mod shelf;

pub(super) use read::SkillRead;
pub(super) use shelf::Shelf;

use std::path::PathBuf;

use async_trait::async_trait;
use openclaw_core::SkillKind;

use super::catalogue::{Grant, Skill};
use crate::tasks::Tasks;

/// The tool by which all of them are read.
const TOOL: &str = "skill_read";

/// A folder with a `SKILL.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Folder {
    pub(super) name: String,
    pub(super) description: String,
    /// What the head says in `allowed-tools`: told to the model. To the standard these are tools approved in advance; here
    /// grants and approvals are the caller's and the operator's, and no file gives, approves or takes away any.
    pub(super) allowed_tools: Option<String>,
    path: PathBuf,
}

/// A folder that was granted, as it was when the agent started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OpenedFolder {
    pub(super) folder: Folder,
    /// SHA-256 in hex over every file of the folder.
    pub(super) hash: String,
}

/// The lines of the granted folders, and how to read them.
pub(super) fn instructions(folders: &[OpenedFolder]) -> String {
    let lines: Vec<_> =
        folders.iter().map(|opened| format!("- {}: {}", opened.folder.name, opened.folder.description)).collect();
    format!(
        "You have skills: instructions for certain kinds of task. When one fits what you are doing, first read it with \
         the tool {TOOL} and follow it.\n{}",
        lines.join("\n")
    )
}

/// A folder in the catalogue.
pub(super) struct FolderSkill {
    pub(super) folder: Folder,
    pub(super) tasks: Tasks,
}

#[async_trait]
impl Skill for FolderSkill {
    fn entry(&self) -> openclaw_core::Skill {
        openclaw_core::Skill {
            name: self.folder.name.clone(),
            kind: SkillKind::Folder,
            description: self.folder.description.clone(),
            tools: vec![TOOL.into()],
            available: true,
            reason: None,
        }
    }

    async fn open(&self, _workspace: &str) -> Result<Grant, String> {
        let folder = self.folder.clone();
        let hashed = self.tasks.block(move || scan::hash(&folder.path).map(|hash| OpenedFolder { folder, hash }));
        let hashed = hashed.await.map_err(|panicked| panicked.to_string())?;
        hashed.map(Grant::Folder).map_err(|error| format!("its folder cannot be read: {error}"))
    }
}
