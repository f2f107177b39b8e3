//! The Chat Completions API: <https://platform.openai.com/docs/api-reference/chat> and `chat-streaming` beside it.

use hyper::HeaderMap;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::behaviour::{Behaviour, ToolCall};
use super::vendor::{Refusal, Transcript};

/// When every answer was made: a fixed moment, in seconds since 1970.
const CREATED: u64 = 1_761_264_000;

pub(super) fn check_key(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match value.strip_prefix("Bearer ").map(str::trim) {
        None | Some("") => Err(Refusal::new(401, "You didn't provide an API key.")),
        Some("invalid") => Err(Refusal::new(401, "Incorrect API key provided: invalid.")),
        Some(_) => Ok(()),
    }
}

pub(super) fn reply(behaviour: &Behaviour, model: &str) -> Vec<u8> {
    let mut message = json!({"role": "assistant", "content": behaviour.answer_text(), "refusal": null});
    if let Some(tool) = &behaviour.tool {
        message["tool_calls"] = json!([tool_call(tool, &tool.input)]);
    }
    json!({
        "id": "chatcmpl-standin", "object": "chat.completion", "created": CREATED, "model": model,
        "choices": [
            {"index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(behaviour)},
        ],
        "usage": usage(behaviour),
        "system_fingerprint": "fp_standin",
    })
    .to_string()
    .into_bytes()
}

pub(super) fn transcript(behaviour: &Behaviour, model: &str, with_usage: bool) -> Transcript {
    let chunk = |choices: Value, usage: Value| {
        let mut chunk = json!({
            "id": "chatcmpl-standin", "object": "chat.completion.chunk", "created": CREATED, "model": model,
            "system_fingerprint": "fp_standin", "choices": choices,
        });
        if with_usage {
            chunk["usage"] = usage;
        }
        data(&chunk.to_string())
    };
    let delta = |delta: Value, finish_reason: Option<&str>| {
        let choice = json!({"index": 0, "delta": delta, "logprobs": null, "finish_reason": finish_reason});
        chunk(json!([choice]), Value::Null)
    };
    let opening = vec![delta(json!({"role": "assistant", "content": "", "refusal": null}), None)];
    let deltas = behaviour.answer_chunks().iter().map(|text| delta(json!({"content": text}), None)).collect();
    let mut closing = Vec::new();
    if let Some(tool) = &behaviour.tool {
        let (first, second) = tool.input.split_at(tool.input.floor_char_boundary(tool.input.len() / 2));
        closing.push(delta(json!({"tool_calls": [indexed(tool_call(tool, ""))]}), None));
        for arguments in [first, second] {
            closing.push(delta(json!({"tool_calls": [indexed(json!({"function": {"arguments": arguments}}))]}), None));
        }
    }
    closing.push(delta(json!({}), Some(finish_reason(behaviour))));
    if with_usage {
        closing.push(chunk(json!([]), usage(behaviour)));
    }
    closing.push(data("[DONE]"));
    let error = data(&error_value(500, &behaviour.error_message).to_string());
    Transcript { opening, deltas, closing, error }
}

pub(super) fn error(status: u16, message: &str) -> Vec<u8> {
    error_value(status, message).to_string().into_bytes()
}

pub(super) fn models() -> Vec<u8> {
    let models: Vec<Value> = ["gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini"]
        .iter()
        .map(|id| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "system"}))
        .collect();
    json!({"object": "list", "data": models}).to_string().into_bytes()
}

fn finish_reason(behaviour: &Behaviour) -> &str {
    let usual = if behaviour.tool.is_some() { "tool_calls" } else { "stop" };
    behaviour.stop.as_deref().unwrap_or(usual)
}

fn usage(behaviour: &Behaviour) -> Value {
    json!({
        "prompt_tokens": behaviour.input_tokens, "completion_tokens": behaviour.output_tokens,
        "total_tokens": behaviour.input_tokens + behaviour.output_tokens,
    })
}

fn tool_call(tool: &ToolCall, arguments: &str) -> Value {
    json!({"id": "call_standin", "type": "function", "function": {"name": tool.name, "arguments": arguments}})
}

/// Pieces of a tool call in a stream say which call they belong to.
fn indexed(mut call: Value) -> Value {
    call["index"] = 0.into();
    call
}

fn data(data: &str) -> Vec<u8> {
    format!("data: {data}\n\n").into_bytes()
}

fn error_value(status: u16, message: &str) -> Value {
    let (kind, code) = match status {
        401 => ("invalid_request_error", Some("invalid_api_key")),
        404 => ("invalid_request_error", Some("model_not_found")),
        429 => ("requests", Some("rate_limit_exceeded")),
        500.. => ("server_error", None),
        _ => ("invalid_request_error", None),
    };
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}
