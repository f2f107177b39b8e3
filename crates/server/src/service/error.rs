//! Why a service did not do what it was asked.

use crate::provider::{ProviderError, ProviderErrorKind};
use crate::store::StoreError;

/// The small set that a door turns into its own words. Messages are for the caller; causes inside are for the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ServiceError {
    /// A field is wrong.
    #[error("{message}")]
    Invalid {
        /// A stable name.
        code: &'static str,
        /// The field.
        param: Option<String>,
        /// What is wrong and what to do.
        message: String,
    },
    /// No credential, or none that is valid.
    #[error("{message}")]
    Unauthenticated {
        /// A stable name.
        code: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// A valid key that may not do this.
    #[error("{message}")]
    Forbidden {
        /// A stable name.
        code: &'static str,
        /// What is wrong and what to do.
        message: String,
    },
    /// No such thing in this workspace.
    #[error("{message}")]
    NotFound {
        /// A stable name.
        code: &'static str,
        /// What was not found.
        message: String,
    },
    /// It clashes with the present state.
    #[error("{message}")]
    Conflict {
        /// A stable name.
        code: &'static str,
        /// What it clashes with and what to do.
        message: String,
        /// Whether the same call may succeed a little later.
        passing: bool,
    },
    /// The body is larger than may be.
    #[error("{message}")]
    TooLarge {
        /// How large it may be.
        message: String,
    },
    /// The key's rate is spent.
    #[error(
        "this key has spent its rate: wait {retry_after_seconds} s (`retry-after`), or raise `gateway.api.rate_limit`"
    )]
    RateLimited {
        /// When the next request will be let in.
        retry_after_seconds: u64,
    },
    /// A vendor failed.
    #[error("{provider}: {error}")]
    Provider {
        /// The vendor, by its configured name.
        provider: String,
        /// What it said.
        error: ProviderError,
    },
    /// It took longer than allowed.
    #[error("{message}")]
    TimedOut {
        /// A stable name.
        code: &'static str,
        /// What took too long.
        message: String,
    },
    /// Too much work at once, or shutting down.
    #[error("{message}")]
    Overloaded {
        /// A stable name.
        code: &'static str,
        /// What there is too much of.
        message: String,
    },
    /// A fault of the gateway; the text is for the log alone.
    #[error("{0}")]
    Internal(String),
}

impl ServiceError {
    /// A field is wrong.
    pub fn invalid(code: &'static str, param: &str, message: impl Into<String>) -> Self {
        Self::Invalid { code, param: Some(param.to_owned()), message: message.into() }
    }

    /// A vendor failed; a timeout of its own is told as one.
    pub fn provider(provider: &str, error: ProviderError) -> Self {
        if error.kind == ProviderErrorKind::TimedOut {
            return Self::TimedOut { code: "provider_timeout", message: format!("{provider}: {error}") };
        }
        Self::Provider { provider: provider.to_owned(), error }
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BadCursor => Self::invalid("cursor_invalid", "after", error.to_string()),
            StoreError::Overloaded => Self::Overloaded { code: "store_overloaded", message: error.to_string() },
            StoreError::Full => Self::Overloaded {
                code: "disk_full",
                message: "the gateway's disk is full: nothing of this request was stored; its operator must make room"
                    .into(),
            },
            StoreError::Unavailable(_) => Self::Overloaded {
                code: "store_unavailable",
                message: "the gateway's database cannot be reached: ask again in a moment".into(),
            },
            StoreError::Contended => Self::Overloaded { code: "store_contended", message: error.to_string() },
            StoreError::Closed => {
                Self::Overloaded { code: "shutting_down", message: "the gateway is shutting down".into() }
            }
            StoreError::InUse(_) | StoreError::Engine(_) => Self::Internal(error.to_string()),
        }
    }
}
