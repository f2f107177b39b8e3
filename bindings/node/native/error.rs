//! A failure as JSON, from which JavaScript makes the error of its class.

use openclaw_client_ffi::ErrorRecord;
use serde_json::json;

/// The failure as a JSON object.
pub(crate) fn json_of(record: &ErrorRecord) -> String {
    json!({
        "kind": record.kind.as_str(),
        "message": record.message,
        "status": record.status,
        "code": record.code,
        "param": record.param,
        "requestId": record.request_id,
        "retryAfterMs": record.retry_after_ms,
        "body": record.body,
        "cause": record.cause,
    })
    .to_string()
}

/// The failure as something to throw: its message is the JSON object.
pub(crate) fn thrown(record: &ErrorRecord) -> napi::Error {
    napi::Error::from_reason(json_of(record))
}
