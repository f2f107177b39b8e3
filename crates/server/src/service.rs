//! The rules of the house, one noun a file: plain functions over the [`App`](crate::app::App).
//!
//! A service knows nothing of HTTP or SQL. It makes ids and times, checks what callers ask, and hands the store a change
//! together with its events.

pub mod agent;
pub mod caller;
pub mod channel;
pub mod chat;
pub mod delivery;
pub mod disk;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod fleet;
mod idempotency;
pub mod key;
pub mod model;
pub mod queue;
pub mod retention;
pub mod schedule;
pub mod session;
pub mod skill;
pub mod status;
pub mod usage;

pub use caller::Caller;
pub use error::ServiceError;

use openclaw_core::{IdKind, Timestamp};
use sha2::{Digest, Sha256};

/// What the configuration names has the same id at every start, so that its deliveries or slots stay its own.
fn stable_id(kind: IdKind, name: &str) -> String {
    let digest = Sha256::digest(name);
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    kind.id(Timestamp::from_millis(0), bytes)
}
