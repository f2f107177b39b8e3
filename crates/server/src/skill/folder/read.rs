//! `skill_read`: the body of a granted skill, and the files beside it.

use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;
use cap_std::ambient_authority;
use cap_std::fs::Dir;
use schemars::JsonSchema;
use serde::Deserialize;

use super::scan::{FILE_BYTES_MAX, files};
use super::{Folder, OpenedFolder, TOOL, head};
use crate::provider::ToolDefinition;
use crate::skill::arguments::definition;
use crate::skill::excerpt::excerpt;
use crate::skill::workspace::read;
use crate::skill::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::tasks::Tasks;

/// The most files that are told beside a body.
const LISTED_MAX: usize = 100;

/// Reads the folders that one agent was granted, and no other.
pub(in crate::skill) struct SkillRead {
    definition: ToolDefinition,
    folders: Arc<[Folder]>,
    output_bytes_max: usize,
    tasks: Tasks,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The skill.
    name: String,
    /// A file of the skill, such as `references/forms.md`; its instructions if left out.
    #[serde(default)]
    path: Option<String>,
    /// The byte to begin at; 0 if left out.
    #[serde(default)]
    offset: usize,
}

impl SkillRead {
    pub(in crate::skill) fn new(folders: &[OpenedFolder], output_bytes_max: usize, tasks: Tasks) -> Self {
        let about = "Reads the instructions of a skill, or a file that they name.";
        let mut definition = definition::<Arguments>(TOOL, about);
        let names: Vec<_> = folders.iter().map(|opened| opened.folder.name.clone()).collect();
        definition.parameters["properties"]["name"]["enum"] = names.into();
        let folders = folders.iter().map(|opened| opened.folder.clone()).collect();
        Self { definition, folders, output_bytes_max, tasks }
    }
}

#[async_trait]
impl Tool for SkillRead {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        Effect::ReadOnly
    }

    /// Dropping the future leaves the reading to run to its end unheard.
    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let Arguments { name, path, offset } = match call.read() {
            Ok(arguments) => arguments,
            Err(wrong) => return wrong,
        };
        let Some(folder) = self.folders.iter().find(|folder| folder.name == name).cloned() else {
            return ToolOutput::error(format!("the skill `{name}` was not granted"));
        };
        let bytes_max = self.output_bytes_max;
        let reading = self.tasks.block(move || {
            let text = match path {
                Some(path) => file(&folder, &path),
                None => instructions(&folder),
            };
            text.map_or_else(ToolOutput::error, |text| ToolOutput::new(excerpt(&text, offset, bytes_max)))
        });
        reading.await.unwrap_or_else(|panicked| ToolOutput::error(panicked.to_string()))
    }
}

fn file(folder: &Folder, path: &str) -> Result<String, String> {
    let opened = Dir::open_ambient_dir(&folder.path, ambient_authority())
        .map_err(|error| format!("the skill's folder cannot be read: {error}"))?;
    read(&opened, path, usize::try_from(FILE_BYTES_MAX).expect("a constant of 1 MiB"))
}

fn instructions(folder: &Folder) -> Result<String, String> {
    let text = file(folder, "SKILL.md")?;
    let mut shown = head::split(&text).map_or(text.as_str(), |(_, body)| body).trim().to_owned();
    if let Some(tools) = &folder.allowed_tools {
        let _ = write!(shown, "\n\n[it expects these tools: {tools}; yours stay those that you were granted]");
    }
    let files = files(&folder.path).map_err(|error| error.to_string())?;
    let beside: Vec<_> = files.into_iter().filter(|file| file != "SKILL.md").take(LISTED_MAX).collect();
    if !beside.is_empty() {
        let beside = beside.join(", ");
        let _ = write!(shown, "\n\n[files beside it, to be read with {TOOL} and their path: {beside}]");
    }
    Ok(shown)
}
