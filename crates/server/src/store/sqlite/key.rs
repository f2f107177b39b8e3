//! Keys in SQLite.

use async_trait::async_trait;
use openclaw_core::{Key, Scope, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::{Sqlite, cursor, rows};
use crate::store::{KeyStore, PageQuery, Rows, StoreError, StoredKey};

const COLUMNS: &str = "row, id, workspace, name, hint, scopes, created_at, expires_at, revoked_at";

#[async_trait]
impl KeyStore for Sqlite {
    async fn create_key(&self, stored: StoredKey) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let key = &stored.key;
                let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
                connection
                    .prepare_cached(
                        "INSERT INTO keys (id, workspace, name, hash, hint, scopes, created_at, expires_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    )?
                    .execute(params![
                        key.id,
                        key.workspace,
                        key.name,
                        stored.hash,
                        key.hint,
                        scopes.join(" "),
                        key.created_at.as_millis(),
                        key.expires_at.map(Timestamp::as_millis),
                    ])
                    .map(|_| ())
            })
            .await
    }

    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<Key>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM keys WHERE hash = ?1"))?
                    .query_row([hash], |row| read(row).map(|(_, key)| key))
                    .optional()
            })
            .await
    }

    async fn find_key_by_id(&self, id: String) -> Result<Option<Key>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM keys WHERE id = ?1"))?
                    .query_row([&id], |row| read(row).map(|(_, key)| key))
                    .optional()
            })
            .await
    }

    async fn list_keys(&self, workspace: Option<String>, page: PageQuery) -> Result<Rows<Key>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let found = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM keys WHERE (?1 IS NULL OR workspace = ?1) AND row < ?2
                         ORDER BY row DESC LIMIT ?3"
                    ))?
                    .query_map(params![workspace, before, page.limit + 1], read)?
                    .collect::<rusqlite::Result<Vec<_>>>()
                    .map(|found| rows(found, page.limit))
            })
            .await?;
        Ok(found)
    }

    async fn revoke_key(&self, workspace: Option<String>, id: String, now: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE keys SET revoked_at = coalesce(revoked_at, ?3)
                         WHERE id = ?2 AND (?1 IS NULL OR workspace = ?1)",
                    )?
                    .execute(params![workspace, id, now.as_millis()])
                    .map(|changed| changed > 0)
            })
            .await
    }

    async fn has_keys(&self) -> Result<bool, StoreError> {
        self.readers
            .read(|connection| connection.query_row("SELECT EXISTS (SELECT 1 FROM keys)", [], |row| row.get(0)))
            .await
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Key)> {
    let scopes: String = row.get(5)?;
    let key = Key {
        id: row.get(1)?,
        workspace: row.get(2)?,
        name: row.get(3)?,
        hint: row.get(4)?,
        scopes: scopes.split(' ').filter_map(Scope::parse).collect(),
        created_at: Timestamp::from_millis(row.get(6)?),
        expires_at: row.get::<_, Option<i64>>(7)?.map(Timestamp::from_millis),
        revoked_at: row.get::<_, Option<i64>>(8)?.map(Timestamp::from_millis),
    };
    Ok((row.get(0)?, key))
}
