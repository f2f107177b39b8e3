//! A failure as Go receives it.

use openclaw_client_ffi::ErrorRecord;

/// Why a call gave no reply.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum CallError {
    /// The one way to fail; `kind` says more.
    #[error("{text}")]
    Failed {
        /// The word of its kind, such as `rate_limit_error` or `connection`.
        kind: String,
        /// The message with status, code and request id.
        text: String,
        /// The HTTP status, if the gateway answered.
        status: Option<u16>,
        /// The gateway's finer name of the failure.
        code: Option<String>,
        /// For people.
        message: String,
        /// The field of the request that was wrong.
        param: Option<String>,
        /// The id of the request.
        request_id: Option<String>,
        /// The wait before another try that the gateway asked for, in milliseconds.
        retry_after_ms: Option<u64>,
        /// The gateway's answer as it came.
        body: Option<String>,
    },
}

impl From<ErrorRecord> for CallError {
    fn from(record: ErrorRecord) -> Self {
        Self::Failed {
            kind: record.kind.as_str().to_owned(),
            text: record.to_string(),
            status: record.status,
            code: record.code,
            message: record.message,
            param: record.param,
            request_id: record.request_id,
            retry_after_ms: record.retry_after_ms,
            body: record.body,
        }
    }
}
