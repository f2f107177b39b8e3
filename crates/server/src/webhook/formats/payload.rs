//! A stored event as it is delivered: its unsigned JSON, and what of it is read.

use openclaw_core::{EventName, Timestamp};
use serde::Deserialize;
use serde_json::Value;

/// One stored event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// The event's compact JSON, unsigned, exactly as it was stored.
    pub unsigned: String,
    /// Its name.
    pub event: EventName,
    /// Its id, the same on every attempt.
    pub id: String,
    /// When it happened.
    pub timestamp: Timestamp,
}

/// A stored event cannot be read, so something else than this gateway wrote it.
#[derive(Debug, thiserror::Error)]
#[error("the stored event is not one: {0}")]
pub struct PayloadError(#[from] serde_json::Error);

#[derive(Deserialize)]
struct Head {
    event: EventName,
    timestamp: Timestamp,
    id: String,
}

#[derive(Deserialize)]
struct Data<D> {
    data: D,
}

impl Payload {
    /// Reads a stored event's name, id and time; its `data` stays unread until it is needed.
    pub fn parse(unsigned: String) -> Result<Self, PayloadError> {
        let Head { event, timestamp, id } = serde_json::from_str(&unsigned)?;
        Ok(Self { unsigned, event, id, timestamp })
    }

    /// What the event tells, whatever its shape; null if it tells nothing.
    pub(super) fn data(&self) -> Value {
        self.data_as().unwrap_or_default()
    }

    /// What the event tells, if it has that shape.
    pub(super) fn data_as<D: for<'de> Deserialize<'de>>(&self) -> Option<D> {
        serde_json::from_str::<Data<D>>(&self.unsigned).ok().map(|read| read.data)
    }
}
