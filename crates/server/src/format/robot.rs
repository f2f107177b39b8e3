//! Chat robots: what differs from one platform to the next.
//!
//! To add one: a variant of `EndpointFormat` in core; a file here that implements [`Robot`]; its line in [`robot`]; a
//! stand-in in `bench/src/robot/`; a golden body; its section in `docs/webhook-formats.md`, with the source of each number.

use openclaw_core::{EndpointFormat, Timestamp};

use super::dingtalk::Dingtalk;
use super::feishu::Feishu;
use super::markdown::Dialect;
use super::slack::Slack;
use super::verdict::{Answer, Verdict};
use super::wecom::Wecom;
use super::{Rate, Rendered};

/// A platform's robot.
pub(super) trait Robot: Sync {
    /// The markdown that it shows.
    fn dialect(&self) -> &'static Dialect;

    /// Whether the title stands apart from the text, so that the text need not begin with it.
    fn shows_title(&self) -> bool;

    /// The most that [`measure`](Self::measure) of a whole text may be.
    fn text_max(&self) -> usize;

    /// The size of a piece of text as the platform counts it; of two pieces together, their sum.
    fn measure(&self, text: &str) -> usize;

    /// The POST of a message, signed for that moment if there is a secret.
    fn post(&self, message: &Message, secret: Option<&str>, url: &str, now: Timestamp) -> Rendered;

    /// What an answer means.
    fn judge(&self, answer: Answer<'_>) -> Verdict;

    /// How often it may be told anything.
    fn rate(&self) -> Rate;
}

/// A message in a robot's own dialect, within its bounds.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) title: String,
    pub(super) text: String,
}

/// The robot of a format, if it is a robot's.
pub(super) fn robot(format: EndpointFormat) -> Option<&'static dyn Robot> {
    match format {
        EndpointFormat::Openclaw => None,
        EndpointFormat::Dingtalk => Some(&Dingtalk),
        EndpointFormat::Feishu => Some(&Feishu),
        EndpointFormat::Wecom => Some(&Wecom),
        EndpointFormat::Slack => Some(&Slack),
    }
}

/// The bytes that a text takes inside a JSON string.
pub(super) fn json_bytes(text: &str) -> usize {
    let escaped = |byte: u8| match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0..=31 => 6,
        _ => 1,
    };
    text.bytes().map(escaped).sum()
}

/// A POST of JSON.
pub(super) fn json_post(url: String, body: &serde_json::Value) -> Rendered {
    let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
    Rendered { url, headers, body: body.to_string().into_bytes() }
}
