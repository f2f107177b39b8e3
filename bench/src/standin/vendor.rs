//! Whose wire format is spoken, and what an answer consists of in each.

use hyper::HeaderMap;
use hyper::header::ACCEPT;

use super::behaviour::Behaviour;
use super::request::Request;
use super::{anthropic, openai, openclaw};

/// A vendor's wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Vendor {
    Anthropic,
    Openai,
    Openclaw,
}

/// The events of a stream, each as the bytes on the wire.
#[derive(Debug)]
pub(super) struct Transcript {
    pub(super) opening: Vec<Vec<u8>>,
    pub(super) deltas: Vec<Vec<u8>>,
    pub(super) closing: Vec<Vec<u8>>,
    pub(super) error: Vec<u8>,
}

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(status: u16, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
}

impl Vendor {
    /// Whose route a path is; a base path before it is the caller's affair.
    pub(super) fn of_path(path: &str) -> Option<Self> {
        if path.ends_with("/chat/completions") {
            Some(Self::Openai)
        } else if path.ends_with("/messages") {
            Some(Self::Anthropic)
        } else if path.ends_with("/api/v1/chat") {
            Some(Self::Openclaw)
        } else {
            None
        }
    }

    /// Whose key a request carries.
    pub(super) fn of_headers(headers: &HeaderMap) -> Self {
        if headers.contains_key("x-api-key") { Self::Anthropic } else { Self::Openai }
    }

    /// The header in which the vendor names a request.
    pub(super) fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            Self::Openai | Self::Openclaw => "x-request-id",
        }
    }

    pub(super) fn check_key(self, headers: &HeaderMap) -> Result<(), Refusal> {
        match self {
            Self::Anthropic => anthropic::check_key(headers),
            Self::Openai => openai::check_key(headers),
            Self::Openclaw => openclaw::check_key(headers),
        }
    }

    /// Whether the headers alone ask for a stream, as our own API allows.
    pub(super) fn wants_stream(self, headers: &HeaderMap) -> bool {
        self == Self::Openclaw && headers.get(ACCEPT).is_some_and(|accept| accept == "text/event-stream")
    }

    pub(super) fn check(self, request: &Request<'_>) -> Result<(), Refusal> {
        let demands_max_tokens = self == Self::Anthropic;
        if self == Self::Openclaw {
            let refusal = || Refusal::new(400, "message: a text is required");
            return request.message.as_ref().filter(|message| !message.is_empty()).map(|_| ()).ok_or_else(refusal);
        }
        if request.model.is_empty() {
            return Err(Refusal::new(400, "model: Field required"));
        }
        if !request.has_messages() {
            return Err(Refusal::new(400, "messages: at least one message is required"));
        }
        if demands_max_tokens && request.max_tokens.is_none_or(|tokens| tokens == 0) {
            return Err(Refusal::new(400, "max_tokens: Field required"));
        }
        Ok(())
    }

    /// A whole answer as JSON.
    pub(super) fn reply(self, behaviour: &Behaviour, model: &str) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::reply(behaviour, model),
            Self::Openai => openai::reply(behaviour, model),
            Self::Openclaw => openclaw::reply(behaviour, model),
        }
    }

    /// An answer as events.
    pub(super) fn transcript(self, behaviour: &Behaviour, model: &str, usage: bool) -> Transcript {
        match self {
            Self::Anthropic => anthropic::transcript(behaviour, model),
            Self::Openai => openai::transcript(behaviour, model, usage),
            Self::Openclaw => openclaw::transcript(behaviour, model),
        }
    }

    /// The error envelope.
    pub(super) fn error(self, status: u16, message: &str) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::error(status, message),
            Self::Openai => openai::error(status, message),
            Self::Openclaw => openclaw::error(status, message),
        }
    }

    /// The list of models.
    pub(super) fn models(self) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::models(),
            Self::Openai | Self::Openclaw => openai::models(),
        }
    }
}

/// The model that answers to a name: a short name is answered by a dated release.
pub(super) fn model_answering(asked: &str) -> &str {
    match asked {
        "gpt-4o" => "gpt-4o-2024-08-06",
        name if name.starts_with("claude-3-5-sonnet") => "claude-3-5-sonnet-20241022",
        name => name,
    }
}
