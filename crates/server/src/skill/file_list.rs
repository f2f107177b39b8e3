//! `file_list`: what lies in the workspace.

use async_trait::async_trait;
use cap_std::fs::Dir;
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::definition;
use super::workspace::{Workspaces, why};
use super::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::provider::ToolDefinition;

pub(super) const NAME: &str = "file_list";
pub(super) const ABOUT: &str =
    "Lists the files of the workspace, or of a folder of it and all below, with their sizes in bytes.";

/// The most files and folders that one call gives.
const ENTRIES_MAX: usize = 1000;

/// How many folders deep a listing goes.
const DEPTH_MAX: usize = 16;

pub(super) struct FileList {
    definition: ToolDefinition,
    workspaces: Workspaces,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The folder, relative to the workspace; the whole workspace if left out.
    #[serde(default = "top")]
    path: String,
}

fn top() -> String {
    ".".into()
}

impl FileList {
    pub(super) fn new(workspaces: Workspaces) -> Self {
        Self { definition: definition::<Arguments>(NAME, ABOUT), workspaces }
    }
}

#[async_trait]
impl Tool for FileList {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        Effect::ReadOnly
    }

    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let Arguments { path } = match call.read() {
            Ok(arguments) => arguments,
            Err(wrong) => return wrong,
        };
        self.workspaces.work(&call.workspace, move |folder| list(folder, &path)).await
    }
}

fn list(folder: &Dir, path: &str) -> Result<ToolOutput, String> {
    let path = if path.is_empty() { "." } else { path };
    let listed = folder.open_dir(path).map_err(|error| why(path, &error))?;
    let mut lines = Vec::new();
    let whole = collect(&listed, "", DEPTH_MAX, &mut lines).map_err(|error| why(path, &error))?;
    if lines.is_empty() {
        return Ok(ToolOutput::new("the folder is empty"));
    }
    if !whole {
        lines.push("[there is more: list a folder of it by its path]".into());
    }
    Ok(ToolOutput::untrusted(lines.join("\n")))
}

/// Adds a line for each entry, sorted by name, links unfollowed. Says whether that was all.
fn collect(folder: &Dir, prefix: &str, depth: usize, lines: &mut Vec<String>) -> std::io::Result<bool> {
    // One more than can be shown is enough to know that there is more.
    let mut entries: Vec<_> = folder.entries()?.take(ENTRIES_MAX + 1).collect::<Result<_, _>>()?;
    entries.sort_by_key(cap_std::fs::DirEntry::file_name);
    for entry in entries {
        if lines.len() == ENTRIES_MAX {
            return Ok(false);
        }
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy().replace('\n', "?"));
        let kind = entry.file_type()?;
        if kind.is_symlink() {
            lines.push(format!("{name} (a link)"));
        } else if kind.is_dir() {
            lines.push(format!("{name}/"));
            let is_whole = depth > 1 && collect(&entry.open_dir()?, &format!("{name}/"), depth - 1, lines)?;
            if !is_whole {
                return Ok(false);
            }
        } else {
            lines.push(format!("{name} ({} bytes)", entry.metadata()?.len()));
        }
    }
    Ok(true)
}
