//! Checking what a webhook receiver was sent.

use std::collections::HashMap;

use openclaw_client_ffi::{Timestamp, webhook};
use pyo3::prelude::*;

/// Whether a signature `sha256=<hex>` was made over that payload with that secret.
#[pyfunction]
pub(crate) fn verify_webhook(payload: &str, signature: &str, secret: &str) -> bool {
    webhook::verify_webhook(payload, signature, secret)
}

/// Checks a delivery whole; gives what is wrong with it as `(code, message)`, or `None`.
///
/// The names of `headers` are in lower case; `now_ms` is in milliseconds since 1970.
#[pyfunction]
#[expect(clippy::needless_pass_by_value, reason = "Python's values are converted into owned ones")]
pub(crate) fn check_webhook(
    secrets: Vec<String>,
    body: &[u8],
    headers: HashMap<String, String>,
    now_ms: i64,
) -> Option<(&'static str, String)> {
    let checked = webhook::Webhook::with_secrets(secrets).and_then(|webhook| {
        let header = |name: &str| headers.get(name).map(String::as_str);
        webhook.verify(body, header, Timestamp::from_millis(now_ms))
    });
    checked.err().map(|error| (error.code(), error.to_string()))
}
