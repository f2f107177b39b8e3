//! One gateway and one key.

use napi::bindgen_prelude::Result;
use napi_derive::napi;
use openclaw_client_ffi::Settings;

use crate::error::thrown;
use crate::options::{ClientSettings, Options, call_options, millis};
use crate::stream::Stream;

/// A gateway to call; see the package's `OpenClawClient`.
#[napi]
pub struct Client(openclaw_client_ffi::Client);

impl Client {
    pub(crate) fn inner(&self) -> &openclaw_client_ffi::Client {
        &self.0
    }
}

#[napi]
impl Client {
    /// Connects to nothing yet. Throws an error whose message is a failure as JSON.
    #[napi(constructor)]
    pub fn new(settings: ClientSettings) -> Result<Self> {
        let settings = Settings {
            base_url: settings.base_url,
            api_key: settings.api_key,
            timeout_ms: settings.timeout.map(millis),
            connect_timeout_ms: settings.connect_timeout.map(millis),
            idle_timeout_ms: settings.idle_timeout.map(millis),
            max_retries: settings.max_retries,
            headers: settings.headers.unwrap_or_default(),
            proxy: settings.proxy,
            ca_pem: settings.ca.map(String::into_bytes),
            user_agent: Some(settings.user_agent),
        };
        openclaw_client_ffi::Client::new(settings).map(Self).map_err(|record| thrown(&record))
    }

    /// Starts a streamed call. Throws as the constructor does.
    #[napi]
    pub fn stream(&self, operation: String, arguments: String, options: Option<Options>) -> Result<Stream> {
        let started = self.0.stream(&operation, arguments.as_bytes(), call_options(options));
        started.map(Stream::new).map_err(|record| thrown(&record))
    }

    /// The log of this client's calls since this was last asked, as JSON.
    #[napi]
    pub fn take_log(&self) -> Option<String> {
        self.0.take_log()
    }
}
