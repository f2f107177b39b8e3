//! Keys in PostgreSQL.

use async_trait::async_trait;
use openclaw_core::{Key, Scope, Timestamp};

use super::row::{Row, cursor, limit, page as page_of};
use super::{Postgres, args};
use crate::store::{KeyStore, PageQuery, Rows, StoreError, StoredKey};

/// What of a key is read.
const SELECT: &str = "SELECT row, id, workspace, name, hint, scopes, created_at, expires_at, revoked_at FROM keys";

#[async_trait]
impl KeyStore for Postgres {
    async fn create_key(&self, stored: StoredKey) -> Result<(), StoreError> {
        let key = stored.key;
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
        let values = args![
            key.id,
            key.workspace,
            key.name,
            stored.hash.to_vec(),
            key.hint,
            scopes.join(" "),
            key.created_at.as_millis(),
            key.expires_at.map(Timestamp::as_millis),
        ];
        self.write(
            "INSERT INTO keys (id, workspace, name, hash, hint, scopes, created_at, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            values,
        )
        .await
        .map(|_| ())
    }

    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<Key>, StoreError> {
        let found = self.row(&format!("{SELECT} WHERE hash = $1"), &[&hash.as_slice()]).await?;
        found.as_ref().map(read).transpose()
    }

    async fn find_key_by_id(&self, id: String) -> Result<Option<Key>, StoreError> {
        self.row(&format!("{SELECT} WHERE id = $1"), &[&id]).await?.as_ref().map(read).transpose()
    }

    async fn list_keys(&self, workspace: Option<String>, page: PageQuery) -> Result<Rows<Key>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let statement =
            format!("{SELECT} WHERE ($1::text IS NULL OR workspace = $1) AND row < $2 ORDER BY row DESC LIMIT $3");
        let found = self.rows(&statement, &[&workspace, &before, &limit(&page)]).await?;
        page_of(&found, page.limit, read)
    }

    async fn revoke_key(&self, workspace: Option<String>, id: String, now: Timestamp) -> Result<bool, StoreError> {
        let revoked = self
            .write(
                "UPDATE keys SET revoked_at = coalesce(revoked_at, $3)
                 WHERE id = $2 AND ($1::text IS NULL OR workspace = $1) RETURNING 1",
                args![workspace, id, now.as_millis()],
            )
            .await?;
        Ok(!revoked.is_empty())
    }

    async fn has_keys(&self) -> Result<bool, StoreError> {
        Ok(!self.rows("SELECT 1 FROM keys LIMIT 1", &[]).await?.is_empty())
    }
}

fn read(row: &Row) -> Result<Key, StoreError> {
    Ok(Key {
        id: row.get(1)?,
        workspace: row.get(2)?,
        name: row.get(3)?,
        hint: row.get(4)?,
        scopes: row.get::<&str>(5)?.split(' ').filter_map(Scope::parse).collect(),
        created_at: row.moment(6)?,
        expires_at: row.moment_or_none(7)?,
        revoked_at: row.moment_or_none(8)?,
    })
}
