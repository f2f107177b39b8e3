//! A call of the Bot API, and what its answer means.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

use super::super::{ChannelError, Sent};
use crate::app::App;
use crate::outbound::{OutboundError, PostRequest, read_at_most};

/// The longest wait for a connection.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// The longest answer: 100 updates of at most some 40 KB each.
const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;

/// Where a bot is spoken to.
pub(super) struct Api {
    app: Arc<App>,
    /// With the token in it: never told.
    prefix: String,
}

/// Why a call gave nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody was asked.
    Unreachable(String),
    /// It was asked, and there is no answer.
    Broken(String),
    /// It said no.
    Refused { status: u64, why: String },
    /// It asks for patience.
    TooFast(Duration),
}

impl Api {
    pub(super) fn new(app: Arc<App>, base_url: &str, token: &str) -> Self {
        Self { app, prefix: format!("{}/bot{token}/", base_url.trim_end_matches('/')) }
    }

    /// Makes a call and gives its `result`.
    pub(super) async fn call(&self, method: &str, body: &Value, wait: Duration) -> Result<Value, Failure> {
        let unreadable = |_| Failure::Unreachable("`channels.telegram.base_url` is no URL".into());
        let url = format!("{}{method}", self.prefix).parse().map_err(unreadable)?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = Bytes::from(body.to_string());
        let post = PostRequest { url, headers, body, connect_timeout: CONNECT_MAX, head_timeout: wait };
        let answer = self.app.live.load_full().outbound.post(post).await?;
        let status = u64::from(answer.status().as_u16());
        let body = read_at_most(answer.into_body(), ANSWER_BYTES_MAX);
        let body = self.app.clock.timeout(wait, body).await.unwrap_or_default();
        read(status, &body)
    }
}

impl Failure {
    /// As the receiver is told.
    pub(super) fn into_error(self) -> ChannelError {
        match self {
            Self::TooFast(wait) => ChannelError::TooFast(wait),
            Self::Refused { status: 409, why } => ChannelError::Conflict(format!(
                "{why} (another program reads the same bot's messages: stop it, or give this gateway a bot of its own)"
            )),
            Self::Refused { status: 401 | 404, why } => {
                ChannelError::Denied(format!("{why} (`channels.telegram.token` is not a bot's, or was revoked)"))
            }
            Self::Unreachable(why) | Self::Broken(why) | Self::Refused { why, .. } => ChannelError::Failed(why),
        }
    }

    /// As the sender of a reply is told. What Telegram says that it failed at, it did not do.
    pub(super) fn into_sent(self) -> Sent {
        match self {
            Self::Unreachable(why) => Sent::Later(None, why),
            Self::Broken(why) => Sent::Unknown(why),
            Self::TooFast(wait) => Sent::Later(Some(wait), "Telegram asks for patience".into()),
            Self::Refused { status, why } if status >= 500 || status == 401 || status == 404 => Sent::Later(None, why),
            Self::Refused { why, .. } => Sent::Refused(why),
        }
    }
}

impl From<OutboundError> for Failure {
    fn from(error: OutboundError) -> Self {
        match &error {
            OutboundError::Unreachable(_) | OutboundError::ConnectTimedOut(_) => Self::Unreachable(error.to_string()),
            OutboundError::HeadTimedOut(_) | OutboundError::Broken(_) => Self::Broken(error.to_string()),
        }
    }
}

/// Reads an answer: `{"ok":true,"result":…}`, or why not. A page of a gateway on the way counts by its status.
fn read(status: u64, body: &[u8]) -> Result<Value, Failure> {
    let mut answer: Value = serde_json::from_slice(body).unwrap_or_default();
    if answer["ok"] == true {
        return Ok(answer["result"].take());
    }
    if let Some(seconds) = answer["parameters"]["retry_after"].as_u64() {
        return Err(Failure::TooFast(Duration::from_secs(seconds)));
    }
    if (200..300).contains(&status) {
        return Err(Failure::Broken("Telegram's answer broke off, or is not of the Bot API".into()));
    }
    let status = answer["error_code"].as_u64().unwrap_or(status);
    let why = answer["description"].as_str().map_or_else(|| format!("Telegram answered {status}"), ToOwned::to_owned);
    if status == 429 {
        return Err(Failure::TooFast(Duration::from_secs(5)));
    }
    Err(Failure::Refused { status, why })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(status: u64, body: &str) -> Sent {
        read(status, body.as_bytes()).map_or_else(Failure::into_sent, |_| Sent::Taken)
    }

    #[test]
    fn only_what_may_have_been_done_is_in_doubt() {
        assert_eq!(sent(200, r#"{"ok":true,"result":{}}"#), Sent::Taken);
        assert!(matches!(sent(200, r#"{"ok":tr"#), Sent::Unknown(_)));
        assert!(matches!(sent(502, "<html>"), Sent::Later(None, _)));
        let slow = r#"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":7}}"#;
        assert!(matches!(sent(429, slow), Sent::Later(Some(wait), _) if wait == Duration::from_secs(7)));
        let blocked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        assert!(matches!(sent(403, blocked), Sent::Refused(why) if why.contains("blocked")));
    }
}
