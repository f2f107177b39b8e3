//! Where everything is kept: one trait per noun, each engine behind all of them.
//!
//! The store writes what it is given: ids, times and event payloads are made by the services. A change and the events
//! that tell of it are one call here and one transaction below, so neither is ever there without the other. To add an
//! engine, implement the traits of `store/<noun>.rs` in `store/<engine>/<noun>.rs` and name it in [`open`].

mod agent;
mod channel;
mod copy;
mod delivery;
mod endpoint;
mod event;
mod fleet;
mod fullness;
mod key;
mod postgres;
mod queue;
mod retention;
mod schedule;
mod session;
mod sqlite;
mod turn;
mod usage;

pub use agent::{
    AfterProgress, AgentCaps, AgentEnd, AgentEnding, AgentEnds, AgentFilter, AgentProgress, AgentStore, AgentTells,
    Appended, CallerWord, EndAgent, EndedAgent, EndedTree, Fence, HeardWord, JournalEntry, LastProgress, NewAgent,
    NewChild, SpawnedAgent, StoredAgent,
};
pub use channel::{ChannelMessage, ChannelStore, NewUpdate, SendPhase};
pub use copy::{Copied, copy};
pub use delivery::{AttemptOutcome, DeliveryFilter, DeliveryStore, DueDeliveries, DueDelivery, NewDelivery, NextStep};
pub use endpoint::{EndpointEdit, EndpointStore, Owners, StoredEndpoint, StoredSecret};
pub use event::{EventStore, NewEvent, UndispatchedEvent};
pub use fleet::{CountedRate, Fleet, FleetStore, Hint, Rate};
pub use fullness::Fullness;
pub use key::{KeyStore, StoredKey};
pub use queue::{QueueStore, RetryFilter, StoredQueue};
pub use retention::RetentionStore;
pub use schedule::{
    Fate, NamedSchedule, NextSlot, RanByHand, Refusal, ScheduleEdit, ScheduleStore, Settled, Settler, Standing,
    StoredSchedule, Turn,
};
pub use session::{SessionChange, SessionEdit, SessionStore};
pub use turn::{BegunTurn, EndTurn, Ending, HistoryBounds, IdempotencyClaim, NewReply, NewTurn, OpenedTurn, TurnStore};
pub use usage::UsageStore;

use std::sync::Arc;

use async_trait::async_trait;

use crate::config::StorageConfig;

/// A place where everything is kept.
#[async_trait]
pub trait Store:
    KeyStore
    + SessionStore
    + TurnStore
    + EventStore
    + EndpointStore
    + DeliveryStore
    + AgentStore
    + ChannelStore
    + ScheduleStore
    + QueueStore
    + UsageStore
    + RetentionStore
    + FleetStore
    + Send
    + Sync
{
    /// Fails unless the store can be read now.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Writes that wait for the disk.
    fn writes_queued(&self) -> u64;

    /// Whether it has room.
    fn fullness(&self) -> &Fullness;
}

/// A page of a list, asked for by cursor.
#[derive(Clone, Debug)]
pub struct PageQuery {
    /// The most rows to give.
    pub limit: u32,
    /// The cursor of the row before the first one wanted.
    pub after: Option<String>,
}

/// Rows of a list, and the cursor behind the last if more follow.
#[derive(Clone, Debug)]
pub struct Rows<T> {
    /// The rows.
    pub data: Vec<T>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// `storage.write_queue_max` writes wait already.
    #[error("too many writes wait for the store")]
    Overloaded,
    /// There is no room for what was to be written; nothing of it was.
    #[error("the disk is full, or `storage.file_bytes_max` is reached")]
    Full,
    /// It has been closed.
    #[error("the store is closed")]
    Closed,
    /// `after` is no cursor of this list.
    #[error("`after` is not a cursor of this list: send the `next` of its previous page")]
    BadCursor,
    /// Another gateway has it open.
    #[error("another gateway is using {0}: stop it, or give this one a `storage.url` of its own")]
    InUse(String),
    /// The database is away: it is stopped, restarts, or cannot be reached.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// Another gateway changed the same at the same moment, again and again.
    #[error("other gateways change the same all the time: try again")]
    Contended,
    /// The engine failed.
    #[error("the store failed: {0}")]
    Engine(String),
}

/// Who opens the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opener {
    /// The gateway: there is one at a time on a SQLite file.
    Gateway,
    /// A command beside it.
    Command,
}

/// Opens the configured store, made and migrated if need be.
pub async fn open(config: &StorageConfig, opener: Opener) -> Result<Arc<dyn Store>, StoreError> {
    if config.is_shared() {
        return Ok(Arc::new(postgres::Postgres::open(config, opener).await?));
    }
    Ok(Arc::new(sqlite::Sqlite::open(config, opener)?))
}
