//! Numbers and options as JavaScript writes them.

use napi_derive::napi;
use openclaw_client_ffi::{CallOptions, LogLevel};

/// What a client is made of; what is absent is as the Rust client has it. Times are in milliseconds.
#[napi(object, object_to_js = false)]
pub struct ClientSettings {
    /// The package's part of the user agent.
    pub user_agent: String,
    /// Where the gateway is.
    pub base_url: Option<String>,
    /// The API key.
    pub api_key: Option<String>,
    /// The longest that a call may take.
    pub timeout: Option<f64>,
    /// The longest that connecting may take.
    pub connect_timeout: Option<f64>,
    /// The longest silence of a stream.
    pub idle_timeout: Option<f64>,
    /// How often a call is tried again at most.
    pub max_retries: Option<u32>,
    /// Headers to send with every request.
    pub headers: Option<Vec<(String, String)>>,
    /// The proxy to go through; empty: none.
    pub proxy: Option<String>,
    /// Certificates to trust besides the machine's, in PEM.
    pub ca: Option<String>,
}

/// How one call is to go; what is absent is as the client was made.
#[napi(object, object_to_js = false)]
pub struct Options {
    /// The longest that it may take, in milliseconds.
    pub timeout: Option<f64>,
    /// How often it is tried again at most.
    pub max_retries: Option<u32>,
    /// Headers to add.
    pub headers: Option<Vec<(String, String)>>,
    /// Names the call, so that sending it twice does it once.
    pub idempotency_key: Option<String>,
    /// How much of its log is heard: `debug` or `info`; absent: nothing.
    pub log: Option<String>,
}

/// The options of a call. What its answer tells is always kept: whether somebody will ask shows only later.
pub(crate) fn call_options(options: Option<Options>) -> CallOptions {
    let Some(options) = options else { return CallOptions { response: true, ..CallOptions::default() } };
    CallOptions {
        timeout_ms: options.timeout.map(millis),
        max_retries: options.max_retries,
        headers: options.headers.unwrap_or_default(),
        idempotency_key: options.idempotency_key,
        response: true,
        log: options.log.map(|level| if level == "debug" { LogLevel::Debug } else { LogLevel::Info }),
    }
}

/// Whole milliseconds; what is less than one is one, and what is negative is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` stops at the ends, which is wanted")]
pub(crate) fn millis(milliseconds: f64) -> u64 {
    milliseconds.ceil() as u64
}
