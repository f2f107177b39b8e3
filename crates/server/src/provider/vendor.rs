//! One call to a vendor over HTTP: a stream of events comes back, or the vendor's refusal in its own words.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, Uri};
use hyper::body::Incoming;
use serde::Serialize;

use super::message::{Cleaner, find_message};
use super::pump::{Decoder, pump};
use super::{ModelStream, ProviderConfigError, ProviderError, ProviderErrorKind};
use crate::clock::Clock;
use crate::config::ProviderConfig;
use crate::outbound::{Outbound, OutboundError, PostRequest, read_at_most, retry_after};

/// The most bytes of a refusal's body that are read.
const REFUSAL_BYTES_MAX: usize = 16 * 1024;

/// The longest wait for a refusal's body; its status is known by then.
const REFUSAL_WAIT: Duration = Duration::from_secs(5);

/// Where a vendor answers, what it is told with every request, and how long it may take.
pub(super) struct Vendor {
    outbound: Outbound,
    clock: Clock,
    url: Uri,
    headers: HeaderMap,
    cleaner: Cleaner,
    connect_timeout: Duration,
    idle_timeout: Duration,
}

impl Vendor {
    /// A vendor that answers at a URL.
    pub(super) fn new(config: &ProviderConfig, url: Uri, outbound: Outbound, clock: Clock) -> Self {
        let headers = HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (ACCEPT, HeaderValue::from_static("text/event-stream")),
        ]);
        Self {
            outbound,
            clock,
            url,
            headers,
            cleaner: Cleaner::new(config.api_key.as_deref()),
            connect_timeout: Duration::from_secs(config.connect_timeout_seconds),
            idle_timeout: Duration::from_secs(config.idle_timeout_seconds),
        }
    }

    /// Sends a header with every request.
    pub(super) fn with_header(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Sends a request and gives the reply as it comes; dropping either closes the connection.
    pub(super) async fn ask(&self, body: &impl Serialize, decoder: impl Decoder) -> Result<ModelStream, ProviderError> {
        let body = serde_json::to_vec(body).expect("text and numbers make JSON");
        let post = PostRequest {
            url: self.url.clone(),
            headers: self.headers.clone(),
            body: Bytes::from(body),
            connect_timeout: self.connect_timeout,
            head_timeout: self.idle_timeout,
        };
        let answer = self.outbound.post(post).await?;
        if !answer.status().is_success() {
            return Err(self.refusal(answer).await);
        }
        if let Some(found) = other_than_a_stream(answer.headers()) {
            let message = format!("the vendor answered with {found} instead of a stream; is `base_url` right?");
            return Err(ProviderError::new(ProviderErrorKind::Refused, message));
        }
        Ok(pump(answer.into_body(), decoder, self.cleaner.clone(), self.clock.clone(), self.idle_timeout))
    }

    async fn refusal(&self, answer: Response<Incoming>) -> ProviderError {
        let status = answer.status();
        let retry_after = retry_after(answer.headers(), self.clock.now());
        let body = read_at_most(answer.into_body(), REFUSAL_BYTES_MAX);
        let body = self.clock.timeout(REFUSAL_WAIT, body).await.unwrap_or_default();
        let message = find_message(&String::from_utf8_lossy(&body))
            .unwrap_or_else(|| format!("the vendor answered {status} and did not say why"));
        ProviderError { kind: kind_of(status), message: self.cleaner.clean(&message), retry_after }
    }
}

/// The address of a path under a configured base URL.
pub(super) fn address(base_url: &str, path: &str) -> Result<Uri, ProviderConfigError> {
    let wrong =
        |why: &str| ProviderConfigError::new("base_url", format!("{why}; write it like `http://localhost:11434/v1`"));
    let url: Uri =
        format!("{}{path}", base_url.trim_end_matches('/')).parse().map_err(|_| wrong("this is not a URL"))?;
    if !matches!(url.scheme_str(), Some("http" | "https")) || url.host().is_none_or(str::is_empty) {
        return Err(wrong("a URL begins with `http://` or `https://` and a host"));
    }
    if base_url.contains(['?', '#', '@']) {
        return Err(wrong("only scheme, host, port and path belong here; the key belongs in `api_key`"));
    }
    Ok(url)
}

/// A header that carries the key, marked so that nothing prints it.
pub(super) fn key_header(text: &str) -> Result<HeaderValue, ProviderConfigError> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| ProviderConfigError::new("api_key", "the key holds a character that no HTTP header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// What kind of failure a status tells of.
pub(super) fn kind_of(status: StatusCode) -> ProviderErrorKind {
    match status.as_u16() {
        401 | 403 => ProviderErrorKind::Unauthorized,
        408 => ProviderErrorKind::TimedOut,
        429 => ProviderErrorKind::RateLimited,
        500.. => ProviderErrorKind::Failed,
        _ => ProviderErrorKind::Refused,
    }
}

/// A content type that cannot be a stream: a web page, or one JSON object.
fn other_than_a_stream(headers: &HeaderMap) -> Option<&str> {
    let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    ["text/html", "application/json"].into_iter().find(|other| content_type.starts_with(other))
}

impl From<OutboundError> for ProviderError {
    fn from(error: OutboundError) -> Self {
        let kind = match error {
            OutboundError::Unreachable(_) | OutboundError::ConnectTimedOut(_) => ProviderErrorKind::Unreachable,
            OutboundError::HeadTimedOut(_) => ProviderErrorKind::TimedOut,
            OutboundError::Broken(_) => ProviderErrorKind::Broken,
        };
        Self::new(kind, error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_base_and_a_path_and_nothing_else() {
        for base in ["http://localhost:11434/v1", "http://localhost:11434/v1/"] {
            assert_eq!(address(base, "/chat").expect("good").to_string(), "http://localhost:11434/v1/chat");
        }
        for base in
            ["localhost:11434", "ftp://host", "http://", "http://me:secret@host", "http://host/?key=1", "http://a b"]
        {
            let error = address(base, "/chat").expect_err(base);
            assert_eq!(error.key, "base_url");
            assert!(!error.message.contains("secret"));
        }
    }

    #[test]
    fn a_key_with_a_line_break_is_refused_without_telling_it() {
        let error = key_header("sk-canary\n").expect_err("a line break");
        assert!(!error.to_string().contains("canary"));
        assert!(!format!("{:?}", key_header("sk-canary").expect("good")).contains("canary"));
    }
}
