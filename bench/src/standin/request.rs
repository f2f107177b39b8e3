//! What a stand-in reads of a request's body: as little as it needs, because it is also the benchmark's mock.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::behaviour::Behaviour;

/// A request in any of the formats.
#[derive(Debug, Deserialize)]
pub(super) struct Request<'a> {
    #[serde(borrow, default)]
    pub(super) model: Cow<'a, str>,
    #[serde(default)]
    pub(super) max_tokens: Option<u64>,
    #[serde(default)]
    pub(super) stream: bool,
    #[serde(default)]
    stream_options: Option<StreamOptions>,
    /// Our own API's one message, in place of `messages`.
    #[serde(borrow, default)]
    pub(super) message: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    messages: Option<&'a RawValue>,
    #[serde(borrow, default)]
    tools: Option<&'a RawValue>,
}

#[derive(Debug, Deserialize)]
struct StreamOptions {
    #[serde(default)]
    include_usage: bool,
}

#[derive(Deserialize)]
struct Message {
    role: String,
    content: Option<Content>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Blocks(Vec<Block>),
}

#[derive(Deserialize)]
struct Block {
    #[serde(default)]
    text: String,
}

impl Request<'_> {
    /// Whether a stream is to tell its usage at the end (Chat Completions asks for it; Anthropic always tells).
    pub(super) fn wants_usage(&self) -> bool {
        self.stream_options.as_ref().is_some_and(|options| options.include_usage)
    }

    pub(super) fn offers_tools(&self) -> bool {
        self.tools.is_some_and(|tools| tools.get() != "[]" && tools.get() != "null")
    }

    pub(super) fn has_messages(&self) -> bool {
        self.messages.is_some_and(|messages| messages.get().starts_with('[') && messages.get() != "[]")
    }

    /// The behaviour that the last message asks for, if it is a user's and has a tag. Tags of earlier messages are history.
    pub(super) fn behaviour(&self) -> Option<Result<Behaviour, String>> {
        if let Some(message) = &self.message {
            return Behaviour::from_message(message);
        }
        let messages = self.messages?.get();
        if !messages.contains("[[standin") {
            return None;
        }
        let messages: Vec<Message> = match serde_json::from_str(messages) {
            Ok(messages) => messages,
            Err(error) => return Some(Err(format!("messages: {error}"))),
        };
        let last = messages.into_iter().next_back().filter(|message| message.role == "user")?;
        match last.content? {
            Content::Text(text) => Behaviour::from_message(&text),
            Content::Blocks(blocks) => blocks.iter().find_map(|block| Behaviour::from_message(&block.text)),
        }
    }
}
