//! Schedules in SQLite.

mod read;
mod settle;

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::{ScheduleRun, ScheduleSource, Timestamp};
use rusqlite::{Connection, params};

use super::{Sqlite, cursor, rows};
use crate::store::{
    IdempotencyClaim, NamedSchedule, PageQuery, RanByHand, Rows, ScheduleEdit, ScheduleStore, Settled, Settler,
    StoreError, StoredSchedule,
};

#[async_trait]
impl ScheduleStore for Sqlite {
    async fn create_schedule(&self, schedule: StoredSchedule) -> Result<(), StoreError> {
        self.writer.write(move |connection| insert(connection, &schedule)).await
    }

    async fn find_schedule(&self, workspace: String, id: String) -> Result<Option<StoredSchedule>, StoreError> {
        self.readers
            .read(move |connection| {
                let Some(found) = read::find(connection, &workspace, &id)? else { return Ok(None) };
                read::with_last_run(connection, found).map(Some)
            })
            .await
    }

    async fn list_schedules(&self, workspace: String, page: PageQuery) -> Result<Rows<StoredSchedule>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let limit = page.limit;
        let list = move |connection: &Connection| read::list(connection, &workspace, before, limit + 1);
        Ok(rows(self.readers.read(list).await?, limit))
    }

    async fn update_schedule(
        &self,
        workspace: String,
        id: String,
        edit: ScheduleEdit,
    ) -> Result<Option<StoredSchedule>, StoreError> {
        self.writer
            .write(move |connection| {
                let Some(found) = read::find(connection, &workspace, &id)? else { return Ok(None) };
                update(connection, found.row, &edit(&found))?;
                let changed = read::get(connection, found.row)?;
                read::with_last_run(connection, changed).map(Some)
            })
            .await
    }

    async fn delete_schedule(&self, workspace: String, id: String) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("DELETE FROM schedules WHERE workspace = ?1 AND id = ?2")?
                    .execute([&workspace, &id])
                    .map(|deleted| deleted > 0)
            })
            .await
    }

    async fn replace_config_schedules(&self, schedules: Vec<NamedSchedule>) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let ids: Vec<&str> = schedules.iter().map(|named| named.fresh.id.as_str()).collect();
                let kept = serde_json::to_string(&ids).expect("ids serialise");
                connection.execute(
                    "DELETE FROM schedules WHERE source = ?1 AND id NOT IN (SELECT value FROM json_each(?2))",
                    [ScheduleSource::Config.as_str(), &kept],
                )?;
                for named in &schedules {
                    match read::find(connection, &named.fresh.workspace, &named.fresh.id)? {
                        Some(known) => update(connection, known.row, &(named.edit)(&known))?,
                        None => insert(connection, &named.fresh)?,
                    }
                }
                Ok(())
            })
            .await
    }

    async fn list_schedule_runs(&self, schedule: i64, page: PageQuery) -> Result<Rows<ScheduleRun>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let limit = page.limit;
        let list = move |connection: &Connection| read::runs(connection, schedule, before, limit + 1);
        Ok(rows(self.readers.read(list).await?, limit))
    }

    async fn settle_schedules(
        &self,
        now: Timestamp,
        limit: u32,
        settler: Arc<dyn Settler>,
    ) -> Result<Settled, StoreError> {
        // Whoever looks in vain writes nothing.
        if self.readers.read(move |connection| settle::ripe(connection, now, 1)).await?.is_empty() {
            return Ok(Settled::default());
        }
        self.writer.write(move |connection| settle::settle(connection, now, limit, &settler)).await
    }

    async fn run_schedule(
        &self,
        workspace: String,
        id: String,
        claim: Option<IdempotencyClaim>,
        now: Timestamp,
        settler: Arc<dyn Settler>,
    ) -> Result<RanByHand, StoreError> {
        self.writer
            .write(move |connection| settle::by_hand(connection, &workspace, &id, claim.as_ref(), now, &settler))
            .await
    }

    async fn next_slot_at(&self) -> Result<Option<Timestamp>, StoreError> {
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached("SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL")?
                    .query_row([], |row| row.get::<_, Option<i64>>(0))
                    .map(|at| at.map(Timestamp::from_millis))
            })
            .await
    }
}

fn insert(connection: &Connection, stored: &StoredSchedule) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO schedules (id, workspace, key_id, source, request, anchor, next_slot, next_at, is_late,
                                    created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            stored.id,
            stored.workspace,
            stored.key_id,
            stored.source.as_str(),
            request(stored),
            stored.anchor.as_millis(),
            stored.next.map(|next| next.slot.as_millis()),
            stored.next.map(|next| next.at.as_millis()),
            stored.next.is_some_and(|next| next.is_late),
            stored.created_at.as_millis(),
            stored.updated_at.as_millis(),
        ])
        .map(|_| ())
}

/// Everything but what never changes: id, workspace, whose it is, age.
fn update(connection: &Connection, row: i64, stored: &StoredSchedule) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE schedules SET request = ?2, anchor = ?3, next_slot = ?4, next_at = ?5, is_late = ?6, updated_at = ?7
             WHERE row = ?1",
        )?
        .execute(params![
            row,
            request(stored),
            stored.anchor.as_millis(),
            stored.next.map(|next| next.slot.as_millis()),
            stored.next.map(|next| next.at.as_millis()),
            stored.next.is_some_and(|next| next.is_late),
            stored.updated_at.as_millis(),
        ])
        .map(|_| ())
}

fn request(stored: &StoredSchedule) -> String {
    serde_json::to_string(&stored.request).expect("our own types serialise")
}
