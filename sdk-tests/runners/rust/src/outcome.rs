//! What came of a call, as the harness reads it.

use futures_util::{Stream, StreamExt};
use openclaw_client::{Error, WebhookError};
use serde::Serialize;
use serde_json::{Value, json};

/// The answer to one request; what is `None` is left out.
#[derive(Default, Serialize)]
pub(crate) struct Outcome {
    pub(crate) id: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) returns: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) items: Option<Vec<Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) response: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log: Option<Vec<Value>>,
}

impl Outcome {
    /// A call that returned or failed.
    pub(crate) fn of<T: Serialize>(result: Result<T, Error>) -> Self {
        match result {
            Ok(reply) => Self { returns: Some(json!(reply)), ..Self::default() },
            Err(error) => Self { error: Some(self::error(&error)), ..Self::default() },
        }
    }

    /// What a stream gave, up to so many items; the second half is whether it came to its own end.
    pub(crate) async fn of_items<T: Serialize>(
        mut stream: impl Stream<Item = Result<T, Error>> + Unpin,
        take: Option<usize>,
    ) -> (Self, bool) {
        let mut items = Vec::new();
        while take != Some(items.len()) {
            match stream.next().await {
                Some(Ok(item)) => items.push(json!(item)),
                Some(Err(error)) => {
                    return (Self { items: Some(items), error: Some(self::error(&error)), ..Self::default() }, false);
                }
                None => return (Self { items: Some(items), ..Self::default() }, true),
            }
        }
        (Self { items: Some(items), ..Self::default() }, false)
    }

    /// A stream that did not open.
    pub(crate) fn unopened(error: &Error) -> Self {
        Self { items: Some(Vec::new()), error: Some(self::error(error)), ..Self::default() }
    }

    /// A webhook that was refused.
    pub(crate) fn of_webhook(error: WebhookError) -> Self {
        let error = json!({"kind": "webhook", "code": error.code(), "message": error.to_string()});
        Self { error: Some(error), ..Self::default() }
    }

    /// The runner itself could not make the call.
    pub(crate) fn of_runner(problem: impl Into<String>) -> Self {
        Self { error: Some(json!({"kind": "runner", "message": problem.into()})), ..Self::default() }
    }
}

fn error(error: &Error) -> Value {
    let message = error.to_string();
    let kind = match error {
        Error::Api(api) => {
            return json!({
                "kind": api.kind.map_or("unknown".into(), |kind| json!(kind)),
                "status": api.status,
                "code": api.code,
                "param": api.param,
                "message": message,
                "request_id": api.request_id,
                "retry_after_ms": api.retry_after.and_then(|wait| u64::try_from(wait.as_millis()).ok()),
                "body": api.body,
            });
        }
        Error::Connection { .. } => "connection",
        Error::Timeout { .. } => "timeout",
        Error::Interrupted { .. } => "interrupted",
        Error::Decode { .. } => "decode",
        Error::Config(_) => "config",
    };
    json!({"kind": kind, "message": message, "request_id": error.request_id()})
}
