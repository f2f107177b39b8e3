//! A request to the Chat Completions API: <https://platform.openai.com/docs/api-reference/chat/create>.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;

use crate::provider::tool::accepted;
use crate::provider::{ModelMessage, ModelRequest, ToolCall, ToolDefinition, ToolResult};

#[derive(Serialize)]
pub(super) struct CompletionRequest<'a> {
    model: &'a str,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: Function<'a>,
}

#[derive(Serialize)]
struct Function<'a> {
    name: &'a str,
    description: &'a str,
    parameters: &'a Value,
}

/// A message; `content` is null beside calls without text, and never absent: compatible servers demand the key.
#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Serialize)]
struct CalledFunction<'a> {
    name: Cow<'a, str>,
    arguments: &'a str,
}

impl<'a> CompletionRequest<'a> {
    /// OpenAI's own newer models refuse `max_tokens`; compatible servers may know nothing else.
    pub(super) fn new(request: &'a ModelRequest, official: bool) -> Self {
        let mut messages = Vec::with_capacity(request.messages.len() + 1);
        messages.extend(request.system.iter().map(|text| Turn::text("system", text)));
        for message in &request.messages {
            match message {
                ModelMessage::User(text) => messages.push(Turn::text("user", text)),
                ModelMessage::Assistant { content, tool_calls } => messages.push(Turn::answer(content, tool_calls)),
                ModelMessage::ToolResults(results) => messages.extend(results.iter().map(Turn::result)),
            }
        }
        Self {
            model: &request.model,
            messages,
            tools: request.tools.iter().map(Tool::new).collect(),
            temperature: request.temperature,
            max_tokens: request.max_tokens.filter(|_| !official),
            max_completion_tokens: request.max_tokens.filter(|_| official),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
        }
    }
}

impl<'a> Tool<'a> {
    fn new(tool: &'a ToolDefinition) -> Self {
        let function = Function { name: &tool.name, description: &tool.description, parameters: &tool.parameters };
        Self { r#type: "function", function }
    }
}

impl<'a> Turn<'a> {
    fn text(role: &'static str, text: &'a str) -> Self {
        Self { role, content: Some(text), tool_calls: Vec::new(), tool_call_id: None }
    }

    fn answer(content: &'a str, calls: &'a [ToolCall]) -> Self {
        let only_calls = content.is_empty() && !calls.is_empty();
        Self {
            content: (!only_calls).then_some(content),
            tool_calls: calls.iter().map(Call::new).collect(),
            ..Self::text("assistant", content)
        }
    }

    fn result(result: &'a ToolResult) -> Self {
        Self { tool_call_id: Some(&result.call_id), ..Self::text("tool", &result.content) }
    }
}

impl<'a> Call<'a> {
    /// Servers that read the arguments of earlier calls fail where these are no object, so none other is shown.
    fn new(call: &'a ToolCall) -> Self {
        let function = CalledFunction { name: accepted(&call.name), arguments: call.arguments_object().get() };
        Self { id: &call.id, r#type: "function", function }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::tool::conversation_with_calls as with_tools;
    use serde_json::json;

    #[test]
    fn the_request_holds_what_was_asked_and_nothing_else() {
        fn written(request: &ModelRequest, official: bool) -> String {
            serde_json::to_string(&CompletionRequest::new(request, official)).expect("json")
        }

        let mut request = ModelRequest {
            model: "gpt-4o".into(),
            messages: vec![ModelMessage::User("hi".into())],
            ..ModelRequest::default()
        };
        assert_eq!(
            written(&request, true),
            r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"#
        );
        request.system = Some("Be brief.".into());
        request.temperature = Some(0.0);
        request.max_tokens = Some(9);
        assert_eq!(
            written(&request, true),
            r#"{"model":"gpt-4o","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"temperature":0.0,"max_completion_tokens":9,"stream":true,"stream_options":{"include_usage":true}}"#
        );
        assert!(written(&request, false).contains(r#""max_tokens":9,"stream""#));
    }

    #[test]
    fn tools_calls_and_results_are_written_as_servers_accept_them() {
        let written = serde_json::to_value(CompletionRequest::new(&with_tools(), false)).expect("json");
        let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
        assert_eq!(
            written["tools"],
            json!([{"type": "function", "function": {
                "name": "web_fetch", "description": "Reads a page.",
                "parameters": {"type": "object", "properties": {"url": {"type": "string"}}},
            }}])
        );
        assert_eq!(
            written["messages"],
            json!([
                {"role": "user", "content": "look"},
                {"role": "assistant", "content": null, "tool_calls": [
                    call("call:1", "web_fetch", r#"{"url": "页"}"#), call("call_2", "no_such_tool", "{}"),
                ]},
                {"role": "tool", "tool_call_id": "call:1", "content": "Hello"},
                {"role": "tool", "tool_call_id": "call_2", "content": "unknown tool"},
                {"role": "assistant", "content": "And now?", "tool_calls": [call("call_3", "now", "{}")]},
                {"role": "tool", "tool_call_id": "call_3", "content": ""},
                {"role": "user", "content": "as JSON, please"},
            ])
        );
    }
}
