//! What every stream of server-sent events has in common: its head, and its signs of life.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use futures_util::Stream;

/// How often a silent stream says that it is alive, so that nothing on the way closes it.
pub(super) const PING_EVERY: Duration = Duration::from_secs(15);
/// What it then says: a comment, which readers pass over.
pub(super) const PING: Bytes = Bytes::from_static(b": ping\n\n");

/// Asks nginx and its kin to pass events on as they come.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The answer whose body is written by that stream.
pub(super) fn response(stream: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (X_ACCEL_BUFFERING, HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(futures_util::StreamExt::map(stream, Ok::<_, Infallible>))).into_response()
}
