//! A server's tools as ours: their names, what a model is told of them, and their answers as text.

use std::collections::BTreeSet;
use std::sync::Arc;

use async_trait::async_trait;
use rmcp::model::{CallToolRequestParams, CallToolResult, ContentBlock, JsonObject, MetaObject, ResourceContents};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio_util::task::task_tracker::TaskTrackerToken;

use super::McpServer;
use crate::provider::ToolDefinition;
use crate::skill::{Effect, Tool, ToolInvocation, ToolOutput};

/// The most tools of one server: what the vendors of models take of all.
const TOOLS_MAX: usize = 128;

/// The longest name that every vendor takes.
const NAME_BYTES_MAX: usize = 64;

/// The longest description that is shown to a model.
const DESCRIPTION_CHARACTERS_MAX: usize = 2000;

/// The largest schema of arguments that is shown to a model.
const SCHEMA_BYTES_MAX: usize = 32 * 1024;

/// Tells a receiver a repetition: the same on every try of one call.
const IDEMPOTENCY_KEY: &str = "openclaw/idempotencyKey";

/// Our tools for a server's.
pub(super) fn tools(server: &Arc<McpServer>, listed: Vec<rmcp::model::Tool>) -> Vec<Arc<dyn Tool>> {
    let mut names = BTreeSet::new();
    let mut tools: Vec<Arc<dyn Tool>> = Vec::new();
    for tool in listed {
        let schema_bytes = serde_json::to_vec(&*tool.input_schema).map_or(usize::MAX, |json| json.len());
        let name = unique_name(&server.name, &tool.name, &mut names);
        if tools.len() == TOOLS_MAX || schema_bytes > SCHEMA_BYTES_MAX {
            tracing::warn!(
                server = server.name,
                tool = name,
                "a tool is left out: there are too many, or it is too large"
            );
            continue;
        }
        tools.push(Arc::new(McpTool::new(server, name, tool)));
    }
    tools
}

struct McpTool {
    server: Arc<McpServer>,
    definition: ToolDefinition,
    effect: Effect,
    /// Its name at the server.
    name: String,
    _user: TaskTrackerToken,
}

impl McpTool {
    fn new(server: &Arc<McpServer>, name: String, tool: rmcp::model::Tool) -> Self {
        let description = tool.description.or(tool.title.map(Into::into)).unwrap_or_default();
        let mut parameters = JsonObject::clone(&tool.input_schema);
        parameters.remove("$schema");
        parameters.entry("type").or_insert_with(|| "object".into());
        let reads_only = tool.annotations.and_then(|hints| hints.read_only_hint) == Some(true);
        Self {
            server: Arc::clone(server),
            definition: ToolDefinition {
                name,
                description: description.chars().take(DESCRIPTION_CHARACTERS_MAX).collect(),
                parameters: Value::Object(parameters),
            },
            effect: if reads_only { Effect::ReadOnly } else { Effect::SideEffect },
            name: tool.name.into_owned(),
            _user: server.users.token(),
        }
    }

    async fn ask(&self, call: &ToolInvocation) -> Result<CallToolResult, String> {
        let connection = self.server.connection().await?;
        let mut asked = CallToolRequestParams::new(self.name.clone()).with_arguments(call.arguments.clone());
        let key = (IDEMPOTENCY_KEY.to_owned(), Value::String(call.idempotency_key.clone()));
        asked.meta = Some(MetaObject(JsonObject::from_iter([key])).into());
        let asking = self.server.clock.timeout(self.server.timeout(), connection.service.call_tool(asked));
        asking
            .await
            .map_err(|_| format!("it did not answer within {} s", self.server.config.timeout_seconds))?
            .map_err(|error| error.to_string())
    }
}

#[async_trait]
impl Tool for McpTool {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        self.effect
    }

    /// Dropping the future tells the server that the call is cancelled, which it may or may not heed.
    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        match self.ask(call).await {
            Ok(result) => {
                let is_error = result.is_error == Some(true);
                ToolOutput { is_error, ..ToolOutput::untrusted(text(result)) }
            }
            // The message may hold the server's own words.
            Err(why) => {
                let told = format!("the MCP server {} failed: {why}", self.server.name);
                ToolOutput { is_error: true, ..ToolOutput::untrusted(told) }
            }
        }
    }
}

/// `SERVER__TOOL` in letters, digits, `_` and `-`; what is too long or taken ends in a piece of its hash.
fn unique_name(server: &str, tool: &str, taken: &mut BTreeSet<String>) -> String {
    let whole = format!("{server}__{tool}");
    let is_fit = |character: char| character.is_ascii_alphanumeric() || character == '-' || character == '_';
    let mut name: String = whole.chars().map(|character| if is_fit(character) { character } else { '_' }).collect();
    if name.len() > NAME_BYTES_MAX || taken.contains(&name) {
        let hash = Sha256::digest(&whole);
        let hash = format!("{:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]));
        name.truncate(NAME_BYTES_MAX - hash.len() - 1);
        name = format!("{name}_{hash}");
    }
    taken.insert(name.clone());
    name
}

/// An answer as text; what is none is named.
fn text(result: CallToolResult) -> String {
    let parts: Vec<_> = result.content.into_iter().map(part).collect();
    match result.structured_content {
        Some(structured) if parts.is_empty() => structured.to_string(),
        _ => parts.join("\n"),
    }
}

fn part(content: ContentBlock) -> String {
    let unseen = |mime_type: &str, data: &str| format!("[{mime_type}, {} bytes in base64, not shown]", data.len());
    match content {
        ContentBlock::Text(text) => text.text,
        ContentBlock::Image(image) => unseen(&image.mime_type, &image.data),
        ContentBlock::Audio(audio) => unseen(&audio.mime_type, &audio.data),
        ContentBlock::ResourceLink(link) => format!("[{}: {}]", link.name, link.uri),
        ContentBlock::Resource(embedded) => match embedded.resource {
            ResourceContents::TextResourceContents { uri, text, .. } => format!("[{uri}]\n{text}"),
            ResourceContents::BlobResourceContents { uri, blob, .. } => unseen(&uri, &blob),
            _ => "[a resource of an unknown kind]".into(),
        },
        _ => "[content of an unknown kind]".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_every_vendor_takes_and_each_its_own() {
        let mut taken = BTreeSet::new();
        let mut name = |tool: &str| unique_name("files", tool, &mut taken);
        assert_eq!(name("read_file"), "files__read_file");
        assert_eq!(name("read.file"), "files__read_file_c214cb95");
        assert_eq!(name("读"), "files___");
        let long = name(&"a".repeat(100));
        assert_eq!((long.len(), &long[..56]), (64, &*format!("files__{}_", "a".repeat(48))));
    }
}
