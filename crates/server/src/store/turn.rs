//! Turns: a message and its reply, each written with its event in one transaction.
//!
//! Cast: a turn is *begun* when the user's message is stored, before any vendor is called, and *ended* exactly once:
//! the first ending wins, books the tokens and stores the reply. What a crash leaves open is ended at the next start.

use async_trait::async_trait;
use openclaw_core::{FinishReason, MessageStatus, Metadata, Role, Timestamp, Usage, User};

use super::{NewEvent, StoreError};

/// A message to store, and what to know of it.
#[derive(Clone, Debug)]
pub struct NewTurn {
    /// The workspace.
    pub workspace: String,
    /// Who sent it.
    pub key_id: String,
    /// The session, made if it is new.
    pub session_id: String,
    /// The user's message.
    pub message_id: String,
    /// Its text.
    pub content: String,
    /// Where it came from.
    pub channel: String,
    /// Who wrote it.
    pub user: Option<User>,
    /// The caller's notes.
    pub metadata: Option<Metadata>,
    /// The model asked for.
    pub model: String,
    /// Stored if the message made the session.
    pub session_created: NewEvent,
    /// Stored with the message.
    pub message_received: NewEvent,
    /// How much of the conversation to give back.
    pub history: HistoryBounds,
    /// The caller's `Idempotency-Key`, if there is one.
    pub idempotency: Option<IdempotencyClaim>,
    /// Whether the turn may have been begun before, and cut off: then it is opened again, and nothing is stored or told anew.
    pub may_be_stored: bool,
    /// When.
    pub now: Timestamp,
}

/// How much of a conversation a model is shown.
#[derive(Clone, Copy, Debug)]
pub struct HistoryBounds {
    /// The most earlier messages.
    pub messages_max: u32,
    /// The most bytes of them.
    pub bytes_max: u64,
}

/// A call that must not be done twice.
#[derive(Clone, Debug)]
pub struct IdempotencyClaim {
    /// The header's value.
    pub key: String,
    /// SHA-256 of the call.
    pub request_hash: [u8; 32],
    /// Claims older than this are forgotten.
    pub forget_before: Timestamp,
}

/// What came of [`TurnStore::begin_turn`].
#[derive(Clone, Debug)]
pub enum BegunTurn {
    /// The message is stored.
    Begun(OpenedTurn),
    /// The same call was answered before: the stored reply, JSON.
    Replayed(String),
    /// The same call is being answered now.
    InProgress,
    /// The key was used for another call.
    KeyReused,
    /// Another gateway answers in the session now.
    Busy,
}

/// A turn that waits for its ending.
#[derive(Clone, Debug)]
pub struct OpenedTurn {
    /// Earlier messages within the bounds, oldest first.
    pub history: Vec<(Role, String)>,
    /// The engine's own handle of the session.
    pub session: i64,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The reply is whole.
    Completed,
    /// The vendor failed.
    Failed,
    /// The caller hung up, it took too long, or the gateway shut down.
    Cancelled,
    /// The gateway crashed.
    Crashed,
}

impl Ending {
    /// The word in the ledger.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Crashed => "crashed",
        }
    }
}

/// The ending of a turn.
#[derive(Clone, Debug)]
pub struct EndTurn {
    /// The workspace.
    pub workspace: String,
    /// The user's message, which names the turn.
    pub message_id: String,
    /// The session's handle, from [`OpenedTurn`].
    pub session: i64,
    /// How.
    pub ending: Ending,
    /// The model that answered, or was asked.
    pub model: String,
    /// The provider that answered, if one did.
    pub provider: Option<String>,
    /// Tokens to book.
    pub usage: Usage,
    /// Whether they are our estimate.
    pub estimated: bool,
    /// The reply, whole or partial; `None` if no text came.
    pub reply: Option<NewReply>,
    /// The answer to keep for the caller's `Idempotency-Key`; `None` frees the key.
    pub idempotency: Option<(String, Option<String>)>,
    /// The channel's message that is answered: a whole reply is kept to be sent there.
    pub answers: Option<i64>,
    /// When.
    pub now: Timestamp,
}

/// A reply to store.
#[derive(Clone, Debug)]
pub struct NewReply {
    /// Its id.
    pub id: String,
    /// Its text.
    pub content: String,
    /// Whole or cut off.
    pub status: MessageStatus,
    /// Why it ended; whole replies only.
    pub finish_reason: Option<FinishReason>,
    /// Where it goes to.
    pub channel: String,
    /// Stored with it.
    pub message_sent: Option<NewEvent>,
}

/// Keeps turns.
#[async_trait]
pub trait TurnStore {
    /// Stores a message with its events and claims its idempotency key, or says why not.
    async fn begin_turn(&self, turn: NewTurn) -> Result<BegunTurn, StoreError>;

    /// Ends a turn: reply, event, tokens and idempotent answer at once. `false` if it had ended before.
    async fn end_turn(&self, turn: EndTurn) -> Result<bool, StoreError>;

    /// Ends every open turn as crashed, its tokens estimated from its message; says how many.
    async fn end_crashed_turns(&self, now: Timestamp) -> Result<u64, StoreError>;
}
