//! A request to the Messages API: <https://docs.anthropic.com/en/api/messages>.

use std::borrow::Cow;

use openclaw_core::Role;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::provider::tool::accepted;
use crate::provider::{ModelMessage, ModelRequest, ToolCall, ToolDefinition, ToolResult};

#[derive(Serialize)]
pub(super) struct MessagesRequest<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<&'a str>,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    stream: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: Role,
    #[serde(serialize_with = "content")]
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text {
        text: &'a str,
    },
    ToolUse {
        id: Cow<'a, str>,
        name: Cow<'a, str>,
        input: &'a RawValue,
    },
    ToolResult {
        tool_use_id: Cow<'a, str>,
        #[serde(skip_serializing_if = "str::is_empty")]
        content: &'a str,
        #[serde(skip_serializing_if = "std::ops::Not::not")]
        is_error: bool,
    },
}

impl<'a> MessagesRequest<'a> {
    pub(super) fn new(request: &'a ModelRequest, max_tokens: u32) -> Self {
        Self {
            model: &request.model,
            max_tokens: request.max_tokens.unwrap_or(max_tokens),
            system: request.system.as_deref(),
            messages: turns(&request.messages),
            tools: request.tools.iter().map(Tool::new).collect(),
            temperature: request.temperature,
            stream: true,
        }
    }
}

impl<'a> Tool<'a> {
    fn new(tool: &'a ToolDefinition) -> Self {
        Self { name: &tool.name, description: &tool.description, input_schema: &tool.parameters }
    }
}

impl<'a> Block<'a> {
    fn call(call: &'a ToolCall) -> Self {
        Self::ToolUse { id: accepted(&call.id), name: accepted(&call.name), input: call.arguments_object() }
    }

    fn result(result: &'a ToolResult) -> Self {
        let ToolResult { call_id, content, is_error } = result;
        Self::ToolResult { tool_use_id: accepted(call_id), content, is_error: *is_error }
    }
}

/// Turns that alternate: results of tools are the user's here, and what follows them is said in the same turn.
fn turns(messages: &[ModelMessage]) -> Vec<Turn<'_>> {
    let mut turns: Vec<Turn<'_>> = Vec::with_capacity(messages.len());
    for message in messages {
        let (role, content) = blocks(message);
        match turns.last_mut() {
            Some(last) if last.role == role => last.content.extend(content),
            _ if content.is_empty() => {}
            _ => turns.push(Turn { role, content }),
        }
    }
    turns
}

fn blocks(message: &ModelMessage) -> (Role, Vec<Block<'_>>) {
    match message {
        ModelMessage::User(text) => (Role::User, vec![Block::Text { text }]),
        ModelMessage::Assistant { content, tool_calls } => {
            // The vendor refuses a block of text without a letter in it.
            let text = (!content.trim().is_empty()).then_some(Block::Text { text: content });
            (Role::Assistant, text.into_iter().chain(tool_calls.iter().map(Block::call)).collect())
        }
        ModelMessage::ToolResults(results) => (Role::User, results.iter().map(Block::result).collect()),
    }
}

/// Text alone is written as text, the shorter of the two forms.
fn content<S: Serializer>(blocks: &[Block<'_>], serializer: S) -> Result<S::Ok, S::Error> {
    match blocks {
        [Block::Text { text }] => serializer.serialize_str(text),
        blocks => serializer.collect_seq(blocks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tool::conversation_with_calls as with_tools;
    use serde_json::json;

    #[test]
    fn the_request_holds_what_was_asked_and_nothing_else() {
        let mut request = ModelRequest {
            model: "claude-3-5-sonnet-20241022".into(),
            messages: vec![ModelMessage::User("帮我".into())],
            ..ModelRequest::default()
        };
        assert_eq!(
            serde_json::to_string(&MessagesRequest::new(&request, 4096)).expect("json"),
            r#"{"model":"claude-3-5-sonnet-20241022","max_tokens":4096,"messages":[{"role":"user","content":"帮我"}],"stream":true}"#
        );
        request.system = Some("Be brief.".into());
        request.temperature = Some(0.7);
        request.max_tokens = Some(9);
        request.messages.insert(0, ModelMessage::answer("Hi"));
        assert_eq!(
            serde_json::to_string(&MessagesRequest::new(&request, 4096)).expect("json"),
            r#"{"model":"claude-3-5-sonnet-20241022","max_tokens":9,"system":"Be brief.","messages":[{"role":"assistant","content":"Hi"},{"role":"user","content":"帮我"}],"temperature":0.7,"stream":true}"#
        );
    }

    #[test]
    fn tools_calls_and_results_are_written_as_the_vendor_accepts_them() {
        let request = with_tools();
        let written = serde_json::to_value(MessagesRequest::new(&request, 4096)).expect("json");
        assert_eq!(
            written["tools"],
            json!([{
                "name": "web_fetch", "description": "Reads a page.",
                "input_schema": {"type": "object", "properties": {"url": {"type": "string"}}},
            }])
        );
        assert_eq!(
            written["messages"],
            json!([
                {"role": "user", "content": "look"},
                {"role": "assistant", "content": [
                    {"type": "tool_use", "id": "call_1", "name": "web_fetch", "input": {"url": "页"}},
                    {"type": "tool_use", "id": "call_2", "name": "no_such_tool", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "call_1", "content": "Hello"},
                    {"type": "tool_result", "tool_use_id": "call_2", "content": "unknown tool", "is_error": true},
                ]},
                {"role": "assistant", "content": [
                    {"type": "text", "text": "And now?"},
                    {"type": "tool_use", "id": "call_3", "name": "now", "input": {}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "call_3"},
                    {"type": "text", "text": "as JSON, please"},
                ]},
            ])
        );
    }

    #[test]
    fn turns_alternate_and_hold_something() {
        let user = |text: &str| ModelMessage::User(text.into());
        let request = ModelRequest {
            messages: vec![user("a"), ModelMessage::answer(" \n"), user("b"), ModelMessage::answer("c"), user("d")],
            ..ModelRequest::default()
        };
        let written = serde_json::to_value(MessagesRequest::new(&request, 1)).expect("json");
        assert_eq!(
            written["messages"],
            json!([
                {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]},
                {"role": "assistant", "content": "c"},
                {"role": "user", "content": "d"},
            ])
        );
    }
}
