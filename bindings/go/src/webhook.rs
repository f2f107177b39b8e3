//! Checking what a webhook receiver was sent.

use std::collections::HashMap;

use openclaw_client_ffi::{Timestamp, webhook};

/// Why a request is not to be believed.
#[derive(Debug, thiserror::Error, uniffi::Error)]
pub enum WebhookRefusal {
    /// The one way to fail; `code` says more.
    #[error("{message}")]
    Refused {
        /// A stable name, such as `too_old`.
        code: String,
        /// For people.
        message: String,
    },
}

/// Whether a signature `sha256=<hex>` was made over that payload with that secret.
#[uniffi::export]
pub fn verify_webhook(payload: &[u8], signature: String, secret: String) -> bool {
    str::from_utf8(payload).is_ok_and(|payload| webhook::verify_webhook(payload, &signature, &secret))
}

/// Checks a delivery whole. The names of `headers` are in lower case; `now_ms` is in milliseconds since 1970.
#[uniffi::export]
pub fn check_webhook(
    secrets: Vec<String>,
    body: &[u8],
    headers: HashMap<String, String>,
    now_ms: i64,
) -> Result<(), WebhookRefusal> {
    let webhook = webhook::Webhook::with_secrets(secrets)?;
    webhook.verify(body, |name| headers.get(name).map(String::as_str), Timestamp::from_millis(now_ms))?;
    Ok(())
}

impl From<webhook::WebhookError> for WebhookRefusal {
    fn from(error: webhook::WebhookError) -> Self {
        Self::Refused { code: error.code().to_owned(), message: error.to_string() }
    }
}
