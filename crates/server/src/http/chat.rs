//! Chat over HTTP: a reply as JSON, or as server-sent events.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use openclaw_core::chat::stream_event;
use openclaw_core::sse::write_event;
use openclaw_core::{ChatRequest, ChatResponse, ErrorEnvelope};

use super::body::{Json, idempotency_key};
use super::error::{Failure, envelope};
use super::observe::{RequestId, SERVER_TIMING};
use super::sse::{self, PING, PING_EVERY};
use crate::app::App;
use crate::service::chat::{Reply, Timing, Update, Wanted, start};
use crate::service::{Caller, ServiceError};

/// How long a stream's head waits for the first piece, so that a vendor that fails at once is told by a true status.
const HEAD_WAIT: Duration = Duration::from_secs(5);
/// Pieces that are written as one when they have come together.
const BATCH_MAX: usize = 64;

/// Send a message and get the reply.
///
/// With `"stream": true` or `Accept: text/event-stream` the reply comes as server-sent events: `chunk` (a `ChatChunk`)
/// any number of times, then one `done` (the whole `ChatResponse`) or one `error` (the error envelope).
#[utoipa::path(
    post, path = "/api/v1/chat", tag = "chat", operation_id = "chat",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same answer for 24 hours; up to 255 characters.")),
    request_body = ChatRequest,
    responses(
        (status = 200, description = "The reply.", body = ChatResponse),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
        (status = "5XX", description = "Failed.", body = ErrorEnvelope),
    )
)]
pub(super) async fn send(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<ChatRequest>,
) -> Result<Response, Failure> {
    let streamed = request.stream.unwrap_or_else(|| accepts_events(&headers));
    let wanted = if streamed { Wanted::Pieces } else { Wanted::Whole };
    let reply = start(&app, &caller, request, idempotency_key(&headers)?, wanted).await?;
    if streamed {
        return events(app, reply, request_id).await;
    }
    let (response, timing) = reply.whole().await?;
    Ok(timed(timing, axum::Json(response).into_response()))
}

/// Send a message and get the reply as server-sent events.
///
/// The same as `POST /api/v1/chat` with `"stream": true`.
#[utoipa::path(
    post, path = "/api/v1/chat/stream", tag = "chat", operation_id = "chat_stream",
    params(("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same answer for 24 hours; up to 255 characters.")),
    request_body = ChatRequest,
    responses(
        (status = 200, description = "Events `chunk` …, then `done` or `error`.", body = String, content_type = "text/event-stream"),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
        (status = "5XX", description = "Failed before the first piece.", body = ErrorEnvelope),
    )
)]
pub(super) async fn stream(
    State(app): State<Arc<App>>,
    Extension(request_id): Extension<RequestId>,
    caller: Caller,
    headers: HeaderMap,
    Json(request): Json<ChatRequest>,
) -> Result<Response, Failure> {
    let reply = start(&app, &caller, request, idempotency_key(&headers)?, Wanted::Pieces).await?;
    events(app, reply, request_id).await
}

fn accepts_events(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/event-stream"))
}

/// The reply as a stream. A failure before the first piece is an ordinary error answer.
async fn events(app: Arc<App>, mut reply: Reply, RequestId(request_id): RequestId) -> Result<Response, Failure> {
    let began = app.clock.instant();
    let first = app.clock.timeout(HEAD_WAIT, reply.updates.recv()).await.ok();
    let first = match first {
        Some(Some(Update::Failed(error))) => return Err(Failure(error)),
        Some(None) => return Err(Failure(ServiceError::Internal("the turn ended without an end".into()))),
        Some(Some(update)) => Some(update),
        None => None,
    };
    let timing = match &first {
        Some(Update::Done(_, timing)) => *timing,
        _ => Timing { gateway: reply.stored_after, provider: began.elapsed() },
    };
    let writer = EventWriter::new(&reply, request_id);
    let waiting: Vec<Update> = first.into_iter().collect();
    let body = stream::unfold(Some((app, reply, writer, waiting)), |state| async move {
        let (app, mut reply, writer, mut updates) = state?;
        if updates.is_empty() {
            let received = reply.updates.recv_many(&mut updates, BATCH_MAX);
            if app.clock.timeout(PING_EVERY, received).await.is_err() {
                return Some((PING, Some((app, reply, writer, updates))));
            }
        }
        let (bytes, ended) = writer.write(&updates);
        updates.clear();
        let rest = (!ended).then_some((app, reply, writer, updates));
        Some((bytes, rest))
    });
    Ok(timed(timing, sse::response(body)))
}

/// Writes updates as events; what every chunk has in common is written once.
struct EventWriter {
    chunk_head: Vec<u8>,
    request_id: String,
}

impl EventWriter {
    fn new(reply: &Reply, request_id: String) -> Self {
        let mut chunk_head = Vec::with_capacity(128);
        chunk_head.extend_from_slice(b"event: ");
        chunk_head.extend_from_slice(stream_event::CHUNK.as_bytes());
        chunk_head.extend_from_slice(b"\ndata: {\"id\":");
        push_json(&mut chunk_head, &reply.id);
        chunk_head.extend_from_slice(b",\"session_id\":");
        push_json(&mut chunk_head, &reply.session_id);
        chunk_head.extend_from_slice(b",\"content\":");
        Self { chunk_head, request_id }
    }

    /// The bytes, and whether the stream ends with them. No updates at all means that the turn was lost.
    fn write(&self, updates: &[Update]) -> (Bytes, bool) {
        let mut bytes = Vec::with_capacity(updates.len() * (self.chunk_head.len() + 32));
        for update in updates {
            match update {
                Update::Text(text) => {
                    bytes.extend_from_slice(&self.chunk_head);
                    push_json(&mut bytes, text);
                    bytes.extend_from_slice(b"}\n\n");
                }
                Update::Done(response, _) => {
                    let json = serde_json::to_vec(response).expect("our own types serialise");
                    write_event(&mut bytes, stream_event::DONE, None, &json);
                    return (bytes.into(), true);
                }
                Update::Failed(error) => {
                    self.write_error(&mut bytes, error);
                    return (bytes.into(), true);
                }
            }
        }
        if updates.is_empty() {
            self.write_error(&mut bytes, &ServiceError::Internal("the turn ended without an end".into()));
        }
        let ended = updates.is_empty();
        (bytes.into(), ended)
    }

    fn write_error(&self, bytes: &mut Vec<u8>, error: &ServiceError) {
        let json = serde_json::to_vec(&envelope(error, &self.request_id)).expect("our own types serialise");
        write_event(bytes, stream_event::ERROR, None, &json);
    }
}

fn push_json(bytes: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(bytes, text).expect("text serialises into memory");
}

/// Tells where the time went, in milliseconds. Of a stream: until its first piece.
pub(super) fn timed(timing: Timing, mut response: Response) -> Response {
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    let value = format!("gateway;dur={:.3}, provider;dur={:.3}", ms(timing.gateway), ms(timing.provider));
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(SERVER_TIMING, value);
    }
    response
}
