//! Keys read lately, so that a request costs no look-up.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use openclaw_core::{Key, Timestamp};

/// How long a key is believed before it is read again, in milliseconds. A revoked key stops working everywhere within a
/// second, also when another process revoked it.
const TRUST_MS: i64 = 500;
/// Keys held at most; beyond it the cache starts anew.
const KEYS_MAX: usize = 10_000;

/// Keys by the hash of their secret.
#[derive(Debug, Default)]
pub struct KeyCache(Mutex<HashMap<[u8; 32], Read>>);

/// A key and when it was read.
type Read = (Arc<Key>, Timestamp);

impl KeyCache {
    /// The key of that hash, if it was read lately enough.
    pub fn find(&self, hash: &[u8; 32], now: Timestamp) -> Option<Arc<Key>> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (key, read_at) = keys.get(hash)?;
        (read_at.plus_millis(TRUST_MS) > now && *read_at <= now).then(|| Arc::clone(key))
    }

    /// Remembers a key that was read at that moment.
    pub fn remember(&self, hash: [u8; 32], key: Arc<Key>, read_at: Timestamp) {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(hash, (key, read_at));
    }

    /// Forgets every key, so that a change counts at once.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
