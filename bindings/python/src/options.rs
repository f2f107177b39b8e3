//! Numbers and options as Python writes them.

use openclaw_client_ffi::CallOptions;
use pyo3::FromPyObject;

/// How one call is to go: `(timeout, max_retries, headers, idempotency_key)`, each absent as `None`.
#[derive(FromPyObject)]
pub(crate) struct Options(Option<f64>, Option<u32>, Option<Vec<(String, String)>>, Option<String>);

impl From<Options> for CallOptions {
    fn from(Options(timeout, max_retries, headers, idempotency_key): Options) -> Self {
        Self { timeout_ms: timeout.map(millis), max_retries, headers: headers.unwrap_or_default(), idempotency_key }
    }
}

/// Seconds as whole milliseconds; what is less than one is one, and what is negative is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` stops at the ends, which is wanted")]
pub(crate) fn millis(seconds: f64) -> u64 {
    (seconds * 1000.0).ceil() as u64
}
