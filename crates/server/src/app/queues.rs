//! What waits for each endpoint, counted lately.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use openclaw_core::{EndpointQueue, Timestamp};

/// How long a count is believed, in milliseconds: counting reads every queue, and whoever asks for metrics needs no key.
const TRUST_MS: i64 = 2000;

/// Queues by their endpoint's handle.
pub type QueueMap = Arc<HashMap<i64, EndpointQueue>>;

/// The latest count, and when it was made.
#[derive(Debug, Default)]
pub struct Queues(Mutex<Option<(QueueMap, Timestamp)>>);

impl Queues {
    /// The latest count, if it was made lately enough.
    pub fn find(&self, now: Timestamp) -> Option<QueueMap> {
        let latest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (queues, counted_at) = latest.as_ref()?;
        (counted_at.plus_millis(TRUST_MS) > now && *counted_at <= now).then(|| Arc::clone(queues))
    }

    /// Remembers a count that was made at that moment.
    pub fn remember(&self, queues: QueueMap, counted_at: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((queues, counted_at));
    }
}
