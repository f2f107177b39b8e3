//! MCP over streamable HTTP, on our own way out: `rmcp` decides what is said, this sends it.
//!
//! The server is the operator's, so private networks are open to it. Events that it sends unasked are not listened for.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use openclaw_core::sse::SseParser;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::streamable_http_client::{
    SseError, StreamableHttpClient, StreamableHttpClientTransportConfig, StreamableHttpError,
    StreamableHttpPostResponse,
};
use sse_stream::Sse;

use crate::config::McpConfig;
use crate::outbound::{FetchRequest, Outbound, OutboundError, PostRequest, Reach, read_at_most};

/// The longest answer in JSON, and the longest word of a failure.
const JSON_BYTES_MAX: usize = 4 * 1024 * 1024;
const FAILURE_BYTES_MAX: usize = 2000;

/// The longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
const EITHER: HeaderValue = HeaderValue::from_static("application/json, text/event-stream");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

type Failure = StreamableHttpError<OutboundError>;

/// How a server is to be asked.
pub(super) fn config(url: &str, config: &McpConfig) -> StreamableHttpClientTransportConfig {
    let headers = config.headers.iter().filter_map(|(name, value)| {
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some((name.parse().ok()?, value))
    });
    StreamableHttpClientTransportConfig::with_uri(url).custom_headers(headers.collect())
}

/// Says what `rmcp` wants said.
#[derive(Clone)]
pub(super) struct Client {
    outbound: Outbound,
    timeout: Duration,
}

impl Client {
    pub(super) fn new(outbound: Outbound, timeout: Duration) -> Self {
        Self { outbound, timeout }
    }
}

impl StreamableHttpClient for Client {
    type Error = OutboundError;

    async fn post_message(
        &self,
        uri: Arc<str>,
        message: ClientJsonRpcMessage,
        session_id: Option<Arc<str>>,
        auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<StreamableHttpPostResponse, Failure> {
        let mut headers = headers(session_id.as_deref(), auth_header.as_deref(), custom_headers)?;
        headers.insert(ACCEPT, EITHER);
        headers.insert(CONTENT_TYPE, JSON);
        let post = PostRequest {
            url: uri.parse().map_err(|_| unexpected("its url cannot be read"))?,
            headers,
            body: Bytes::from(serde_json::to_vec(&message)?),
            connect_timeout: CONNECT_TIMEOUT.min(self.timeout),
            head_timeout: self.timeout,
        };
        let answer = self.outbound.post(post).await.map_err(StreamableHttpError::Client)?;
        read_answer(answer, session_id.is_some()).await
    }

    async fn delete_session(
        &self,
        uri: Arc<str>,
        session_id: Arc<str>,
        auth_header: Option<String>,
        custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<(), Failure> {
        let mut request = FetchRequest::get(&*uri, Reach::Operator, CONNECT_TIMEOUT, FAILURE_BYTES_MAX);
        request.method = Method::DELETE;
        request.headers = headers(Some(&session_id), auth_header.as_deref(), custom_headers)?;
        match self.outbound.fetch(request).await {
            Ok(answer) if answer.status.as_u16() == 405 => Err(StreamableHttpError::ServerDoesNotSupportDeleteSession),
            Ok(_) => Ok(()),
            Err(error) => Err(StreamableHttpError::Client(OutboundError::Unreachable(error.message))),
        }
    }

    async fn get_stream(
        &self,
        _uri: Arc<str>,
        _session_id: Option<Arc<str>>,
        _last_event_id: Option<String>,
        _auth_header: Option<String>,
        _custom_headers: HashMap<HeaderName, HeaderValue>,
    ) -> Result<BoxStream<'static, Result<Sse, SseError>>, Failure> {
        Err(StreamableHttpError::ServerDoesNotSupportSse)
    }
}

async fn read_answer(
    answer: http::Response<Incoming>,
    in_session: bool,
) -> Result<StreamableHttpPostResponse, Failure> {
    let status = answer.status().as_u16();
    let header = |name: HeaderName| answer.headers().get(name).and_then(|value| value.to_str().ok());
    let session_id = header(SESSION).map(str::to_owned);
    let content_type = header(CONTENT_TYPE).unwrap_or_default().to_ascii_lowercase();
    match status {
        202 | 204 => return Ok(StreamableHttpPostResponse::Accepted),
        404 if in_session => return Err(StreamableHttpError::SessionExpired),
        200..=299 if content_type.starts_with("text/event-stream") => {
            return Ok(StreamableHttpPostResponse::Sse(events(answer.into_body()), session_id));
        }
        _ => {}
    }
    let body = read_at_most(answer.into_body(), JSON_BYTES_MAX).await;
    if content_type.starts_with("application/json")
        && let Ok(message) = serde_json::from_slice::<ServerJsonRpcMessage>(&body)
    {
        return Ok(StreamableHttpPostResponse::Json(message, session_id));
    }
    if (200..300).contains(&status) && body.is_empty() {
        return Ok(StreamableHttpPostResponse::Accepted);
    }
    let body = String::from_utf8_lossy(&body[..body.len().min(FAILURE_BYTES_MAX)]).into_owned();
    Err(unexpected(format!("HTTP {status}: {body}")))
}

/// What every request carries beside its own.
fn headers(
    session_id: Option<&str>,
    auth: Option<&str>,
    custom: HashMap<HeaderName, HeaderValue>,
) -> Result<HeaderMap, Failure> {
    let value = |text: &str| HeaderValue::from_str(text).map_err(|_| unexpected("a header that cannot be sent"));
    let mut headers: HeaderMap = custom.into_iter().collect();
    if let Some(session_id) = session_id {
        headers.insert(SESSION, value(session_id)?);
    }
    if let Some(auth) = auth {
        headers.insert(AUTHORIZATION, value(&format!("Bearer {auth}"))?);
    }
    Ok(headers)
}

/// The events of an answer, each bounded by our parser. Dropping the stream closes the connection.
fn events(body: Incoming) -> Pin<Box<dyn futures_util::Stream<Item = Result<Sse, SseError>> + Send>> {
    let begin = (body, SseParser::default(), VecDeque::new());
    Box::pin(stream::unfold(begin, |(mut body, mut parser, mut ready)| async move {
        loop {
            if let Some(event) = ready.pop_front() {
                return Some((Ok(event), (body, parser, ready)));
            }
            let data = match body.frame().await? {
                Ok(frame) => frame.into_data().unwrap_or_default(),
                Err(error) => return Some((Err(SseError::Body(Box::new(error))), (body, parser, ready))),
            };
            if let Err(error) = parser.push(&data) {
                return Some((Err(SseError::Body(Box::new(error))), (body, parser, ready)));
            }
            while let Some(event) = parser.next() {
                let event_name = Some(event.event).filter(|name| !name.is_empty());
                ready.push_back(Sse { event: event_name, data: Some(event.data), id: event.id, retry: None });
            }
        }
    }))
}

fn unexpected(what: impl Into<std::borrow::Cow<'static, str>>) -> Failure {
    StreamableHttpError::UnexpectedServerResponse(what.into())
}
