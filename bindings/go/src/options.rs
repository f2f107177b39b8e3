//! Settings of a client and of a call, as Go hands them over.

use openclaw_client_ffi::LogLevel;

/// A header of every request.
#[derive(uniffi::Record)]
pub struct Header {
    /// In any case.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// What a client is made of; what is absent is as the Rust client has it.
#[derive(uniffi::Record)]
pub struct Settings {
    /// Where the gateway is.
    pub base_url: Option<String>,
    /// The API key.
    pub api_key: Option<String>,
    /// The longest that a call may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// The longest that connecting may take, in milliseconds.
    pub connect_timeout_ms: Option<u64>,
    /// The longest silence of a stream, in milliseconds.
    pub idle_timeout_ms: Option<u64>,
    /// How often a call is tried again at most.
    pub max_retries: Option<u32>,
    /// Headers to send with every request.
    pub headers: Vec<Header>,
    /// The proxy to go through; empty: none; absent: what the environment says.
    pub proxy: Option<String>,
    /// Certificates, in PEM, to trust besides the machine's.
    pub ca_pem: Option<Vec<u8>>,
    /// Go's part of the user agent.
    pub user_agent: String,
}

/// How one call is to go; what is absent is as the client was made.
#[derive(uniffi::Record)]
pub struct CallOptions {
    /// The longest that the call may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// How often to try again at most.
    pub max_retries: Option<u32>,
    /// Headers to add.
    pub headers: Vec<Header>,
    /// Names the call.
    pub idempotency_key: Option<String>,
    /// Give what the answer told beside its body.
    pub response: bool,
    /// Keep the call's log.
    pub log: bool,
}

impl From<Settings> for openclaw_client_ffi::Settings {
    fn from(settings: Settings) -> Self {
        Self {
            base_url: settings.base_url,
            api_key: settings.api_key,
            timeout_ms: settings.timeout_ms,
            connect_timeout_ms: settings.connect_timeout_ms,
            idle_timeout_ms: settings.idle_timeout_ms,
            max_retries: settings.max_retries,
            headers: pairs(settings.headers),
            proxy: settings.proxy,
            ca_pem: settings.ca_pem,
            user_agent: Some(settings.user_agent),
        }
    }
}

impl From<CallOptions> for openclaw_client_ffi::CallOptions {
    fn from(options: CallOptions) -> Self {
        Self {
            timeout_ms: options.timeout_ms,
            max_retries: options.max_retries,
            headers: pairs(options.headers),
            idempotency_key: options.idempotency_key,
            response: options.response,
            // What the logger does not want to hear it says itself.
            log: options.log.then_some(LogLevel::Debug),
        }
    }
}

fn pairs(headers: Vec<Header>) -> Vec<(String, String)> {
    headers.into_iter().map(|header| (header.name, header.value)).collect()
}
