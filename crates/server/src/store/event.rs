//! Events as they are stored: facts, in the order in which they were committed.

use async_trait::async_trait;
use openclaw_core::{EventName, EventPattern, Timestamp};

use super::{PageQuery, Rows, StoreError};

/// An event to store with a change.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: EventName,
    /// The whole event as it will be sent, compact JSON, unsigned.
    pub payload: String,
    /// Ids of endpoints that are told of it whatever they subscribe to.
    pub deliver_to: Vec<String>,
}

/// A stored event that is not dispatched yet.
#[derive(Clone, Debug)]
pub struct UndispatchedEvent {
    /// Its place in the order of all events.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Its name; absent if a newer gateway stored it.
    pub name: Option<EventName>,
    /// Whose it is.
    pub workspace: String,
    /// When it was stored.
    pub created_at: Timestamp,
    /// Ids of endpoints that are told of it whatever they subscribe to.
    pub deliver_to: Vec<String>,
}

/// Keeps events.
#[async_trait]
pub trait EventStore {
    /// Stores an event that tells of no other change.
    async fn append_event(&self, workspace: String, event: NewEvent, now: Timestamp) -> Result<(), StoreError>;

    /// The payload of that event.
    async fn find_event(&self, workspace: String, id: String) -> Result<Option<String>, StoreError>;

    /// Payloads of events, oldest first, after the event of the cursor's id; only matching ones if patterns are given.
    async fn list_events(
        &self,
        workspace: String,
        patterns: Vec<EventPattern>,
        page: PageQuery,
    ) -> Result<Rows<String>, StoreError>;

    /// The id of the workspace's latest event.
    async fn latest_event(&self, workspace: String) -> Result<Option<String>, StoreError>;

    /// The first events that are not dispatched yet, oldest first.
    async fn undispatched_events(&self, limit: u32) -> Result<Vec<UndispatchedEvent>, StoreError>;

    /// Counts events stored before then as dispatched: for when there was nobody to tell.
    async fn skip_events(&self, before: Timestamp) -> Result<(), StoreError>;
}

/// The words of a text, as lists of ids are kept.
pub(super) fn words(text: Option<&str>) -> Vec<String> {
    text.unwrap_or_default().split_whitespace().map(str::to_owned).collect()
}

/// Whether events of that name are asked for.
pub(super) fn wanted(patterns: &[EventPattern], name: EventName) -> bool {
    patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(name))
}

/// A sample that was sent by hand tells of nothing that happened: it is kept as a test, and its payload is none.
pub(super) fn is_sample(name: EventName, payload: &str) -> bool {
    let says_so =
        |payload: &str| payload.strip_prefix("{\"event\":\"").is_some_and(|rest| rest.starts_with(name.as_str()));
    name == EventName::WebhookTest && !says_so(payload)
}
