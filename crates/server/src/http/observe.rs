//! What happens to every request: an id, a bound on its time, a count, a line in the log.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use openclaw_core::IdKind;

use super::error::{Failure, render};
use crate::app::App;
use crate::service::{ServiceError, event};

/// Where the time went.
pub(super) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");
const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");
/// A turn ends itself at the bound; what is still silent this much later is cut off.
const TIME_GRACE: Duration = Duration::from_secs(1);

/// The id of a request, in its extensions.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) String);

/// Gives the request its id, renders its failure, counts it and logs it.
pub(super) async fn observe(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let began = app.clock.instant();
    let request_id = app.clock.id(IdKind::Request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    request.extensions_mut().insert(RequestId(request_id.clone()));

    let mut response = render(next.run(request).await, &request_id);
    let route = route.as_deref().unwrap_or("unknown");
    let status = response.status();
    let gateway_ms = began.elapsed().as_secs_f64() * 1000.0;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value.clone());
        headers.insert(X_REQUEST_ID, value);
    }
    if !headers.contains_key(SERVER_TIMING)
        && let Ok(value) = HeaderValue::from_str(&format!("gateway;dur={gateway_ms:.3}"))
    {
        headers.insert(SERVER_TIMING, value);
    }
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        let message = format!("a request met a fault of the gateway; its log tells more under {request_id}");
        event::announce_fault(&app, "internal", message).await;
    }
    app.metrics.request(method.as_str(), route, status.as_u16());
    tracing::debug!(%method, route, status = status.as_u16(), gateway_ms, request_id, "answered");
    response
}

/// Answers 504 when the head of an answer takes longer than `gateway.api.request_timeout_seconds`.
pub(super) async fn limit_time(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let seconds = app.live.load().config.gateway.api.request_timeout_seconds;
    let limit = Duration::from_secs(seconds) + TIME_GRACE;
    app.clock.timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let message = format!("no answer within {seconds} seconds (`gateway.api.request_timeout_seconds`)");
        Failure(ServiceError::TimedOut { code: "request_timeout", message }).into_response()
    })
}
