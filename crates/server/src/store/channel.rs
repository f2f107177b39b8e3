//! What came in by channels, as it is stored: an inbox and an outbox in one row.
//!
//! Life of a row: *received* with its update, before the platform is told that it was; then it has a *reply*, written in
//! the transaction that ends its turn; the reply is sent part by part, each marked before and after; then it has *ended*.

use std::collections::HashSet;

use async_trait::async_trait;
use openclaw_core::Timestamp;

use super::StoreError;

/// An update to store, as its platform wrote it.
#[derive(Clone, Debug)]
pub struct NewUpdate {
    /// The platform's number of it.
    pub update_id: i64,
    /// The id that its message is to have.
    pub message_id: String,
    /// The update, JSON.
    pub payload: String,
}

/// A message that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelMessage {
    /// The engine's own handle.
    pub row: i64,
    /// The id of its message.
    pub message_id: String,
    /// The update, JSON.
    pub payload: String,
    /// What is to be sent, once it is known.
    pub reply: Option<String>,
    /// Parts of the reply that are settled.
    pub sent: u32,
    /// How the next part stands.
    pub phase: SendPhase,
    /// When it was received.
    pub created_at: Timestamp,
}

/// How the next part of a reply stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SendPhase {
    /// It was not sent.
    Idle,
    /// It is being sent; after a crash nobody knows whether it arrived.
    Sending,
    /// Nobody knows whether it arrived, which is to be told in its place.
    Doubt,
}

impl SendPhase {
    /// The stored word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::Sending => "sending",
            Self::Doubt => "doubt",
        }
    }

    /// The phase of that word; an unknown one is in doubt.
    pub fn parse(word: &str) -> Self {
        [Self::Idle, Self::Sending].into_iter().find(|phase| phase.as_str() == word).unwrap_or(Self::Doubt)
    }
}

/// Keeps what came in by channels.
#[async_trait]
pub trait ChannelStore {
    /// Stores the updates that are not stored yet, all at once; says how many were new.
    async fn receive_updates(
        &self,
        account: String,
        updates: Vec<NewUpdate>,
        now: Timestamp,
    ) -> Result<u64, StoreError>;

    /// The account's messages that have not ended, oldest first, but for those held already.
    async fn open_messages(
        &self,
        account: String,
        held: HashSet<i64>,
        limit: usize,
    ) -> Result<Vec<ChannelMessage>, StoreError>;

    /// Keeps a reply in words of our own, unless there is one; that of a turn is kept by its ending.
    async fn keep_reply(&self, row: i64, reply: String) -> Result<(), StoreError>;

    /// Marks how far a reply was sent.
    async fn mark_sent(&self, row: i64, sent: u32, phase: SendPhase) -> Result<(), StoreError>;

    /// Ends a message and forgets its text.
    async fn end_message(&self, row: i64, now: Timestamp) -> Result<(), StoreError>;

    /// Forgets an update that was not meant for us.
    async fn drop_message(&self, row: i64) -> Result<(), StoreError>;
}
