//! The only way out: the pooled HTTP clients for everything that the gateway asks of others.
//!
//! Cast: `check` reads a URL; `reach` holds the rules of who may be reached; `connect` opens a connection after `resolve`
//! judged every address; `tls` knows whom to trust; `deliver` is one bounded POST of a webhook; `fetch` reads one page.
//! There are three pools, because a connection that was opened for one purpose must not serve another: vendors of models,
//! who are asked by [`Outbound::post`] and may speak HTTP/2; and one pool of deliveries and pages for each [`Reach`],
//! HTTP/1.1 only, so that giving up an answer costs its own connection and no other exchange. No proxy is used, and no
//! redirect followed but by `fetch`, which judges each step.

mod check;
mod connect;
mod deliver;
mod fetch;
mod reach;
mod relative;
mod resolve;
mod retry_after;
mod tls;

pub use deliver::{ANSWER_BYTES_MAX, DeliverAnswer, DeliverError, DeliverErrorKind, DeliverRequest};
pub use fetch::{FetchAnswer, FetchError, FetchRequest};
pub use reach::{Reach, Refused, Rules};
pub use relative::resolve;
pub use resolve::Resolver;
pub use retry_after::retry_after;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::USER_AGENT;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::connect::capture_connection;
use hyper_util::client::legacy::{self, Client};
use hyper_util::rt::{TokioExecutor, TokioTimer};

use crate::clock::Clock;
use crate::config::OutboundConfig;
use check::check_url;
use connect::{ConnectError, Connector, deepest, find};
use resolve::{Gate, SystemResolver};
use tls::{Tls, Versions};

/// How long an unused connection to a vendor is kept. Their load balancers close theirs after 60 s or more.
const VENDOR_IDLE_KEPT: Duration = Duration::from_secs(50);

/// The same to a receiver: Node, uvicorn and Apache close theirs after 5 s, and what is sent at that moment is lost.
const RECEIVER_IDLE_KEPT: Duration = Duration::from_secs(4);

/// How often an HTTP/2 connection in use is pinged, so that one that died silently is noticed.
const PING_EVERY: Duration = Duration::from_secs(20);

/// The most bytes of a receiver's answer that wait in memory, and so the longest head; twice what is kept of a body.
const RECEIVER_BUFFER_BYTES_MAX: usize = 2 * ANSWER_BYTES_MAX;

/// Who we say we are.
const AGENT: HeaderValue = HeaderValue::from_static(concat!("openclaw/", env!("CARGO_PKG_VERSION")));

type Pool = Client<Connector, Full<Bytes>>;

/// The gateway's HTTP clients; clones share their connections.
#[derive(Clone, Debug)]
pub struct Outbound {
    vendors: Pool,
    operator: Pool,
    public: Pool,
    rules: Arc<Rules>,
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

/// A GET to be sent.
#[derive(Debug)]
pub struct GetRequest {
    /// Where to, `http` or `https`.
    pub url: Uri,
    /// Headers beside `user-agent` and `host`.
    pub headers: HeaderMap,
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
    /// Clients without connections, who ask the machine's own resolver.
    pub fn new(config: &OutboundConfig, clock: Clock) -> Self {
        let resolver: Arc<dyn Resolver> = Arc::new(SystemResolver::default());
        Self::with_resolver(config, clock, &resolver)
    }

    /// Clients who ask another resolver.
    pub fn with_resolver(config: &OutboundConfig, clock: Clock, resolver: &Arc<dyn Resolver>) -> Self {
        let rules = Arc::new(Rules::new(&config.allow));
        let tls = Arc::new(Tls::new(config.ca_file.clone()));
        let tcp_timeout = Duration::from_secs(config.connect_timeout_seconds);
        let connector = |reach, versions, tcp_timeout| {
            let gate = Gate { reach, rules: Arc::clone(&rules), resolver: Arc::clone(resolver) };
            Connector::new(gate, Arc::clone(&tls), versions, tcp_timeout, clock.clone())
        };
        let deliveries = |reach| {
            builder(config, RECEIVER_IDLE_KEPT).http1_max_buf_size(RECEIVER_BUFFER_BYTES_MAX).build(connector(
                reach,
                Versions::Http1,
                Some(tcp_timeout),
            ))
        };
        let vendors = builder(config, VENDOR_IDLE_KEPT)
            .http2_adaptive_window(true)
            .http2_keep_alive_interval(PING_EVERY)
            .build(connector(Reach::Operator, Versions::Http1And2, None));
        let (operator, public) = (deliveries(Reach::Operator), deliveries(Reach::Public));
        Self { vendors, operator, public, rules, clock }
    }

    /// Reads a URL that may be asked as far as can be told without DNS; host names are judged at every connect.
    pub fn check_url(&self, url: &str, reach: Reach) -> Result<Uri, Refused> {
        check_url(url, reach, &self.rules)
    }

    /// Sends a POST as the operator and waits for the head of the answer; redirects are not followed. Dropping the
    /// future or the body it gave closes the connection (HTTP/2: resets the stream), so the other side stops.
    pub async fn post(&self, post: PostRequest) -> Result<Response<Incoming>, OutboundError> {
        self.ask(Method::POST, post).await
    }

    /// Sends a GET as the operator and waits for the head of the answer, whose body may be a stream without end; the rest
    /// as with [`post`](Self::post).
    pub async fn get(&self, get: GetRequest) -> Result<Response<Incoming>, OutboundError> {
        let GetRequest { url, headers, connect_timeout, head_timeout } = get;
        self.ask(Method::GET, PostRequest { url, headers, body: Bytes::new(), connect_timeout, head_timeout }).await
    }

    /// Sends a request of any method; the rest as with [`post`](Self::post).
    pub async fn ask(&self, method: Method, post: PostRequest) -> Result<Response<Incoming>, OutboundError> {
        let request = request(method, post.url, post.headers, post.body);
        let head = self.send(&self.vendors, request, post.connect_timeout);
        tokio::select! {
            biased;
            answer = head => answer.map_err(|failure| match failure.kind {
                DeliverErrorKind::Timeout => OutboundError::ConnectTimedOut(post.connect_timeout),
                DeliverErrorKind::Broken => OutboundError::Broken(failure.message),
                _ => OutboundError::Unreachable(failure.message),
            }),
            () = self.clock.sleep(post.head_timeout) => Err(OutboundError::HeadTimedOut(post.head_timeout)),
        }
    }

    /// The connections of deliveries and pages.
    fn receivers(&self, reach: Reach) -> &Pool {
        match reach {
            Reach::Operator => &self.operator,
            Reach::Public => &self.public,
        }
    }

    /// Sends a request and waits for the head of the answer, without end once there is a connection.
    async fn send(
        &self,
        pool: &Pool,
        mut request: Request<Full<Bytes>>,
        connect_timeout: Duration,
    ) -> Result<Response<Incoming>, Failure> {
        request.headers_mut().insert(USER_AGENT, AGENT);
        let mut connection = capture_connection(&mut request);
        let connected = async move {
            connection.wait_for_connection_metadata().await;
        };
        let connect_too_long = async {
            if self.clock.timeout(connect_timeout, connected).await.is_ok() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            answer = pool.request(request) => answer.map_err(|error| Failure::of(&error)),
            () = connect_too_long => {
                let message = format!("no connection within {} s", connect_timeout.as_secs_f32());
                Err(Failure::new(DeliverErrorKind::Timeout, message))
            }
        }
    }
}

fn request(method: Method, url: Uri, headers: HeaderMap, body: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = url;
    *request.headers_mut() = headers;
    request
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

/// What all pools have in common.
fn builder(config: &OutboundConfig, idle_kept: Duration) -> legacy::Builder {
    // Connections are driven by hyper's own tasks, not through `tasks`: an idle one must not hold up a shutdown.
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(idle_kept)
        .pool_max_idle_per_host(config.connections_per_host_idle_max);
    builder
}

/// Why an exchange failed, before it is told in the words of [`OutboundError`] or [`DeliverError`].
struct Failure {
    kind: DeliverErrorKind,
    message: String,
}

impl Failure {
    fn new(kind: DeliverErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    fn broken(error: &(dyn Error + 'static)) -> Self {
        Self::new(DeliverErrorKind::Broken, format!("the connection broke: {}", deepest(error)))
    }

    fn of(error: &legacy::Error) -> Self {
        let Some(why) = find(error) else {
            return Self::broken(error);
        };
        let kind = match why {
            ConnectError::Refused(_) => DeliverErrorKind::Refused,
            ConnectError::Dns(_) => DeliverErrorKind::Dns,
            ConnectError::Tcp(_) => DeliverErrorKind::Connect,
            ConnectError::TimedOut => DeliverErrorKind::Timeout,
            ConnectError::Tls(_) => DeliverErrorKind::Tls,
        };
        Self::new(kind, why.to_string())
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
        let outbound = Outbound::new(&OutboundConfig::default(), Clock::system());
        // Port 1 on loopback: nobody listens there.
        let error = outbound.post(post("http://127.0.0.1:1/v1?key=sk-canary")).await.expect_err("refused");
        assert!(matches!(&error, OutboundError::Unreachable(why) if why.contains("refused")), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"));
    }
}
