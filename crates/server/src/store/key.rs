//! Keys as they are stored: by hash.

use async_trait::async_trait;
use openclaw_core::{Key, Timestamp};

use super::{PageQuery, Rows, StoreError};

/// A key and the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey {
    /// The key as it may be shown.
    pub key: Key,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
}

/// Keeps keys.
#[async_trait]
pub trait KeyStore {
    /// Stores a new key.
    async fn create_key(&self, key: StoredKey) -> Result<(), StoreError>;

    /// The key of that hash, also if revoked or expired.
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<Key>, StoreError>;

    /// The key of that id, also if revoked or expired.
    async fn find_key_by_id(&self, id: String) -> Result<Option<Key>, StoreError>;

    /// Keys, newest first; of every workspace if none is named.
    async fn list_keys(&self, workspace: Option<String>, page: PageQuery) -> Result<Rows<Key>, StoreError>;

    /// Marks a key revoked, in that workspace or in any. `false` if there is none; a second time changes nothing.
    async fn revoke_key(&self, workspace: Option<String>, id: String, now: Timestamp) -> Result<bool, StoreError>;

    /// Whether any key was ever made.
    async fn has_keys(&self) -> Result<bool, StoreError>;
}
