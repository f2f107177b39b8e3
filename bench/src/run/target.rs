//! Who is measured, and how each is asked the same question.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use serde_json::json;

use super::gateway::ROOT_KEY;
use crate::load::Call;
use crate::process::Process;

/// The model that the stand-in answers as.
pub(super) const MODEL: &str = "claude-3-5-sonnet";

/// The size of the question.
const MESSAGE_BYTES: usize = 200;

/// Distinguishes the sessions of one window from those of all others.
static WINDOW: AtomicU64 = AtomicU64::new(0);

/// Who answers.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) name: &'static str,
    pub(super) address: SocketAddr,
    language: Language,
    /// The process whose CPU time and memory count; none for the stand-in, which is no peer.
    process: Option<Process>,
}

/// What it is asked in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Language {
    /// The vendor's own: the stand-in, and what only passes on.
    Vendor,
    /// The gateway's.
    Gateway,
}

impl Target {
    pub(super) fn direct(address: SocketAddr) -> Self {
        Self { name: "direct", address, language: Language::Vendor, process: None }
    }

    pub(super) fn proxy(address: SocketAddr, process: Process) -> Self {
        Self { name: "bare hyper proxy", address, language: Language::Vendor, process: Some(process) }
    }

    pub(super) fn gateway(address: SocketAddr, process: Process) -> Self {
        Self { name: "openclaw", address, language: Language::Gateway, process: Some(process) }
    }

    pub(super) fn is_gateway(&self) -> bool {
        self.language == Language::Gateway
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::id)
    }

    /// A chat of a 200-byte message, which may begin with a tag for the stand-in.
    pub(super) fn chat(&self, tag: &str, turns_per_session: u64) -> Call {
        self.call(tag, false, turns_per_session)
    }

    /// The same, answered as a stream.
    pub(super) fn stream(&self, tag: &str, turns_per_session: u64) -> Call {
        let ending = if self.is_gateway() { "event: done" } else { "event: message_stop" };
        self.call(tag, true, turns_per_session).ending(ending)
    }

    fn call(&self, tag: &str, stream: bool, turns_per_session: u64) -> Call {
        let message = message(tag);
        if self.is_gateway() {
            let window = WINDOW.fetch_add(1, Ordering::Relaxed);
            return gateway_chat(&message, MODEL, stream, move |caller, number| {
                format!("bench_{window}_{caller}_{}", number / turns_per_session.max(1))
            });
        }
        let body = json!({
            "model": MODEL, "max_tokens": 4096, "stream": stream,
            "messages": [{"role": "user", "content": message}],
        });
        let body = Bytes::from(body.to_string());
        Call::post("/v1/messages", move |_, _| body.clone())
            .header("x-api-key", "sk-standin")
            .header("anthropic-version", "2023-06-01")
    }
}

/// A chat with the gateway in a session that the caller's and the chat's number choose.
pub(super) fn gateway_chat(
    message: &str,
    model: &str,
    stream: bool,
    session: impl Fn(usize, u64) -> String + Send + Sync + 'static,
) -> Call {
    let rest = json!({"message": message, "context": {"model": model}, "stream": stream}).to_string();
    // The session comes first and the rest is the same each time: the load must not pay for JSON.
    let rest = rest[1..].to_owned();
    Call::post("/api/v1/chat", move |caller, number| {
        Bytes::from(format!("{{\"session_id\":\"{}\",{rest}", session(caller, number)))
    })
    .header("authorization", &format!("Bearer {ROOT_KEY}"))
}

/// A message of 200 bytes that begins with that tag.
pub(super) fn message(tag: &str) -> String {
    const WORDS: &str = "Please write a small program that counts the words of a file, and explain each step of it. ";
    let mut message = format!("{tag} {}", WORDS.repeat(3));
    message.truncate(MESSAGE_BYTES);
    message
}
