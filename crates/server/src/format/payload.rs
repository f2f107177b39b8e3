//! A stored event as it is delivered: its unsigned JSON, and what of it is read.

use openclaw_core::event::{THIN_ABOVE_BYTES, ThinEvent};
use openclaw_core::{StoredEvent, Timestamp};
use serde::{Deserialize, Serialize};

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

    /// The event as it is sent: itself, or if it is too large the same with a link in place of what it tells.
    #[must_use]
    pub fn thinned(self) -> Self {
        #[derive(Serialize)]
        struct Thin<'a> {
            event: &'a str,
            timestamp: Timestamp,
            data: ThinEvent,
            id: &'a str,
        }
        if self.unsigned.len() <= THIN_ABOVE_BYTES {
            return self;
        }
        let event_url = format!("/api/v1/events/{}", self.id);
        let data = ThinEvent { thin: true, bytes: self.unsigned.len() as u64, event_url };
        let thin = Thin { event: &self.event, timestamp: self.timestamp, data, id: &self.id };
        let unsigned = serde_json::to_string(&thin).expect("our own types serialise");
        Self { unsigned, ..self }
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
