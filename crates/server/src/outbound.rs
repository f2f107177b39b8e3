//! The only way out: one pooled HTTP client for everything that the gateway asks of others.
//!
//! It speaks HTTP/1.1 and, where a server offers it over TLS, HTTP/2. The roots of trust are read when the first
//! `https` address is asked, so that a gateway that needs none of it starts at once and stays small. Dropping
//! [`Outbound::post`] or the body it gave closes the connection (HTTP/2: resets the stream), so the other side stops.

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::{HttpConnector, capture_connection};
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;

use crate::clock::Clock;

/// How long an unused connection is kept. Vendors' load balancers close theirs after 60 s or more.
const IDLE_KEPT: Duration = Duration::from_secs(50);

/// The most unused connections kept to one host.
const IDLE_MAX: usize = 256;

/// How often an HTTP/2 connection in use is pinged, so that one that died silently is noticed.
const PING_EVERY: Duration = Duration::from_secs(20);

/// Who we say we are.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("openclaw/", env!("CARGO_PKG_VERSION")));

/// The gateway's HTTP client; clones share its connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    client: Client<Connector, Full<Bytes>>,
    clock: Clock,
}

/// A POST to be sent.
#[derive(Debug)]
pub struct PostRequest {
    /// Where to, `http` or `https`.
    pub url: Uri,
    /// Headers beside `user-agent`, `host` and `content-length`.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The longest wait for a connection: name, TCP and TLS together.
    pub connect_timeout: Duration,
    /// The longest wait for the head of the answer, from the start.
    pub head_timeout: Duration,
}

/// Why there is no answer. Never tells the URL, whose query may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// No connection; why.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// No connection within that time.
    #[error("no connection within {} s", .0.as_secs_f32())]
    ConnectTimedOut(Duration),
    /// Connected, but no head of an answer within that time.
    #[error("no answer within {} s", .0.as_secs_f32())]
    HeadTimedOut(Duration),
    /// The connection broke before the head of the answer; why.
    #[error("the connection broke: {0}")]
    Broken(String),
}

impl Outbound {
    /// A client without connections.
    pub fn new(clock: Clock) -> Self {
        // Connections are driven by hyper's own tasks, not through `tasks`: an idle one must not hold up a shutdown.
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_KEPT)
            .pool_max_idle_per_host(IDLE_MAX)
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(PING_EVERY)
            .build(Connector::new());
        Self { client, clock }
    }

    /// Sends a POST and waits for the head of the answer; redirects are not followed.
    pub async fn post(&self, post: PostRequest) -> Result<Response<Incoming>, OutboundError> {
        let mut request = Request::new(Full::new(post.body));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = post.url;
        *request.headers_mut() = post.headers;
        request.headers_mut().insert(USER_AGENT, AGENT);

        let mut connection = capture_connection(&mut request);
        let connected = async move {
            connection.wait_for_connection_metadata().await;
        };
        let connect_too_long = async {
            if self.clock.timeout(post.connect_timeout, connected).await.is_ok() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            answer = self.client.request(request) => answer.map_err(|error| explain(&error)),
            () = connect_too_long => Err(OutboundError::ConnectTimedOut(post.connect_timeout)),
            () = self.clock.sleep(post.head_timeout) => Err(OutboundError::HeadTimedOut(post.head_timeout)),
        }
    }
}

/// Reads a body to its end, to an error or to `bytes_max`, whichever is first, and gives what came by then.
pub async fn read_at_most(mut body: Incoming, bytes_max: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    while bytes.len() < bytes_max {
        let Some(Ok(frame)) = body.frame().await else { break };
        let Ok(data) = frame.into_data() else { continue };
        bytes.extend_from_slice(&data);
    }
    bytes.truncate(bytes_max);
    bytes
}

/// The last cause in the chain says it best: "Connection refused (os error 111)".
fn explain(error: &legacy::Error) -> OutboundError {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_connect() {
        OutboundError::Unreachable(cause.to_string())
    } else {
        OutboundError::Broken(cause.to_string())
    }
}

/// Opens connections: the place where an address is judged before it is asked.
#[derive(Clone, Debug)]
struct Connector {
    http: HttpConnector,
    https: Arc<OnceLock<HttpsConnector<HttpConnector>>>,
}

type ConnectError = Box<dyn Error + Send + Sync>;
type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;

impl Connector {
    fn new() -> Self {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(Duration::from_mins(1)));
        Self { http, https: Arc::default() }
    }

    /// Reads the machine's roots of trust once, some 10 ms; a failure is met again by the next call.
    fn https(&self) -> Result<HttpsConnector<HttpConnector>, ConnectError> {
        if let Some(connector) = self.https.get() {
            return Ok(connector.clone());
        }
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_platform_verifier(rustls::crypto::ring::default_provider())?
            .https_or_http()
            .enable_all_versions()
            .wrap_connector(self.http.clone());
        Ok(self.https.get_or_init(|| connector).clone())
    }
}

impl tower::Service<Uri> for Connector {
    type Response = Connection;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Connection, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let mut connector = self.clone();
        Box::pin(async move {
            match url.scheme_str() {
                Some("https") => connector.https()?.call(url).await,
                _ => Ok(MaybeHttpsStream::Http(connector.http.call(url).await?)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn post(url: &str) -> PostRequest {
        PostRequest {
            url: url.parse().expect("a url"),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            connect_timeout: Duration::from_secs(5),
            head_timeout: Duration::from_secs(5),
        }
    }

    #[tokio::test]
    async fn an_error_says_why_but_not_where() {
        let outbound = Outbound::new(Clock::system());
        // Port 1 on loopback: nobody listens there.
        let error = outbound.post(post("http://127.0.0.1:1/v1?key=sk-canary")).await.expect_err("refused");
        assert!(matches!(&error, OutboundError::Unreachable(why) if why.contains("refused")), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"));
    }

    #[tokio::test]
    async fn the_roots_of_trust_are_read_only_for_https() {
        let connector = Connector::new();
        let _ = tower::Service::call(&mut connector.clone(), Uri::from_static("http://127.0.0.1:1/")).await;
        assert!(connector.https.get().is_none());
        let _ = tower::Service::call(&mut connector.clone(), Uri::from_static("https://127.0.0.1:1/")).await;
        assert!(connector.https.get().is_some(), "this machine has roots of trust");
    }
}
