//! One delivery: a POST with one deadline over name, TCP, TLS, head and body, and an answer of which little is read.
//!
//! Nothing is followed, unpacked or kept: a redirect is an answer like any other, no compression is asked for, and of a
//! long answer the connection is closed after the first bytes. Dropping the future closes the connection.

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::check::check_url;
use super::reach::{Reach, Refused};
use super::retry_after::retry_after;
use super::{Failure, Outbound};
use crate::config::OutboundConfig;

/// The most bytes of an answer that are read and kept, unless a request says otherwise.
pub const ANSWER_BYTES_MAX: usize = openclaw_core::delivery::RESPONSE_BODY_BYTES_MAX;

/// A POST whose answer matters by its status.
pub struct DeliverRequest {
    /// Where to, `http` or `https`. Often a secret: never told in an error.
    pub url: String,
    /// Headers beside `user-agent`, `host` and `content-length`.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// Whose wish it is.
    pub reach: Reach,
    /// The longest that everything together may take.
    pub deadline: Duration,
    /// The longest wait for a connection: name, TCP and TLS together. TCP is bound by `outbound.connect_timeout_seconds` too.
    pub connect_timeout: Duration,
    /// The most bytes of the answer's body that are read.
    pub answer_bytes_max: usize,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliverAnswer {
    /// The status, whatever it is.
    pub status: StatusCode,
    /// How long the other side asks to be left alone; not bounded.
    pub retry_after: Option<Duration>,
    /// The body, cut at `answer_bytes_max`.
    pub body: Vec<u8>,
    /// Whether there was more of it.
    pub truncated: bool,
    /// From the start to the end of what was read.
    pub duration: Duration,
}

/// Why nothing came back, or not all of it in time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct DeliverError {
    /// What kind of failure.
    pub kind: DeliverErrorKind,
    /// What happened; never holds the path or query of the URL.
    pub message: String,
    /// From the start to the failure.
    pub duration: Duration,
}

/// A kind of failed delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliverErrorKind {
    /// The rules forbid it; nobody was asked.
    Refused,
    /// The host name has no address.
    Dns,
    /// Nobody accepts connections there.
    Connect,
    /// No trusted, private connection.
    Tls,
    /// It took too long.
    Timeout,
    /// The connection broke, or what came back is not HTTP.
    Broken,
}

impl DeliverRequest {
    /// With the bounds of the configuration and of [`ANSWER_BYTES_MAX`].
    pub fn new(config: &OutboundConfig, reach: Reach, url: String, headers: HeaderMap, body: Bytes) -> Self {
        Self {
            url,
            headers,
            body,
            reach,
            deadline: Duration::from_secs(config.deliver_timeout_seconds),
            connect_timeout: Duration::from_secs(config.connect_timeout_seconds),
            answer_bytes_max: ANSWER_BYTES_MAX,
        }
    }
}

impl Outbound {
    /// Sends a POST and reads the answer. Dropping the future closes the connection.
    pub async fn deliver(&self, request: DeliverRequest) -> Result<DeliverAnswer, DeliverError> {
        let started = self.clock.instant();
        let outcome = self.exchange(request).await;
        let duration = started.elapsed();
        match outcome {
            Ok(answer) => Ok(DeliverAnswer { duration, ..answer }),
            Err(Failure { kind, message }) => Err(DeliverError { kind, message, duration }),
        }
    }

    async fn exchange(&self, request: DeliverRequest) -> Result<DeliverAnswer, Failure> {
        let url = check_url(&request.url, request.reach, &self.rules)?;
        let seconds = request.deadline.as_secs_f32();
        let mut deadline = pin!(self.clock.sleep(request.deadline));

        let post = super::request(Method::POST, url, request.headers, request.body);
        let head = self.send(self.receivers(request.reach), post, request.connect_timeout);
        let answer = tokio::select! {
            biased;
            answer = head => answer?,
            () = &mut deadline => {
                return Err(Failure::new(DeliverErrorKind::Timeout, format!("no answer within {seconds} s")));
            }
        };
        let status = answer.status();
        let retry_after = retry_after(answer.headers(), self.clock.now());
        let (body, truncated) = tokio::select! {
            biased;
            body = read(answer.into_body(), request.answer_bytes_max) => body.map_err(|why| why.after(status))?,
            () = &mut deadline => {
                let late = Failure::new(DeliverErrorKind::Timeout, format!("its body did not end within {seconds} s"));
                return Err(late.after(status));
            }
        };
        Ok(DeliverAnswer { status, retry_after, body, truncated, duration: Duration::ZERO })
    }
}

impl Failure {
    /// A failure after the head of the answer had come.
    fn after(self, status: StatusCode) -> Self {
        Self { message: format!("it answered {}, but {}", status.as_u16(), self.message), ..self }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::new(DeliverErrorKind::Refused, refused.to_string())
    }
}

/// The first bytes of a body, and whether there were more. Dropping a body that has not ended closes its connection.
pub(super) async fn read(mut body: Incoming, bytes_max: usize) -> Result<(Vec<u8>, bool), Failure> {
    let mut bytes = Vec::new();
    while !body.is_end_stream() {
        if bytes.len() == bytes_max {
            // Only an end that has come already counts: a full answer waits for nothing.
            return Ok((bytes, !matches!(body.frame().now_or_never(), Some(None))));
        }
        let Some(frame) = body.frame().await else { break };
        let Ok(data) = frame.map_err(|error| Failure::broken(&error))?.into_data() else { continue };
        let room = bytes_max - bytes.len();
        bytes.extend_from_slice(&data[..room.min(data.len())]);
        if data.len() > room {
            return Ok((bytes, true));
        }
    }
    Ok((bytes, false))
}
