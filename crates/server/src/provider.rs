//! Model vendors behind one trait with one streaming method.
//!
//! To add a provider: write `provider/<name>.rs` with a type that implements [`Provider`], turn its wire format into
//! [`ModelEvent`]s there and nowhere else, name it in `config/provider.rs` ([`ProviderKind`](crate::config::ProviderKind))
//! and in [`Providers::new`]. A whole reply is the same stream folded, so no second method is needed.
//!
//! Order of events: [`Providers::resolve`] turns a name into a [`Plan`]; [`Plan::open`] asks its candidates until one
//! begins to answer; the stream is read to its end.

pub mod anthropic;
pub mod data;
pub mod echo;
mod entry;
mod health;
mod message;
mod model;
mod open;
pub mod openai;
mod pump;
mod resolve;
mod retry;
mod tool;
mod vendor;

pub use model::{ModelEvent, ModelMessage, ModelRequest, ModelStream};
pub use open::{OpenError, Opened, Plan};
pub use resolve::{ProviderConfigError, Providers, UnknownModel};
pub use tool::{ToolCall, ToolDefinition, ToolResult};

use open::Candidate;

use std::time::Duration;

use async_trait::async_trait;

/// A vendor of models.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Asks a model. Returns once the vendor has accepted the request; dropping the stream closes the connection, so
    /// that the vendor stops.
    async fn stream(&self, request: &ModelRequest) -> Result<ModelStream, ProviderError>;

    /// The vendor's own name of a model that callers know by a shorter one; the same name if it is none.
    fn full_name<'a>(&self, model: &'a str) -> &'a str {
        model
    }
}

/// Why a vendor gave no reply, or only half of one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ProviderError {
    /// What kind of failure.
    pub kind: ProviderErrorKind,
    /// The vendor's own words where there are any; never holds a key.
    pub message: String,
    /// How long the vendor asks to wait.
    pub retry_after: Option<Duration>,
}

/// The kinds of failure that matter to a caller or to a retry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderErrorKind {
    /// No connection.
    Unreachable,
    /// No answer, or no next piece, in time.
    TimedOut,
    /// 429.
    RateLimited,
    /// 5xx or an overload told in the stream.
    Failed,
    /// 401 or 403: the configured key is not accepted.
    Unauthorized,
    /// Another 4xx: asking again would not help.
    Refused,
    /// The stream broke off or was not understood.
    Broken,
}

impl ProviderError {
    /// A failure without a wait.
    pub fn new(kind: ProviderErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }

    /// Whether the vendor refused because the conversation is longer than the model takes.
    ///
    /// Vendors have no common code for this, so it is read off their words: Anthropic's `prompt is too long`, OpenAI's
    /// `maximum context length` and `context_length_exceeded`, and what compatible servers make of them.
    pub fn is_too_long(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        let words = ["prompt is too long", "context length", "context_length", "context window", "too many tokens"];
        self.kind == ProviderErrorKind::Refused && words.iter().any(|word| message.contains(word))
    }

    /// Whether the same request may succeed a little later, or with another provider.
    pub fn is_transient(&self) -> bool {
        match self.kind {
            ProviderErrorKind::Unreachable
            | ProviderErrorKind::TimedOut
            | ProviderErrorKind::RateLimited
            | ProviderErrorKind::Failed
            | ProviderErrorKind::Broken => true,
            ProviderErrorKind::Unauthorized | ProviderErrorKind::Refused => false,
        }
    }
}
