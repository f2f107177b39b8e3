//! Failures as HTTP: the one file that makes error envelopes.
//!
//! A handler's [`Failure`] carries its words to [`render`] in the response's extensions; `observe` calls that once it
//! has the request's id. What axum itself refused (405, a bad path) gets its words there too.

use std::any::Any;
use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use openclaw_core::{ErrorBody, ErrorEnvelope, ErrorType};

use crate::provider::ProviderErrorKind;
use crate::service::ServiceError;

/// A service's refusal on its way out.
#[derive(Debug)]
pub struct Failure(pub(super) ServiceError);

impl From<ServiceError> for Failure {
    fn from(error: ServiceError) -> Self {
        Self(error)
    }
}

/// What a failure says, until its envelope is written.
#[derive(Clone)]
struct Words(Arc<ErrorBody>);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (body, retry_after) = words(&self.0);
        let mut response = plain(body);
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if matches!(self.0, ServiceError::Unauthenticated { .. }) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// No such route.
pub(super) async fn not_found(method: Method, uri: Uri) -> Response {
    plain(ErrorBody {
        kind: ErrorType::NotFoundError,
        code: "route_not_found".into(),
        message: format!("there is no {method} {}; the routes are listed at /docs", uri.path()),
        param: None,
    })
}

/// The route exists, the method does not; the router adds `allow`.
pub(super) async fn method_not_allowed(method: Method, uri: Uri) -> Response {
    let mut response = plain(ErrorBody {
        kind: ErrorType::InvalidRequestError,
        code: "method_not_allowed".into(),
        message: format!("{} does not take {method}; the header `allow` says what it takes", uri.path()),
        param: None,
    });
    *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
    response
}

/// A handler panicked.
#[expect(clippy::needless_pass_by_value, reason = "the shape that the layer calls")]
pub(super) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let cause = cause
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| cause.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Failure(ServiceError::Internal(format!("panic: {cause}"))).into_response()
}

/// The failure as an event of a stream that has begun.
pub(super) fn envelope(error: &ServiceError, request_id: &str) -> ErrorEnvelope {
    ErrorEnvelope::new(words(error).0, request_id)
}

/// Writes the envelope of a response that failed; leaves others as they are.
pub(super) fn render(response: Response, request_id: &str) -> Response {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let body = response.extensions().get::<Words>().map_or_else(|| refused(status), |words| (*words.0).clone());
    let json = serde_json::to_vec(&ErrorEnvelope::new(body, request_id)).expect("our own types serialise");
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Response::from_parts(parts, Body::from(json))
}

fn plain(body: ErrorBody) -> Response {
    let status = StatusCode::from_u16(body.kind.status()).expect("each type has a valid status");
    let mut response = status.into_response();
    response.extensions_mut().insert(Words(Arc::new(body)));
    response
}

/// Words for what the router refused before a handler ran.
fn refused(status: StatusCode) -> ErrorBody {
    let kind = if status.is_server_error() { ErrorType::ApiError } else { ErrorType::InvalidRequestError };
    ErrorBody {
        kind,
        code: "request_refused".into(),
        message: status.canonical_reason().unwrap_or("the request was refused").to_owned(),
        param: None,
    }
}

/// The type, the words and the seconds to wait. A fault of ours is logged here, once, and told as a request id only.
fn words(error: &ServiceError) -> (ErrorBody, Option<u64>) {
    let (kind, code, retry_after) = match error {
        ServiceError::TooLarge { .. } => (ErrorType::RequestTooLarge, "body_too_large", None),
        ServiceError::Invalid { code, .. } => (ErrorType::InvalidRequestError, *code, None),
        ServiceError::Unauthenticated { code, .. } => (ErrorType::AuthenticationError, *code, None),
        ServiceError::Forbidden { code, .. } => (ErrorType::PermissionError, *code, None),
        ServiceError::NotFound { code, .. } => (ErrorType::NotFoundError, *code, None),
        ServiceError::Conflict { code, passing, .. } => (ErrorType::ConflictError, *code, passing.then_some(1)),
        ServiceError::RateLimited { retry_after_seconds } => {
            (ErrorType::RateLimitError, "rate_limit_exceeded", Some(*retry_after_seconds))
        }
        ServiceError::Provider { error, .. } => {
            (ErrorType::ProviderError, provider_code(error.kind), error.retry_after.map(|wait| wait.as_secs().max(1)))
        }
        ServiceError::TimedOut { code, .. } => (ErrorType::TimeoutError, *code, None),
        ServiceError::Overloaded { code, .. } => (ErrorType::OverloadedError, *code, Some(1)),
        ServiceError::Internal(cause) => {
            tracing::error!(cause, "a request met a fault of the gateway");
            (ErrorType::ApiError, "internal", None)
        }
    };
    let param = match error {
        ServiceError::Invalid { param, .. } => param.clone(),
        _ => None,
    };
    let message = match error {
        ServiceError::Internal(_) => {
            "the gateway met a fault of its own; its log tells more under this request id".into()
        }
        other => other.to_string(),
    };
    (ErrorBody { kind, code: code.to_owned(), message, param }, retry_after)
}

fn provider_code(kind: ProviderErrorKind) -> &'static str {
    match kind {
        ProviderErrorKind::Unreachable => "provider_unreachable",
        ProviderErrorKind::TimedOut => "provider_timeout",
        ProviderErrorKind::RateLimited => "provider_rate_limited",
        ProviderErrorKind::Failed => "provider_failed",
        ProviderErrorKind::Unauthorized => "provider_unauthorized",
        ProviderErrorKind::Refused => "provider_refused",
        ProviderErrorKind::Broken => "provider_broke_off",
    }
}
