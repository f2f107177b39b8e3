//! A stored event as it is delivered: its unsigned JSON, and what of it is read.

use openclaw_core::{StoredEvent, Timestamp};
use serde::Deserialize;

/// One stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The event's compact JSON, unsigned, exactly as it was stored.
    pub unsigned: String,
    /// Its name; a newer gateway beside this one may announce events that this one does not know.
    pub event: String,
    /// Its id, the same on every attempt.
    pub id: String,
    /// When it happened.
    pub timestamp: Timestamp,
}

/// A stored event cannot be read, so something else than a gateway wrote it.
#[derive(Debug, thiserror::Error)]
#[error("the stored event is not one: {0}")]
pub struct PayloadError(#[from] serde_json::Error);

impl Payload {
    /// Reads a stored event's name, id and time; what it tells stays unread until it is needed.
    pub fn parse(unsigned: String) -> Result<Self, PayloadError> {
        #[derive(Deserialize)]
        struct Head {
            event: String,
            timestamp: Timestamp,
            id: String,
        }
        let Head { event, timestamp, id } = serde_json::from_str(&unsigned)?;
        Ok(Self { unsigned, event, id, timestamp })
    }

    /// The whole event; one that tells nothing if it does not say what.
    pub(super) fn stored(&self) -> StoredEvent {
        serde_json::from_str(&self.unsigned).unwrap_or_else(|_| StoredEvent {
            event: self.event.clone(),
            timestamp: self.timestamp,
            data: serde_json::Value::Null,
            id: self.id.clone(),
        })
    }
}
