//! Numbers and options as Python writes them.

use openclaw_client_ffi::{CallOptions, LogLevel};
use pyo3::FromPyObject;

/// How one call is to go: `(timeout, max_retries, headers, idempotency_key, response, log)`, the first four absent as
/// `None`; `log` is a level of Python's `logging`, 0 for none.
#[derive(FromPyObject)]
pub(crate) struct Options(Option<f64>, Option<u32>, Option<Vec<(String, String)>>, Option<String>, bool, u32);

/// `logging.INFO`.
const INFO: u32 = 20;

impl Options {
    /// Whether the call's log is wanted.
    pub(crate) fn is_logged(&self) -> bool {
        self.5 > 0
    }
}

impl From<Options> for CallOptions {
    fn from(Options(timeout, max_retries, headers, idempotency_key, response, log): Options) -> Self {
        let log = (log > 0).then_some(if log < INFO { LogLevel::Debug } else { LogLevel::Info });
        let headers = headers.unwrap_or_default();
        Self { timeout_ms: timeout.map(millis), max_retries, headers, idempotency_key, response, log }
    }
}

/// Seconds as whole milliseconds; what is less than one is one, and what is negative is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` stops at the ends, which is wanted")]
pub(crate) fn millis(seconds: f64) -> u64 {
    (seconds * 1000.0).ceil() as u64
}
