//! An event as its receiver sees it.

use serde_json::Value;

use crate::event::{EventData, StoredEvent};
use crate::{EventName, Timestamp};

/// A verified event, with what it tells in its type.
#[derive(Clone, Debug, PartialEq)]
pub struct WebhookEvent {
    /// Its id, the same on every attempt: know a repeat by it.
    pub id: String,
    /// Its name as sent; see [`name`](Self::name).
    pub event: String,
    /// When it happened, which may be days before this attempt.
    pub timestamp: Timestamp,
    /// What it tells.
    pub data: EventData,
    /// The same as sent, with members that this version does not know.
    pub raw: Value,
}

impl WebhookEvent {
    /// Its name; `None` if a newer gateway sent an event that this version does not know.
    pub fn name(&self) -> Option<EventName> {
        EventName::parse(&self.event)
    }
}

impl From<StoredEvent> for WebhookEvent {
    fn from(stored: StoredEvent) -> Self {
        let data = stored.typed();
        Self { id: stored.id, event: stored.event, timestamp: stored.timestamp, data, raw: stored.data }
    }
}
