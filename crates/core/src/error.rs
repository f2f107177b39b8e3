//! The one envelope in which every failure arrives.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What kind of failure; closed, and one HTTP status each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ErrorType {
    /// 400: the request is wrong; `param` names the field.
    InvalidRequestError,
    /// 401: no credential, or one that is not valid.
    AuthenticationError,
    /// 403: a valid key without the scope that this needs.
    PermissionError,
    /// 404: no such thing in this workspace, or no such route (405 is told the same way).
    NotFoundError,
    /// 409: it clashes with the present state; `code` says how.
    ConflictError,
    /// 413: the body is larger than `gateway.api.body_bytes_max`.
    RequestTooLarge,
    /// 429: the key's rate is spent; wait `retry-after` seconds.
    RateLimitError,
    /// 500: a fault of the gateway; quote the request id.
    ApiError,
    /// 502: the model's vendor failed; `message` is the vendor's.
    ProviderError,
    /// 503: too much work at once, or shutting down; wait `retry-after` seconds.
    OverloadedError,
    /// 504: it took longer than the configured bound.
    TimeoutError,
}

impl ErrorType {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequestError => "invalid_request_error",
            Self::AuthenticationError => "authentication_error",
            Self::PermissionError => "permission_error",
            Self::NotFoundError => "not_found_error",
            Self::ConflictError => "conflict_error",
            Self::RequestTooLarge => "request_too_large",
            Self::RateLimitError => "rate_limit_error",
            Self::ApiError => "api_error",
            Self::ProviderError => "provider_error",
            Self::OverloadedError => "overloaded_error",
            Self::TimeoutError => "timeout_error",
        }
    }

    /// The HTTP status that carries this type.
    pub const fn status(self) -> u16 {
        match self {
            Self::InvalidRequestError => 400,
            Self::AuthenticationError => 401,
            Self::PermissionError => 403,
            Self::NotFoundError => 404,
            Self::ConflictError => 409,
            Self::RequestTooLarge => 413,
            Self::RateLimitError => 429,
            Self::ApiError => 500,
            Self::ProviderError => 502,
            Self::OverloadedError => 503,
            Self::TimeoutError => 504,
        }
    }
}

/// What went wrong, in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    /// The kind of failure; branch on this.
    #[serde(rename = "type")]
    pub kind: ErrorType,
    /// A finer name, stable, such as `session_not_found`.
    pub code: String,
    /// For people: what was wrong and what to do.
    pub message: String,
    /// The field of the request that was wrong, such as `context.temperature`.
    pub param: Option<String>,
}

/// The body of every answer that is not a success.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ErrorEnvelope {
    /// Always `error`.
    #[serde(rename = "type")]
    #[schema(example = "error")]
    pub kind: String,
    /// What went wrong.
    pub error: ErrorBody,
    /// The id of this request, also in the header `x-request-id`.
    pub request_id: String,
}

impl ErrorEnvelope {
    /// Wraps a failure for the request of that id.
    pub fn new(error: ErrorBody, request_id: impl Into<String>) -> Self {
        Self { kind: "error".into(), error, request_id: request_id.into() }
    }
}
