//! Our own chat route, so that SDKs of ours and of others are measured against one and the same server.

use hyper::HeaderMap;
use openclaw_core::chat::stream_event;
use serde_json::{Value, json};

use super::behaviour::Behaviour;
use super::openai;
use super::vendor::{Refusal, Transcript};

const ID: &str = "msg_01k8z6v3m2t7q4c9x5b1n0d8ra";
const SESSION: &str = "ses_01k8z6v3m2t7q4c9x5b1n0d8ra";

/// A key is sent as it is to OpenAI.
pub(super) fn check_key(headers: &HeaderMap) -> Result<(), Refusal> {
    openai::check_key(headers)
}

pub(super) fn reply(behaviour: &Behaviour, model: &str) -> Vec<u8> {
    response(behaviour, model).to_string().into_bytes()
}

pub(super) fn transcript(behaviour: &Behaviour, model: &str) -> Transcript {
    let chunk = |text: &String| event(stream_event::CHUNK, &json!({"id": ID, "session_id": SESSION, "content": text}));
    Transcript {
        opening: Vec::new(),
        deltas: behaviour.answer_chunks().iter().map(chunk).collect(),
        closing: vec![event(stream_event::DONE, &response(behaviour, model))],
        error: event(stream_event::ERROR, &error_value(502, &behaviour.error_message)),
    }
}

pub(super) fn error(status: u16, message: &str) -> Vec<u8> {
    error_value(status, message).to_string().into_bytes()
}

fn response(behaviour: &Behaviour, model: &str) -> Value {
    json!({
        "id": ID, "session_id": SESSION, "content": behaviour.answer_text(), "model": model,
        "usage": {"input_tokens": behaviour.input_tokens, "output_tokens": behaviour.output_tokens},
        "timestamp": "2026-04-17T01:15:30Z", "finish_reason": behaviour.stop.as_deref().unwrap_or("stop"),
    })
}

fn event(name: &str, data: &Value) -> Vec<u8> {
    format!("event: {name}\ndata: {data}\n\n").into_bytes()
}

fn error_value(status: u16, message: &str) -> Value {
    let kind = match status {
        401 => "authentication_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        502 => "provider_error",
        503 => "overloaded_error",
        500.. => "api_error",
        _ => "invalid_request_error",
    };
    json!({"type": "error", "error": {"type": kind, "code": "standin", "message": message}, "request_id": "req_standin"})
}
