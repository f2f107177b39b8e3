//! What one agent was granted: its tools by name, and what its system text gains.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use async_trait::async_trait;

use super::catalogue::Grant;
use super::folder::{SkillRead, instructions};
use super::{Control, Effect, Tool, ToolInvocation, ToolOutput};
use crate::provider::ToolDefinition;
use crate::tasks::Tasks;

/// What an agent holds; a name that is not in here cannot be called. Dropping it lets go of MCP servers.
#[derive(Default)]
pub struct Toolbox {
    tools: BTreeMap<String, Arc<dyn Tool>>,
    controls: Vec<Control>,
    instructions: Option<String>,
    hashes: Vec<(String, String)>,
    output_bytes_max: usize,
}

impl Toolbox {
    pub(super) fn new(grants: Vec<Grant>, output_bytes_max: usize, tasks: &Tasks) -> Self {
        let mut toolbox = Self { output_bytes_max, ..Self::default() };
        let mut folders = Vec::new();
        for grant in grants {
            match grant {
                Grant::Tools(tools) => tools.into_iter().for_each(|tool| toolbox.add(tool)),
                Grant::Control(control) => toolbox.controls.push(control),
                Grant::Folder(folder) => folders.push(folder),
            }
        }
        if !folders.is_empty() {
            toolbox.instructions = Some(instructions(&folders));
            toolbox.add(Arc::new(SkillRead::new(&folders, output_bytes_max, tasks.clone())));
            toolbox.hashes = folders.into_iter().map(|opened| (opened.folder.name, opened.hash)).collect();
        }
        toolbox
    }

    /// What a model is told of the tools, sorted by name; those of a [`Control`] come from its runner.
    pub fn definitions(&self) -> Vec<ToolDefinition> {
        self.tools.values().map(|tool| tool.definition().clone()).collect()
    }

    /// The tool of that name, if it was granted.
    pub fn find(&self, name: &str) -> Option<&Arc<dyn Tool>> {
        self.tools.get(name)
    }

    /// Appended to the system text: a line for each granted `SKILL.md` skill, and how to read it.
    pub fn instructions(&self) -> Option<&str> {
        self.instructions.as_deref()
    }

    /// Name and content hash of each granted `SKILL.md` skill, for the journal.
    pub fn hashes(&self) -> &[(String, String)] {
        &self.hashes
    }

    /// Whether the agent may do that.
    pub fn grants(&self, control: Control) -> bool {
        self.controls.contains(&control)
    }

    fn add(&mut self, tool: Arc<dyn Tool>) {
        let name = tool.definition().name.clone();
        self.tools.insert(name, Arc::new(Bounded { tool, bytes_max: self.output_bytes_max }));
    }
}

/// A tool whose answers end at `skills.output_bytes_max`, whatever it is.
struct Bounded {
    tool: Arc<dyn Tool>,
    bytes_max: usize,
}

#[async_trait]
impl Tool for Bounded {
    fn definition(&self) -> &ToolDefinition {
        self.tool.definition()
    }

    fn effect(&self) -> Effect {
        self.tool.effect()
    }

    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let output = self.tool.call(call).await;
        ToolOutput { content: cut(output.content, self.bytes_max), ..output }
    }
}

/// The beginning of a text, and a word about what is missing.
fn cut(mut text: String, bytes_max: usize) -> String {
    let bytes = text.len();
    if bytes > bytes_max {
        text.truncate(text.floor_char_boundary(bytes_max));
        let _ = write!(text, "\n[cut: {bytes} bytes in all, the first {bytes_max} are shown]");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_answer_is_cut_between_characters() {
        assert_eq!(cut("abc".into(), 3), "abc");
        assert_eq!(cut("ab文字".into(), 6), "ab文\n[cut: 8 bytes in all, the first 6 are shown]");
    }
}
