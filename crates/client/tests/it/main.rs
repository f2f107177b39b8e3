//! What a user of the client can see, against a gateway that says what it is told to.
#![allow(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but does not know a test's own server for one")]

mod blocking;
mod events;
mod failures;
mod https;
mod log;
mod resources;
mod responses;
mod retries;
mod stand_in;
mod streams;
mod webhooks;

use openclaw_client::ChatRequest;

/// A whole reply, as the gateway writes it, and a field that a newer one may add.
const REPLY: &str = r#"{"id":"msg_1","session_id":"user_123","content":"你好 there","model":"echo","usage":{"input_tokens":3,"output_tokens":2,"new":1},"timestamp":"2026-04-17T01:15:30Z","finish_reason":"stop","new":{}}"#;

fn hello() -> ChatRequest {
    ChatRequest { session_id: Some("user_123".into()), message: "hello".into(), ..ChatRequest::default() }
}
