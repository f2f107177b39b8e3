//! Schedules and their runs read back.

use openclaw_core::{RunTrigger, ScheduleRun, ScheduleRunStatus, ScheduleSource, SkipReason};

use super::super::Tx;
use super::super::row::{Row, text};
use crate::store::{NextSlot, StoreError, StoredSchedule};

const COLUMNS: &str =
    "schedules.row, schedules.id, workspace, key_id, source, request, anchor, next_slot, next_at, is_late,
    created_at, updated_at";
/// How many columns these are: the latest run's come after.
const COLUMNS_COUNT: usize = 12;
const RUN_COLUMNS: &str = "runs.row, schedules.id, runs.slot, runs.last_slot, runs.slots, runs.status, runs.cause,
    runs.agent_id, runs.reason, runs.message, runs.at";

/// What reads schedules, each with its latest run; a condition follows.
pub(super) fn with_last_run() -> String {
    format!(
        "SELECT {COLUMNS}, {RUN_COLUMNS} FROM schedules LEFT JOIN LATERAL
            (SELECT * FROM schedule_runs WHERE schedule = schedules.row ORDER BY schedule_runs.row DESC LIMIT 1) AS runs ON TRUE"
    )
}

/// What reads schedules that are to be locked, without their runs; a condition follows.
pub(super) fn alone() -> String {
    format!("SELECT {COLUMNS} FROM schedules")
}

/// What reads runs of the schedule `$1`; a condition follows.
pub(super) fn runs() -> String {
    format!(
        "SELECT {RUN_COLUMNS} FROM schedule_runs AS runs JOIN schedules ON schedules.row = runs.schedule
         WHERE runs.schedule = $1"
    )
}

/// The schedule of that id, locked: its slots are settled, and it is changed, by one at a time.
pub(super) async fn lock(tx: &Tx<'_>, workspace: &str, id: &str) -> Result<Option<StoredSchedule>, StoreError> {
    let statement = alone() + " WHERE schedules.id = $2 AND workspace = $1 FOR NO KEY UPDATE";
    tx.row(&statement, &[&workspace, &text(id)]).await?.as_ref().map(read).transpose()
}

/// The run that waits the longest, with its row.
pub(super) async fn first_waiting(tx: &Tx<'_>, schedule: i64) -> Result<Option<(i64, ScheduleRun)>, StoreError> {
    let statement = runs() + " AND runs.status = 'waiting' ORDER BY runs.row LIMIT 1";
    let Some(found) = tx.row(&statement, &[&schedule]).await? else { return Ok(None) };
    Ok(Some((found.get(0)?, read_run(&found)?)))
}

/// The run of a slot.
pub(super) async fn run_of(tx: &Tx<'_>, schedule: i64, slot: i64) -> Result<Option<ScheduleRun>, StoreError> {
    let statement = runs() + " AND runs.slot = $2";
    tx.row(&statement, &[&schedule, &slot]).await?.as_ref().map(read_run).transpose()
}

/// A schedule, from its columns in their order.
pub(super) fn read(row: &Row) -> Result<StoredSchedule, StoreError> {
    let is_late = row.get(9)?;
    let next = row.moment_or_none(7)?.zip(row.moment_or_none(8)?);
    let request = row.json_or_none(5)?.ok_or_else(|| StoreError::Engine("a schedule has no request".into()))?;
    Ok(StoredSchedule {
        row: row.get(0)?,
        id: row.get(1)?,
        workspace: row.get(2)?,
        key_id: row.get(3)?,
        source: row.word(4, ScheduleSource::parse)?,
        request,
        anchor: row.moment(6)?,
        next: next.map(|(slot, at)| NextSlot { slot, at, is_late }),
        last_run: None,
        created_at: row.moment(10)?,
        updated_at: row.moment(11)?,
    })
}

/// A schedule with the run that comes after it, if there is one.
pub(super) fn read_with_last_run(row: &Row) -> Result<StoredSchedule, StoreError> {
    let has_run = row.get::<Option<i64>>(COLUMNS_COUNT)?.is_some();
    let last_run = if has_run { Some(run_at(row, COLUMNS_COUNT)?) } else { None };
    Ok(StoredSchedule { last_run, ..read(row)? })
}

/// A run, from its columns in their order.
pub(super) fn read_run(row: &Row) -> Result<ScheduleRun, StoreError> {
    run_at(row, 0)
}

fn run_at(row: &Row, first: usize) -> Result<ScheduleRun, StoreError> {
    Ok(ScheduleRun {
        schedule_id: row.get(first + 1)?,
        slot: row.moment(first + 2)?,
        last_slot: row.moment_or_none(first + 3)?,
        count: row.number(first + 4)?,
        status: row.word(first + 5, ScheduleRunStatus::parse)?,
        trigger: row.word(first + 6, RunTrigger::parse)?,
        agent_id: row.get(first + 7)?,
        reason: row.get::<Option<&str>>(first + 8)?.and_then(SkipReason::parse),
        message: row.get(first + 9)?,
        at: row.moment(first + 10)?,
    })
}
