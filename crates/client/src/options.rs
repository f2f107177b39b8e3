//! How one call is to go, where it differs from what the client was built with.

use std::fmt;
use std::time::Duration;

use crate::log::Listener;

/// Settings of a call; what is left open is as the client was built.
///
/// They are handed to a resource, `client.chat().with(options).send(…)`: a call without options stays free of them, and
/// they end with the resource, so that an idempotency key cannot slip into another call.
///
/// ```no_run
/// use openclaw_client::{ChatRequest, Client, RequestOptions};
/// use std::time::Duration;
///
/// # async fn example(client: Client, request: ChatRequest) -> Result<(), openclaw_client::Error> {
/// let options = RequestOptions::new()
///     .timeout(Duration::from_secs(30))
///     .max_retries(5)
///     .idempotency_key("order-4711");
/// client.chat().with(options).send(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct RequestOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_retries: Option<u32>,
    pub(crate) idempotency_key: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    /// Who hears the log of this call; see [`Raw`](crate::raw::Raw).
    pub(crate) listener: Option<Listener>,
}

impl RequestOptions {
    /// Nothing different yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The longest that the call may take, retries included; for a stream, until its first byte.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How often to try again at most; 0 for a single try.
    #[must_use]
    pub fn max_retries(mut self, max_retries: u32) -> Self {
        self.max_retries = Some(max_retries);
        self
    }

    /// Names this call, so that sending it twice, even from two processes, does it once; otherwise drawn at random.
    #[must_use]
    pub fn idempotency_key(mut self, key: impl Into<String>) -> Self {
        self.idempotency_key = Some(key.into());
        self
    }

    /// Adds a header, in place of the client's own of that name.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl fmt::Debug for RequestOptions {
    /// Without the headers' values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("RequestOptions")
            .field("timeout", &self.timeout)
            .field("max_retries", &self.max_retries)
            .field("idempotency_key", &self.idempotency_key)
            .field("headers", &names)
            .field("listener", &self.listener)
            .finish()
    }
}
