//! `file_read`: a text file of the workspace.

use async_trait::async_trait;
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::definition;
use super::excerpt::excerpt;
use super::workspace::{Workspaces, read};
use super::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::config::SkillsConfig;
use crate::provider::ToolDefinition;

pub(super) const NAME: &str = "file_read";
pub(super) const ABOUT: &str = "Reads a text file of the workspace. A long one is given in pieces.";

pub(super) struct FileRead {
    definition: ToolDefinition,
    workspaces: Workspaces,
    file_bytes_max: usize,
    output_bytes_max: usize,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The file, relative to the workspace: `notes/today.md`.
    path: String,
    /// The byte to begin at; 0 if left out.
    #[serde(default)]
    offset: usize,
}

impl FileRead {
    pub(super) fn new(config: &SkillsConfig, workspaces: Workspaces) -> Self {
        Self {
            definition: definition::<Arguments>(NAME, ABOUT),
            workspaces,
            file_bytes_max: config.file_bytes_max,
            output_bytes_max: config.output_bytes_max,
        }
    }
}

#[async_trait]
impl Tool for FileRead {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        Effect::ReadOnly
    }

    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let Arguments { path, offset } = match call.read() {
            Ok(arguments) => arguments,
            Err(wrong) => return wrong,
        };
        let (file_bytes_max, output_bytes_max) = (self.file_bytes_max, self.output_bytes_max);
        let reading = self.workspaces.work(&call.workspace, move |folder| {
            let text = read(folder, &path, file_bytes_max)?;
            Ok(ToolOutput::untrusted(excerpt(&text, offset, output_bytes_max)))
        });
        reading.await
    }
}
