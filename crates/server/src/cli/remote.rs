//! A running gateway, asked over HTTP with a key.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use clap::Args;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use openclaw_core::ErrorEnvelope;
use openclaw_core::sse::{SseEvent, SseParser};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::CliError;
use crate::clock::Clock;
use crate::config::{ApiConfig, Config, Environment, Source};
use crate::outbound::{GetRequest, Outbound, OutboundError, PostRequest, read_at_most};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// A stream says every 15 s that it is alive; one that did not for three times that long is dead.
const SILENCE_MAX: Duration = Duration::from_secs(45);
/// The most bytes of an answer that is no stream.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Which gateway, and who asks.
#[derive(Clone, Debug, Args)]
pub(super) struct RemoteArguments {
    #[arg(
        long,
        value_name = "URL",
        help = "The gateway [default: $OPENCLAW_BASE_URL, else this machine's at the configured port]"
    )]
    url: Option<String>,
    #[arg(
        long,
        help = "An API key [default: $OPENCLAW_API_KEY, else this machine's configured \
                root key]"
    )]
    key: Option<String>,
}

/// The gateway, and the means to ask it.
pub(super) struct Remote {
    pub(super) url: String,
    pub(super) config: Config,
    pub(super) outbound: Outbound,
    pub(super) clock: Clock,
    authorization: HeaderValue,
}

/// Why the gateway gave no answer, or none that helps.
#[derive(Debug, thiserror::Error)]
pub(super) enum RemoteError {
    /// There is no connection, or it broke.
    #[error("{0}")]
    Unreachable(String),
    /// It said no.
    #[error("the gateway answered {status}: {message}")]
    Refused { status: u16, code: String, message: String },
}

impl RemoteError {
    /// Whether the same question may be answered later.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable(_) => true,
            Self::Refused { status, .. } => *status == 429 || *status >= 500,
        }
    }
}

impl From<OutboundError> for RemoteError {
    fn from(error: OutboundError) -> Self {
        Self::Unreachable(error.to_string())
    }
}

impl Remote {
    /// The gateway that is meant.
    pub(super) fn find(arguments: RemoteArguments, config_path: Option<PathBuf>) -> Result<Self, CliError> {
        let environment = Environment::process();
        let url = arguments.url.or_else(|| environment.base_url());
        let key = arguments.key.or_else(|| environment.api_key());
        let config = match Source::find(config_path, environment).load() {
            Ok(loaded) => loaded.config,
            // The file is the gateway's; variables that it needs may be missing here.
            Err(_) if url.is_some() && key.is_some() => Config::default(),
            Err(error) => return Err(error.into()),
        };
        // The root key of this machine is for this machine's gateway alone.
        let root_key = config.gateway.api.auth.secret.clone().filter(|_| url.is_none());
        let no_key =
            "no API key: pass --key or set OPENCLAW_API_KEY; `openclaw api key generate --name listen` makes one";
        let key = key.or(root_key).ok_or_else(|| CliError::Argument(no_key.into()))?;
        let url = url.map_or_else(|| own_url(&config.gateway.api), Ok)?.trim_end_matches('/').to_owned();
        let wrong_key = |_| CliError::Argument("the API key holds a character that no header can carry".into());
        let mut authorization = HeaderValue::from_str(&format!("Bearer {key}")).map_err(wrong_key)?;
        authorization.set_sensitive(true);
        let clock = Clock::system();
        let outbound = Outbound::new(&config.outbound, clock.clone());
        Ok(Self { url, config, outbound, clock, authorization })
    }

    /// Asks for something.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, RemoteError> {
        let (url, headers) = (self.address(path)?, self.headers());
        let request = GetRequest { url, headers, connect_timeout: CONNECT_TIMEOUT, head_timeout: HEAD_TIMEOUT };
        self.read(self.outbound.get(request).await?).await
    }

    /// Asks for something to be done.
    pub(super) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, RemoteError> {
        let request = self.request(path, body_of(body))?;
        self.read(self.outbound.post(request).await?).await
    }

    /// Asks for something to be changed.
    pub(super) async fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, RemoteError> {
        let request = self.request(path, body_of(body))?;
        self.read(self.outbound.ask(Method::PATCH, request).await?).await
    }

    /// Asks for something to be deleted.
    pub(super) async fn delete(&self, path: &str) -> Result<(), RemoteError> {
        let request = self.request(path, Bytes::new())?;
        let answer = self.outbound.ask(Method::DELETE, request).await?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(refused(status.as_u16(), &self.body(answer.into_body()).await?)),
        }
    }

    /// Follows a stream of events, after the one of that id.
    pub(super) async fn follow(&self, path: &str, after: Option<&str>) -> Result<Following, RemoteError> {
        let (url, mut headers) = (self.address(path)?, self.headers());
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(after) = after.and_then(|after| HeaderValue::from_str(after).ok()) {
            headers.insert(LAST_EVENT_ID, after);
        }
        let request = GetRequest { url, headers, connect_timeout: CONNECT_TIMEOUT, head_timeout: HEAD_TIMEOUT };
        let answer = self.outbound.get(request).await?;
        if !answer.status().is_success() {
            return Err(refused(answer.status().as_u16(), &self.body(answer.into_body()).await?));
        }
        let begins_after = answer.headers().get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
        let (body, clock) = (answer.into_body(), self.clock.clone());
        Ok(Following { begins_after, body, clock, parser: SseParser::default() })
    }

    async fn read<T: DeserializeOwned>(&self, answer: http::Response<Incoming>) -> Result<T, RemoteError> {
        let status = answer.status();
        let body = self.body(answer.into_body()).await?;
        if !status.is_success() {
            return Err(refused(status.as_u16(), &body));
        }
        serde_json::from_slice(&body).map_err(|_| refused(status.as_u16(), b"this is no answer of a gateway"))
    }

    async fn body(&self, body: Incoming) -> Result<Vec<u8>, RemoteError> {
        let late = |_| RemoteError::Unreachable("the answer did not end in time".into());
        self.clock.timeout(HEAD_TIMEOUT, read_at_most(body, ANSWER_BYTES_MAX)).await.map_err(late)
    }

    fn request(&self, path: &str, body: Bytes) -> Result<PostRequest, RemoteError> {
        let (url, headers) = (self.address(path)?, self.headers());
        Ok(PostRequest { url, headers, body, connect_timeout: CONNECT_TIMEOUT, head_timeout: HEAD_TIMEOUT })
    }

    fn headers(&self) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, self.authorization.clone())])
    }

    fn address(&self, path: &str) -> Result<Uri, RemoteError> {
        let url = format!("{}{path}", self.url);
        let wrong = |_| refused(400, format!("{url} is no URL").as_bytes());
        url.parse().map_err(wrong)
    }
}

fn body_of(body: &impl Serialize) -> Bytes {
    Bytes::from(serde_json::to_vec(body).expect("our own types serialise"))
}

/// An open stream of events.
pub(super) struct Following {
    /// The event after which it begins, if the gateway says so.
    pub(super) begins_after: Option<String>,
    body: Incoming,
    clock: Clock,
    parser: SseParser,
}

impl Following {
    /// The next event; `None` once the stream has ended, broken or fallen silent. Dropping the future loses nothing.
    pub(super) async fn next(&mut self) -> Option<SseEvent> {
        loop {
            if let Some(event) = self.parser.next() {
                return Some(event);
            }
            let frame = self.clock.timeout(SILENCE_MAX, self.body.frame()).await.ok()??.ok()?;
            if let Ok(bytes) = frame.into_data() {
                self.parser.push(&bytes).ok()?;
            }
        }
    }
}

/// The gateway of this machine, as its configuration has it.
fn own_url(api: &ApiConfig) -> Result<String, CliError> {
    if api.port == 0 {
        return Err(CliError::Argument(
            "the configured port is 0 (any free one): say where it listens with --url".into(),
        ));
    }
    let host = match api.host.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if address.is_unspecified() => "127.0.0.1".to_owned(),
        Ok(IpAddr::V6(address)) if address.is_unspecified() => "[::1]".to_owned(),
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => api.host.clone(),
    };
    Ok(format!("http://{host}:{}", api.port))
}

fn refused(status: u16, body: &[u8]) -> RemoteError {
    match serde_json::from_slice::<ErrorEnvelope>(body) {
        Ok(ErrorEnvelope { error, .. }) => RemoteError::Refused { status, code: error.code, message: error.message },
        Err(_) => {
            let message = String::from_utf8_lossy(body).lines().next().unwrap_or_default().chars().take(200).collect();
            RemoteError::Refused { status, code: String::new(), message }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machines_gateway_is_where_it_listens() {
        let url = |host: &str, port| own_url(&ApiConfig { host: host.into(), port, ..ApiConfig::default() });
        for (host, expected) in [
            ("127.0.0.1", "http://127.0.0.1:3000"),
            ("0.0.0.0", "http://127.0.0.1:3000"),
            ("::", "http://[::1]:3000"),
            ("fd12::7", "http://[fd12::7]:3000"),
            ("gateway.internal", "http://gateway.internal:3000"),
        ] {
            assert_eq!(url(host, 3000).expect("a port"), expected);
        }
        assert!(url("127.0.0.1", 0).is_err());
    }
}
