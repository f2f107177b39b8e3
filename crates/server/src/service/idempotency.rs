//! `Idempotency-Key`: what it must be, how long it holds, and how it is refused; the same for every call that takes one.

use openclaw_core::Timestamp;

use super::{ServiceError, chat};
use crate::config::RetentionConfig;
use crate::store::IdempotencyClaim;

const CHARS_MAX: usize = 255;
const HOUR_MS: i64 = 3_600_000;

/// Fails unless the header has a value that can be kept.
pub(super) fn check(key: Option<&str>) -> Result<(), ServiceError> {
    key.map_or(Ok(()), |key| chat::check::text("Idempotency-Key", key, CHARS_MAX))
}

/// Claims the key for the call of that hash.
pub(super) fn claim(
    retention: &RetentionConfig,
    key: String,
    request_hash: [u8; 32],
    now: Timestamp,
) -> IdempotencyClaim {
    let forget_before = now.plus_millis(-i64::from(retention.idempotency_hours) * HOUR_MS);
    IdempotencyClaim { key, request_hash, forget_before }
}

/// Tells that the key was used for another call.
pub(super) fn key_reused() -> ServiceError {
    let message = "this Idempotency-Key was used for another request: take a new one".into();
    ServiceError::Conflict { code: "idempotency_key_reused", message, passing: false }
}
