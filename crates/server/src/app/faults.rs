//! Which faults were told lately, so that a storm of them is one event a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use openclaw_core::Timestamp;

/// How often one kind of fault is told at the most.
const FAULT_EVERY_MS: i64 = 60_000;

/// When each kind of fault was last told.
#[derive(Debug, Default)]
pub struct Faults(Mutex<HashMap<&'static str, Timestamp>>);

impl Faults {
    /// Whether a fault of that kind may be told now.
    pub fn is_due(&self, code: &'static str, now: Timestamp) -> bool {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        told.get(code).is_none_or(|last| last.plus_millis(FAULT_EVERY_MS) <= now)
    }

    /// Whether a fault of that kind may be told now; counts it as told if so.
    pub fn may_tell(&self, code: &'static str, now: Timestamp) -> bool {
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.get(code).is_some_and(|last| last.plus_millis(FAULT_EVERY_MS) > now) {
            return false;
        }
        told.insert(code, now);
        true
    }
}
