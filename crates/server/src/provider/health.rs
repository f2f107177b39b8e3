//! How a provider's latest call ended.

use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};

use openclaw_core::{ProviderHealth, Timestamp};

use super::{ModelEvent, ProviderError, ProviderErrorKind};
use crate::clock::Clock;

const UNKNOWN: u8 = 0;
const UP: u8 = 1;
const DOWN: u8 = 2;

/// The outcome of the latest call of one provider; calls at the same time overwrite each other.
#[derive(Debug, Default)]
pub(super) struct Health {
    state: AtomicU8,
    checked_at: AtomicI64,
}

impl Health {
    /// What is known, and since when.
    pub(super) fn read(&self) -> (ProviderHealth, Option<Timestamp>) {
        let health = match self.state.load(Ordering::Relaxed) {
            UNKNOWN => return (ProviderHealth::Unknown, None),
            UP => ProviderHealth::Up,
            _ => ProviderHealth::Down,
        };
        (health, Some(Timestamp::from_millis(self.checked_at.load(Ordering::Relaxed))))
    }

    /// Notes what a piece of a reply, or a failure, tells. A refused request is the caller's fault: the provider is up.
    pub(super) fn note(&self, outcome: Result<&ModelEvent, &ProviderError>, clock: &Clock) {
        let state = match outcome {
            Ok(ModelEvent::Done { .. }) => UP,
            Ok(_) => return,
            Err(error) if error.kind == ProviderErrorKind::Refused => UP,
            Err(_) => DOWN,
        };
        self.checked_at.store(clock.now().as_millis(), Ordering::Relaxed);
        self.state.store(state, Ordering::Relaxed);
    }
}
