//! `file_write`: a text file of the workspace, written whole or not at all.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use cap_std::fs::{Dir, OpenOptions};
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::definition;
use super::workspace::{Workspaces, why};
use super::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::clock::Clock;
use crate::config::SkillsConfig;
use crate::provider::ToolDefinition;

pub(super) const NAME: &str = "file_write";
pub(super) const ABOUT: &str = "Writes a text file of the workspace; what the file held before is replaced.";

pub(super) struct FileWrite {
    definition: ToolDefinition,
    workspaces: Workspaces,
    file_bytes_max: usize,
    clock: Clock,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The file, relative to the workspace: `notes/today.md`. Folders on the way are made.
    path: String,
    /// The whole new text of the file.
    content: String,
}

impl FileWrite {
    pub(super) fn new(config: &SkillsConfig, workspaces: Workspaces, clock: Clock) -> Self {
        Self {
            definition: definition::<Arguments>(NAME, ABOUT),
            workspaces,
            file_bytes_max: config.file_bytes_max,
            clock,
        }
    }
}

#[async_trait]
impl Tool for FileWrite {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        Effect::SideEffect
    }

    /// Dropping the future does not stop it: the file is written whole, or was not begun.
    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let Arguments { path, content } = match call.read() {
            Ok(arguments) => arguments,
            Err(wrong) => return wrong,
        };
        let bytes = content.len();
        if bytes > self.file_bytes_max {
            return ToolOutput::error(format!(
                "{bytes} bytes are too many for one file; at most {}",
                self.file_bytes_max
            ));
        }
        let mark = u64::from_le_bytes(self.clock.random());
        let writing = self.workspaces.work(&call.workspace, move |folder| {
            write(folder, &path, &content, mark)?;
            Ok(ToolOutput::new(format!("wrote {bytes} bytes to {path}")))
        });
        writing.await
    }
}

/// Writes beside the file and then takes its place, so that nobody ever reads a half of it.
fn write(folder: &Dir, path: &str, content: &str, mark: u64) -> Result<(), String> {
    let told = |error: &std::io::Error| why(path, error);
    let Some(name) = Path::new(path).file_name().filter(|_| !path.ends_with('/')) else {
        return Err(format!("`{path}` names no file"));
    };
    let parent = match Path::new(path).parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    // From here on all happens in this one folder, whatever becomes of the path to it.
    let parent = open_parent(folder, &parent).map_err(|error| told(&error))?;
    if parent.symlink_metadata(name).is_ok_and(|metadata| metadata.is_dir()) {
        return Err(format!("`{path}` is a folder"));
    }
    let beside = format!(".openclaw-{mark:016x}.tmp");
    let written = write_new(&parent, &beside, content).and_then(|()| parent.rename(&beside, &parent, name));
    written.map_err(|error| {
        // Left behind it would show up in listings; that it cannot be removed changes nothing for the model.
        let _ = parent.remove_file(&beside);
        told(&error)
    })
}

/// The folder of a file; it is made where there is nothing yet, never through a link that leads out.
fn open_parent(folder: &Dir, parent: &Path) -> std::io::Result<Dir> {
    match folder.open_dir(parent) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            folder.create_dir_all(parent)?;
            folder.open_dir(parent)
        }
        opened => opened,
    }
}

fn write_new(folder: &Dir, name: &str, content: &str) -> std::io::Result<()> {
    let mut file = folder.open_with(name, OpenOptions::new().write(true).create_new(true))?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}
