//! What one platform's robots check and answer, and what they all share.

use std::collections::HashMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::limit::Limit;
use super::{RobotFailure, RobotKind, RobotMessage, dingtalk, feishu, slack, wecom};

/// How far a signature's time may be from now.
pub(super) const WINDOW_MS: i64 = 3_600_000;

/// The answer to one request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(body: &Value) -> Self {
        Self { status: 200, content_type: "application/json", body: body.to_string() }
    }

    pub(super) fn text(status: u16, body: &str) -> Self {
        Self { status, content_type: "text/html", body: body.to_owned() }
    }

    /// In the form of `DingTalk` and `WeCom`.
    pub(super) fn errcode(errcode: i64, errmsg: &str) -> Self {
        Self::json(&json!({"errcode": errcode, "errmsg": errmsg}))
    }
}

/// A request as it arrived.
#[derive(Debug)]
pub(super) struct Request<'a> {
    pub(super) path: &'a str,
    pub(super) query: HashMap<String, String>,
    pub(super) bytes: &'a [u8],
    pub(super) body: Value,
    pub(super) now_ms: i64,
}

/// How this robot was set up.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    pub(super) secret: Option<String>,
    pub(super) keyword: Option<String>,
    pub(super) refuses_address: bool,
    pub(super) now: Option<i64>,
}

impl Settings {
    pub(super) fn misses_keyword(&self, request: &Request<'_>) -> bool {
        self.keyword.as_ref().is_some_and(|keyword| !request.body.to_string().contains(keyword))
    }
}

/// A platform.
pub(super) trait Platform: std::fmt::Debug + Send + Sync {
    /// Path and query of the robot's URL.
    fn path(&self) -> &'static str;

    /// The message in a request, or the answer that refuses it.
    fn check(&self, request: &Request<'_>, settings: &Settings) -> Result<RobotMessage, Answer>;

    /// What it says to a message that it took.
    fn success(&self) -> Answer;

    /// What it says in a failure that a test asked for.
    fn failure(&self, failure: RobotFailure) -> Answer;

    /// How much it takes.
    fn limit(&self) -> Limit;
}

/// The platform of that kind.
pub(super) fn platform(kind: RobotKind) -> Box<dyn Platform> {
    match kind {
        RobotKind::Dingtalk => Box::new(dingtalk::Dingtalk),
        RobotKind::Feishu => Box::new(feishu::Feishu),
        RobotKind::Wecom => Box::new(wecom::Wecom),
        RobotKind::Slack => Box::new(slack::Slack),
    }
}

/// HMAC-SHA256 in base64.
pub(super) fn hmac_base64(key: &str, message: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(message.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The text at a JSON pointer, if it is some.
pub(super) fn text_at<'a>(body: &'a Value, pointer: &str) -> Option<&'a str> {
    body.pointer(pointer).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}

/// The failure that is an HTTP status, whatever the platform.
pub(super) fn failed(status: u16) -> Answer {
    Answer::text(status, "<html><body>no</body></html>")
}
