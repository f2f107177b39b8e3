//! A failure as a flat record, which every language can make an error of.

use std::fmt;

use openclaw_client::{Error, ErrorType};

/// Why a call gave no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorRecord {
    /// What went wrong; branch on this.
    pub kind: ErrorKind,
    /// The HTTP status; present if the gateway answered.
    pub status: Option<u16>,
    /// The gateway's finer name of the failure, such as `session_not_found`.
    pub code: Option<String>,
    /// For people.
    pub message: String,
    /// The field of the request that was wrong.
    pub param: Option<String>,
    /// The id of the request, if an answer came.
    pub request_id: Option<String>,
    /// The wait before another try that the gateway asked for, in milliseconds.
    pub retry_after_ms: Option<u64>,
    /// The gateway's answer as it came, at most its first 64 KiB.
    pub body: Option<String>,
    /// Why, one level down, where the message tells it too: a refused connection, say.
    pub cause: Option<String>,
}

/// What went wrong with a call: the kinds of the Rust client's error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The gateway answered, and the answer is a failure of that type; `None` if this client knows none for it.
    Api(Option<ErrorType>),
    /// No answer came.
    Connection,
    /// It took longer than allowed.
    Timeout,
    /// An answer began and broke off.
    Interrupted,
    /// An answer came that is not what this route answers.
    Decode,
    /// The client, or this call, is set up wrongly; nothing was sent.
    Config,
}

impl ErrorKind {
    /// The word that the languages know it by: for an answer that of its type, or `unknown`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api(Some(error_type)) => error_type.as_str(),
            Self::Api(None) => "unknown",
            Self::Connection => "connection",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Decode => "decode",
            Self::Config => "config",
        }
    }
}

impl ErrorRecord {
    pub(crate) fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message.into())
    }

    fn new(kind: ErrorKind, message: String) -> Self {
        Self {
            kind,
            status: None,
            code: None,
            message,
            param: None,
            request_id: None,
            retry_after_ms: None,
            body: None,
            cause: None,
        }
    }
}

impl From<Error> for ErrorRecord {
    fn from(error: Error) -> Self {
        let kind = match error {
            Error::Api(error) => {
                let retry_after_ms = error.retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
                return Self {
                    kind: ErrorKind::Api(error.kind),
                    status: Some(error.status),
                    code: error.code,
                    message: error.message,
                    param: error.param,
                    request_id: error.request_id,
                    retry_after_ms,
                    body: Some(error.body),
                    cause: None,
                };
            }
            Error::Connection { .. } => ErrorKind::Connection,
            Error::Timeout { .. } => ErrorKind::Timeout,
            Error::Interrupted { .. } => ErrorKind::Interrupted,
            Error::Decode { .. } => ErrorKind::Decode,
            Error::Config(_) => ErrorKind::Config,
        };
        let request_id = error.request_id().map(Into::into);
        let cause = std::error::Error::source(&error).map(with_causes);
        Self { request_id, cause, ..Self::new(kind, with_causes(&error)) }
    }
}

impl fmt::Display for ErrorRecord {
    /// The message, with status, code and request id where there are any, as the Rust client says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        let status = self.status.map(|status| status.to_string());
        let known = [status.as_deref(), self.code.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" ");
        let request_id = self.request_id.as_deref().unwrap_or_default();
        match (known.is_empty(), request_id.is_empty()) {
            (true, true) => Ok(()),
            (false, true) => write!(f, " ({known})"),
            (true, false) => write!(f, " ({request_id})"),
            (false, false) => write!(f, " ({known}, {request_id})"),
        }
    }
}

impl std::error::Error for ErrorRecord {}

/// The message with its causes, because a record has nowhere else to keep them.
fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_that_of_the_rust_client_and_tells_the_cause() {
        let source = std::io::Error::other("refused").into();
        let record = ErrorRecord::from(Error::Connection { base_url: "http://host".into(), source });
        assert_eq!(record.kind, ErrorKind::Connection);
        assert_eq!(record.to_string(), "the gateway at http://host could not be reached: refused");
        assert_eq!(record.cause.as_deref(), Some("refused"));
        let problem = "it is not JSON".into();
        let record = ErrorRecord::from(Error::Decode { problem, request_id: Some("req_1".into()) });
        assert_eq!(record.to_string(), "the gateway's answer could not be read: it is not JSON (req_1)");
        let record = ErrorRecord {
            status: Some(404),
            code: Some("session_not_found".into()),
            request_id: Some("req_7".into()),
            ..ErrorRecord::config("no session `x`")
        };
        assert_eq!(record.to_string(), "no session `x` (404 session_not_found, req_7)");
    }
}
