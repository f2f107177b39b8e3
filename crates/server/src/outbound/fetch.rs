//! One page: a request with one deadline over all its redirects, and an answer of which a bounded part is read.
//!
//! A redirect is followed by hand: the next address is read and judged like the first, and its connection passes the
//! same gate. No compression is asked for, and what comes compressed all the same is refused, so that the bound on bytes
//! is the bound on memory. Dropping the future closes the connection.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_ENCODING, LOCATION};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;

use super::check::check_url;
use super::deliver::read;
use super::reach::Reach;
use super::relative::{escape, resolve};
use super::{DeliverErrorKind, Failure, Outbound};

/// A request for something to read.
#[derive(Debug)]
pub struct FetchRequest {
    /// GET, unless said otherwise; only a GET follows redirects.
    pub method: Method,
    /// Where from, `http` or `https`; letters beyond ASCII are escaped in its path and query.
    pub url: String,
    /// Headers beside `user-agent` and `host`. Another host that it is redirected to is sent `accept` alone.
    pub headers: HeaderMap,
    /// Whose wish it is.
    pub reach: Reach,
    /// The longest that everything together may take.
    pub deadline: Duration,
    /// The most redirects that are followed; one more is an error.
    pub redirects_max: usize,
    /// The most bytes of the body that are read.
    pub bytes_max: usize,
}

/// What was read.
#[derive(Debug)]
pub struct FetchAnswer {
    /// Where it was read, after every redirect.
    pub url: String,
    /// The status, whatever it is but a redirect that could be followed.
    pub status: StatusCode,
    /// The head.
    pub headers: HeaderMap,
    /// The body, cut at `bytes_max`.
    pub body: Vec<u8>,
    /// Whether there was more of it.
    pub truncated: bool,
}

/// Why nothing was read. Never tells the path or query of an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct FetchError {
    /// What kind of failure.
    pub kind: DeliverErrorKind,
    /// What happened.
    pub message: String,
}

impl FetchRequest {
    /// A GET that follows no redirect.
    pub fn get(url: impl Into<String>, reach: Reach, deadline: Duration, bytes_max: usize) -> Self {
        Self {
            method: Method::GET,
            url: url.into(),
            headers: HeaderMap::new(),
            reach,
            deadline,
            redirects_max: 0,
            bytes_max,
        }
    }
}

impl Outbound {
    /// Reads what is at an address.
    pub async fn fetch(&self, request: FetchRequest) -> Result<FetchAnswer, FetchError> {
        let deadline = request.deadline;
        let mut too_long = pin!(self.clock.sleep(deadline));
        let outcome = tokio::select! {
            biased;
            outcome = self.follow(request) => outcome,
            () = &mut too_long => Err(Failure::new(
                DeliverErrorKind::Timeout,
                format!("no whole answer within {} s", deadline.as_secs_f32()),
            )),
        };
        outcome.map_err(|Failure { kind, message }| FetchError { kind, message })
    }

    async fn follow(&self, request: FetchRequest) -> Result<FetchAnswer, Failure> {
        let FetchRequest { method, url, mut headers, reach, deadline, redirects_max, bytes_max } = request;
        let mut url = check_url(&escape(&url), reach, &self.rules)?;
        let mut redirects = 0;
        loop {
            let mut asked = Request::new(Full::new(Bytes::new()));
            *asked.method_mut() = method.clone();
            *asked.uri_mut() = url.clone();
            *asked.headers_mut() = headers.clone();
            let answer = self.send(self.receivers(reach), asked, deadline).await?;
            let Some(next) = redirect(&method, &url, &answer) else {
                return finish(&url, answer, bytes_max).await;
            };
            redirects += 1;
            if redirects > redirects_max {
                let many = format!("it redirects more than {redirects_max} times");
                return Err(Failure::new(DeliverErrorKind::Refused, many));
            }
            let next = check_url(&next, reach, &self.rules).map_err(|refused| {
                Failure::new(DeliverErrorKind::Refused, format!("it redirects to where nobody may go: {refused}"))
            })?;
            if next.authority() != url.authority() || next.scheme() != url.scheme() {
                headers = headers.get(ACCEPT).map(|accept| (ACCEPT, accept.clone())).into_iter().collect();
            }
            url = next;
        }
    }
}

/// Where an answer sends a GET, if it does.
fn redirect(method: &Method, url: &Uri, answer: &Response<Incoming>) -> Option<String> {
    let moves = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = answer.headers().get(LOCATION).filter(|_| moves && method == Method::GET)?;
    Some(resolve(url, &escape(&String::from_utf8_lossy(location.as_bytes()))))
}

async fn finish(url: &Uri, answer: Response<Incoming>, bytes_max: usize) -> Result<FetchAnswer, Failure> {
    let (head, body) = answer.into_parts();
    let packed = head.headers.get(CONTENT_ENCODING).filter(|encoding| *encoding != "identity");
    if let Some(packed) = packed.and_then(|encoding| encoding.to_str().ok()) {
        let unasked = format!("its body is compressed ({packed}), which was not asked for");
        return Err(Failure::new(DeliverErrorKind::Broken, unasked));
    }
    let (body, truncated) = read(body, bytes_max).await?;
    Ok(FetchAnswer { url: url.to_string(), status: head.status, headers: head.headers, body, truncated })
}
