//! Schedules in PostgreSQL.

mod read;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::{ScheduleRun, ScheduleSource, Timestamp};

use super::row::{cursor, limit, page as page_of, text};
use super::{Postgres, Tx, Work, args};
use crate::store::agent::json;
use crate::store::{
    IdempotencyClaim, NamedSchedule, PageQuery, RanByHand, Rows, ScheduleEdit, ScheduleStore, Settled, Settler,
    StoreError, StoredSchedule,
};

/// How long to leave it to the gateway that is settling what is due, before looking again.
const SETTLING_FOR: Duration = Duration::from_millis(5);

const INSERT: &str =
    "INSERT INTO schedules (id, workspace, key_id, source, request, anchor, next_slot, next_at, is_late,
                           created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";

#[async_trait]
impl ScheduleStore for Postgres {
    async fn create_schedule(&self, schedule: StoredSchedule) -> Result<(), StoreError> {
        let values = args![
            schedule.id,
            schedule.workspace,
            schedule.key_id,
            schedule.source.as_str(),
            json(&schedule.request),
            schedule.anchor.as_millis(),
            schedule.next.map(|next| next.slot.as_millis()),
            schedule.next.map(|next| next.at.as_millis()),
            schedule.next.is_some_and(|next| next.is_late),
            schedule.created_at.as_millis(),
            schedule.updated_at.as_millis(),
        ];
        self.write(INSERT, values).await.map(|_| ())
    }

    async fn find_schedule(&self, workspace: String, id: String) -> Result<Option<StoredSchedule>, StoreError> {
        let statement = read::with_last_run() + " WHERE schedules.id = $2 AND workspace = $1";
        self.row(&statement, &[&workspace, &text(&id)]).await?.as_ref().map(read::read_with_last_run).transpose()
    }

    async fn list_schedules(&self, workspace: String, page: PageQuery) -> Result<Rows<StoredSchedule>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let statement =
            read::with_last_run() + " WHERE workspace = $1 AND schedules.row < $2 ORDER BY schedules.row DESC LIMIT $3";
        let found = self.rows(&statement, &[&workspace, &before, &limit(&page)]).await?;
        page_of(&found, page.limit, read::read_with_last_run)
    }

    async fn update_schedule(
        &self,
        workspace: String,
        id: String,
        edit: ScheduleEdit,
    ) -> Result<Option<StoredSchedule>, StoreError> {
        self.transact(&Change { workspace, id, edit }).await
    }

    async fn delete_schedule(&self, workspace: String, id: String) -> Result<bool, StoreError> {
        let values = args![workspace, text(&id)];
        let deleted = self.write("DELETE FROM schedules WHERE workspace = $1 AND id = $2 RETURNING 1", values).await?;
        Ok(!deleted.is_empty())
    }

    async fn replace_config_schedules(&self, schedules: Vec<NamedSchedule>) -> Result<(), StoreError> {
        self.transact(&Replace { schedules }).await
    }

    async fn list_schedule_runs(&self, schedule: i64, page: PageQuery) -> Result<Rows<ScheduleRun>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let statement = read::runs() + " AND runs.row < $2 ORDER BY runs.row DESC LIMIT $3";
        let found = self.rows(&statement, &[&schedule, &before, &limit(&page)]).await?;
        page_of(&found, page.limit, read::read_run)
    }

    async fn settle_schedules(
        &self,
        now: Timestamp,
        limit: u32,
        settler: Arc<dyn Settler>,
    ) -> Result<Settled, StoreError> {
        // Whoever looks in vain writes nothing.
        let is_any_ripe = self.row(settle::IS_ANY_RIPE, &[&now.as_millis()]).await?;
        if !is_any_ripe.map_or(Ok(false), |row| row.get(0))? {
            return Ok(Settled::default());
        }
        let settled = self.transact(&settle::Settle { now, limit, settler }).await?;
        if settled.looked_at == 0 {
            self.link.clock.sleep(SETTLING_FOR).await;
        }
        Ok(settled)
    }

    async fn run_schedule(
        &self,
        workspace: String,
        id: String,
        claim: Option<IdempotencyClaim>,
        now: Timestamp,
        settler: Arc<dyn Settler>,
    ) -> Result<RanByHand, StoreError> {
        self.transact(&settle::ByHand { workspace, id, claim, now, settler }).await
    }

    async fn next_slot_at(&self) -> Result<Option<Timestamp>, StoreError> {
        let first = self.row("SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL", &[]).await?;
        first.map_or(Ok(None), |row| row.moment_or_none(0))
    }
}

/// A schedule's change, while nobody else changes or settles it.
struct Change {
    workspace: String,
    id: String,
    edit: ScheduleEdit,
}

#[async_trait]
impl Work for Change {
    type Done = Option<StoredSchedule>;

    async fn run(&self, tx: &Tx<'_>) -> Result<Option<StoredSchedule>, StoreError> {
        let Some(found) = read::lock(tx, &self.workspace, &self.id).await? else { return Ok(None) };
        update(tx, found.row, &(self.edit)(&found)).await?;
        let changed = tx.one(&(read::with_last_run() + " WHERE schedules.row = $1"), &[&found.row]).await?;
        read::read_with_last_run(&changed).map(Some)
    }
}

/// The schedules of the configuration. Gateways that begin at the same moment make the same ones.
struct Replace {
    schedules: Vec<NamedSchedule>,
}

#[async_trait]
impl Work for Replace {
    type Done = ();

    async fn run(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        let ids: Vec<&str> = self.schedules.iter().map(|named| named.fresh.id.as_str()).collect();
        tx.execute(
            "DELETE FROM schedules WHERE source = $1 AND id <> ALL ($2)",
            &[&ScheduleSource::Config.as_str(), &ids],
        )
        .await?;
        for named in &self.schedules {
            match read::lock(tx, &named.fresh.workspace, &named.fresh.id).await? {
                Some(known) => update(tx, known.row, &(named.edit)(&known)).await?,
                None => insert(tx, &named.fresh).await?,
            }
        }
        Ok(())
    }
}

/// Stores a new schedule; one that another gateway has stored meanwhile is contended.
async fn insert(tx: &Tx<'_>, stored: &StoredSchedule) -> Result<(), StoreError> {
    let inserted = tx
        .execute(
            &format!("{INSERT} ON CONFLICT (id) DO NOTHING"),
            &[
                &stored.id,
                &stored.workspace,
                &stored.key_id,
                &stored.source.as_str(),
                &json(&stored.request),
                &stored.anchor.as_millis(),
                &stored.next.map(|next| next.slot.as_millis()),
                &stored.next.map(|next| next.at.as_millis()),
                &stored.next.is_some_and(|next| next.is_late),
                &stored.created_at.as_millis(),
                &stored.updated_at.as_millis(),
            ],
        )
        .await?;
    if inserted == 0 { Err(StoreError::Contended) } else { Ok(()) }
}

/// Everything but what never changes: id, workspace, whose it is, age.
async fn update(tx: &Tx<'_>, row: i64, stored: &StoredSchedule) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE schedules SET request = $2, anchor = $3, next_slot = $4, next_at = $5, is_late = $6, updated_at = $7
         WHERE row = $1",
        &[
            &row,
            &json(&stored.request),
            &stored.anchor.as_millis(),
            &stored.next.map(|next| next.slot.as_millis()),
            &stored.next.map(|next| next.at.as_millis()),
            &stored.next.is_some_and(|next| next.is_late),
            &stored.updated_at.as_millis(),
        ],
    )
    .await
    .map(|_| ())
}
