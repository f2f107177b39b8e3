//! How one call is to go, where it differs from what the client was built with.

use std::time::Duration;

use openclaw_client::RequestOptions;
use openclaw_client::raw::LogLevel;

/// Settings of a call; what is absent is as the client was built.
#[derive(Clone, Default)]
pub struct CallOptions {
    /// The longest that the call may take, retries included, in milliseconds; for a stream, until its first byte.
    pub timeout_ms: Option<u64>,
    /// How often to try again at most.
    pub max_retries: Option<u32>,
    /// Headers to add, in place of the client's own of that name.
    pub headers: Vec<(String, String)>,
    /// Names the call, so that sending it twice does it once; drawn at random if absent.
    pub idempotency_key: Option<String>,
    /// Give, beside the reply, what its answer told: status and headers.
    pub response: bool,
    /// How much of the call's log is kept for [`Client::take_log`](crate::Client::take_log); absent: none.
    pub log: Option<LogLevel>,
}

impl CallOptions {
    pub(crate) fn into_request_options(self) -> RequestOptions {
        let mut options = RequestOptions::new();
        if let Some(timeout_ms) = self.timeout_ms {
            options = options.timeout(Duration::from_millis(timeout_ms));
        }
        if let Some(max_retries) = self.max_retries {
            options = options.max_retries(max_retries);
        }
        if let Some(key) = self.idempotency_key {
            options = options.idempotency_key(key);
        }
        self.headers.into_iter().fold(options, |options, (name, value)| options.header(name, value))
    }
}
