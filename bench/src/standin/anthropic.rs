//! Anthropic's Messages API: <https://docs.anthropic.com/en/api/messages> and `messages-streaming` beside it.

use hyper::HeaderMap;
use serde_json::{Value, json};

use super::behaviour::{Behaviour, ToolCall};
use super::vendor::{Refusal, Transcript};

pub(super) fn check_key(headers: &HeaderMap) -> Result<(), Refusal> {
    let key = headers.get("x-api-key").map(hyper::header::HeaderValue::as_bytes).unwrap_or_default();
    if key.is_empty() {
        return Err(Refusal::new(401, "x-api-key header is required"));
    }
    if key == b"invalid" {
        return Err(Refusal::new(401, "invalid x-api-key"));
    }
    if !headers.contains_key("anthropic-version") {
        return Err(Refusal::new(400, "anthropic-version: header is required"));
    }
    Ok(())
}

pub(super) fn reply(behaviour: &Behaviour, model: &str) -> Vec<u8> {
    let mut content = vec![json!({"type": "text", "text": behaviour.answer_text()})];
    content.extend(behaviour.tool.as_ref().map(|tool| {
        let input: Value = serde_json::from_str(&tool.input).unwrap_or_else(|_| json!({}));
        json!({"type": "tool_use", "id": "toolu_standin", "name": tool.name, "input": input})
    }));
    let usage = json!({
        "input_tokens": behaviour.input_tokens, "output_tokens": behaviour.output_tokens,
        "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "service_tier": "standard",
    });
    let mut message = message(model, &usage);
    message["content"] = content.into();
    message["stop_reason"] = stop_reason(behaviour).into();
    message.to_string().into_bytes()
}

pub(super) fn transcript(behaviour: &Behaviour, model: &str) -> Transcript {
    // The first event guesses the output at one token; the last delta corrects it.
    let usage = json!({
        "input_tokens": behaviour.input_tokens, "output_tokens": 1,
        "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0, "service_tier": "standard",
    });
    let opening = vec![
        event("message_start", &json!({"message": message(model, &usage)})),
        event("content_block_start", &json!({"index": 0, "content_block": {"type": "text", "text": ""}})),
        event("ping", &json!({})),
    ];
    let deltas = behaviour
        .answer_chunks()
        .iter()
        .map(|text| event("content_block_delta", &json!({"index": 0, "delta": {"type": "text_delta", "text": text}})))
        .collect();
    let mut closing = vec![event("content_block_stop", &json!({"index": 0}))];
    closing.extend(behaviour.tool.iter().flat_map(tool_events));
    closing.push(event(
        "message_delta",
        &json!({
            "delta": {"stop_reason": stop_reason(behaviour), "stop_sequence": null},
            "usage": {"output_tokens": behaviour.output_tokens},
        }),
    ));
    closing.push(event("message_stop", &json!({})));
    let error = event("error", &json!({"error": error_body(529, &behaviour.error_message)}));
    Transcript { opening, deltas, closing, error }
}

pub(super) fn error(status: u16, message: &str) -> Vec<u8> {
    json!({"type": "error", "error": error_body(status, message), "request_id": "req_standin"}).to_string().into_bytes()
}

pub(super) fn models() -> Vec<u8> {
    let id = "claude-3-5-sonnet-20241022";
    json!({
        "data": [{
            "type": "model", "id": id, "display_name": "Claude Sonnet 3.5 (New)", "created_at": "2024-10-22T00:00:00Z",
        }],
        "has_more": false, "first_id": id, "last_id": id,
    })
    .to_string()
    .into_bytes()
}

fn message(model: &str, usage: &Value) -> Value {
    json!({
        "id": "msg_standin", "type": "message", "role": "assistant", "model": model, "content": [],
        "stop_reason": null, "stop_sequence": null, "usage": usage,
    })
}

fn stop_reason(behaviour: &Behaviour) -> &str {
    let usual = if behaviour.tool.is_some() { "tool_use" } else { "end_turn" };
    behaviour.stop.as_deref().unwrap_or(usual)
}

/// A second content block, its input in two pieces as the vendor sends it.
fn tool_events(tool: &ToolCall) -> [Vec<u8>; 4] {
    let (first, second) = tool.input.split_at(tool.input.floor_char_boundary(tool.input.len() / 2));
    let delta = |partial_json: &str| {
        let delta = json!({"type": "input_json_delta", "partial_json": partial_json});
        event("content_block_delta", &json!({"index": 1, "delta": delta}))
    };
    let block = json!({"type": "tool_use", "id": "toolu_standin", "name": tool.name, "input": {}});
    [
        event("content_block_start", &json!({"index": 1, "content_block": block})),
        delta(first),
        delta(second),
        event("content_block_stop", &json!({"index": 1})),
    ]
}

/// An event; its data says its name again.
fn event(name: &str, data: &Value) -> Vec<u8> {
    let mut data = data.clone();
    data["type"] = name.into();
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

fn error_body(status: u16, message: &str) -> Value {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    json!({"type": kind, "message": message})
}
