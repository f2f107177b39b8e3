//! What can go wrong with a call, in six words to branch on.

use std::fmt;
use std::time::Duration;

use openclaw_core::ErrorType;
use reqwest::header::HeaderMap;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;

use crate::{environment, retry};

/// The cause beneath an [`Error`], for the log.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a call gave no reply. Never holds the API key.
///
/// ```no_run
/// use openclaw_client::{ChatRequest, Client, Error, ErrorType};
///
/// # async fn example(client: Client, request: ChatRequest) -> Result<(), openclaw_client::Error> {
/// match client.chat().send(request).await {
///     Ok(reply) => println!("{}", reply.content),
///     Err(error) if error.kind() == Some(ErrorType::RateLimitError) => println!("too fast: {error}"),
///     Err(error @ (Error::Connection { .. } | Error::Timeout { .. })) => println!("later: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The gateway answered, and the answer is a failure.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// No answer came: refused, reset, no such host, no trust in the certificate.
    #[error("the gateway at {base_url} could not be reached")]
    Connection {
        /// Where it was looked for.
        base_url: String,
        /// What the network said.
        source: Cause,
    },
    /// It took longer than allowed.
    #[error("{waited_for} did not come within {limit:?}")]
    Timeout {
        /// What was waited for, such as `the reply`.
        waited_for: &'static str,
        /// How long.
        limit: Duration,
    },
    /// An answer began and broke off. What came of it is not the whole reply; the message may be kept in its session.
    #[error("the reply broke off before its end")]
    Interrupted {
        /// What the network said; absent if the gateway closed the connection in good order.
        source: Option<Cause>,
    },
    /// An answer came that is not what this route answers: another server, or one of another version.
    #[error("the gateway's answer could not be read: {problem}")]
    Decode {
        /// What was wrong with it.
        problem: String,
        /// The id of the request, to find it in the gateway's log.
        request_id: Option<String>,
    },
    /// The client, or this call, is set up wrongly; nothing was sent.
    #[error("{0}")]
    Config(String),
}

/// A failure that the gateway, or a proxy before it, told of.
///
/// ```no_run
/// use openclaw_client::Client;
///
/// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
/// if let Err(error) = client.sessions().get("nobody").await
///     && let Some(told) = error.api()
/// {
///     println!("{} {:?} {:?}: {}", told.status, told.code, told.request_id, told.message);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ApiError {
    /// The kind of failure; `None` if this client knows none for it.
    pub kind: Option<ErrorType>,
    /// The HTTP status; that of the kind if the failure came inside a stream.
    pub status: u16,
    /// A finer name, stable, such as `session_not_found`.
    pub code: Option<String>,
    /// For people: what was wrong and what to do.
    pub message: String,
    /// The field of the request that was wrong, such as `context.temperature`.
    pub param: Option<String>,
    /// The id of the request, to find it in the gateway's log.
    pub request_id: Option<String>,
    /// The wait before another try that was asked for.
    pub retry_after: Option<Duration>,
    /// The answer as it came, at most its first 64 KiB.
    pub body: String,
}

impl Error {
    /// The gateway's failure, if that is what this is.
    pub fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            _ => None,
        }
    }

    /// The kind of the gateway's failure; branch on this.
    pub fn kind(&self) -> Option<ErrorType> {
        self.api()?.kind
    }

    /// The HTTP status of the gateway's failure.
    pub fn status(&self) -> Option<u16> {
        self.api().map(|error| error.status)
    }

    /// The finer name of the gateway's failure.
    pub fn code(&self) -> Option<&str> {
        self.api()?.code.as_deref()
    }

    /// The id of the request, if an answer came.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Api(error) => error.request_id.as_deref(),
            Self::Decode { request_id, .. } => request_id.as_deref(),
            _ => None,
        }
    }

    pub(crate) fn config(problem: impl Into<String>) -> Self {
        Self::Config(problem.into())
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

impl ApiError {
    /// Reads an answer that was not a success.
    pub(crate) fn from_answer(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let mut error = Self::from_body(body, kind_of_status(status), status);
        error.status = status;
        error.retry_after = retry::asked_wait(headers, environment::now());
        if let Some(id) = request_id(headers) {
            error.request_id = Some(id);
        }
        if let Some(target) = headers.get("location").filter(|_| (300..400).contains(&status)) {
            error.message =
                format!("a redirect to {target:?}, which is not followed: use the final address as base URL");
        }
        error
    }

    /// Reads the `error` event of a stream.
    pub(crate) fn from_event(data: &str, request_id: Option<&str>) -> Self {
        let mut error = Self::from_body(data.as_bytes(), None, ErrorType::ApiError.status());
        error.request_id = error.request_id.or_else(|| request_id.map(Into::into));
        error
    }

    fn from_body(body: &[u8], kind_assumed: Option<ErrorType>, status_assumed: u16) -> Self {
        let text = String::from_utf8_lossy(body).into_owned();
        let Ok(Envelope { error, request_id }) = serde_json::from_slice(body) else {
            return Self {
                kind: kind_assumed,
                status: status_assumed,
                code: None,
                message: format!("an answer without the gateway's error envelope, HTTP status {status_assumed}"),
                param: None,
                request_id: None,
                retry_after: None,
                body: text,
            };
        };
        let kind = ErrorType::deserialize(IntoDeserializer::<WordError>::into_deserializer(error.kind.as_str()));
        let kind = kind.ok().or(kind_assumed);
        Self {
            kind,
            status: kind.map_or(status_assumed, ErrorType::status),
            code: error.code,
            message: error.message,
            param: error.param,
            request_id,
            retry_after: None,
            body: text,
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.message, self.status)?;
        if let Some(code) = &self.code {
            write!(f, " {code}")?;
        }
        if let Some(request_id) = &self.request_id {
            write!(f, ", {request_id}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Debug for ApiError {
    /// Without the body, which may be long and hold what the caller sent.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiError")
            .field("kind", &self.kind)
            .field("status", &self.status)
            .field("code", &self.code)
            .field("message", &self.message)
            .field("param", &self.param)
            .field("request_id", &self.request_id)
            .field("retry_after", &self.retry_after)
            .finish_non_exhaustive()
    }
}

impl std::error::Error for ApiError {}

/// The id that the gateway gave a request.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    Some(headers.get("x-request-id")?.to_str().ok()?.to_owned())
}

/// The error envelope, read with more patience than it is written: a newer gateway may know more kinds.
#[derive(Deserialize)]
struct Envelope {
    error: EnvelopeError,
    request_id: Option<String>,
}

#[derive(Deserialize)]
struct EnvelopeError {
    #[serde(rename = "type")]
    kind: String,
    code: Option<String>,
    message: String,
    param: Option<String>,
}

/// The kind that a status stands for, where nothing better is told: a proxy's page, a kind newer than this client.
fn kind_of_status(status: u16) -> Option<ErrorType> {
    Some(match status {
        400 => ErrorType::InvalidRequestError,
        401 => ErrorType::AuthenticationError,
        403 => ErrorType::PermissionError,
        404 => ErrorType::NotFoundError,
        409 => ErrorType::ConflictError,
        413 => ErrorType::RequestTooLarge,
        429 => ErrorType::RateLimitError,
        502 => ErrorType::ProviderError,
        503 => ErrorType::OverloadedError,
        504 => ErrorType::TimeoutError,
        500..=599 => ErrorType::ApiError,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> ApiError {
        ApiError::from_answer(status, &HeaderMap::new(), body.as_bytes())
    }

    #[test]
    fn a_page_of_a_proxy_has_the_kind_of_its_status() {
        let error = answer(502, "<html>Bad Gateway</html>");
        assert_eq!((error.kind, error.status, error.code.clone()), (Some(ErrorType::ProviderError), 502, None));
        assert_eq!(error.body, "<html>Bad Gateway</html>");
        assert_eq!(answer(599, "").kind, Some(ErrorType::ApiError));
        assert_eq!(answer(418, "").kind, None);
    }

    #[test]
    fn a_kind_newer_than_this_client_is_no_obstacle() {
        let body =
            r#"{"type":"error","error":{"type":"teapot_error","code":"short","message":"and stout","new":1},"x":2}"#;
        let error = answer(418, body);
        assert_eq!((error.kind, error.code.as_deref(), error.message.as_str()), (None, Some("short"), "and stout"));
        assert_eq!(ApiError::from_event(body, Some("req_1")).status, 500);
        assert_eq!(ApiError::from_event(body, Some("req_1")).request_id.as_deref(), Some("req_1"));
    }

    #[test]
    fn people_read_the_message_first() {
        let body = r#"{"type":"error","error":{"type":"not_found_error","code":"session_not_found","message":"no session `x`","param":null},"request_id":"req_7"}"#;
        let error = Error::from(answer(404, body));
        assert_eq!(error.to_string(), "no session `x` (404 session_not_found, req_7)");
        assert_eq!(error.kind(), Some(ErrorType::NotFoundError));
        assert!(!format!("{error:?}").contains("body"));
    }
}
