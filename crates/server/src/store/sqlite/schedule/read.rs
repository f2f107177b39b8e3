//! Schedules and their runs read back.

use openclaw_core::{RunTrigger, ScheduleRun, ScheduleRunStatus, ScheduleSource, SkipReason, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::super::unreadable;
use crate::store::{NextSlot, StoredSchedule};

const COLUMNS: &str = "row, id, workspace, key_id, source, request, anchor, next_slot, next_at, is_late, created_at,
    updated_at";
const RUN_COLUMNS: &str = "schedule_runs.row, schedules.id, slot, last_slot, slots, status, cause, agent_id, reason,
    message, at";

/// The schedule of that row.
pub(super) fn get(connection: &Connection, row: i64) -> rusqlite::Result<StoredSchedule> {
    connection.prepare_cached(&format!("SELECT {COLUMNS} FROM schedules WHERE row = ?1"))?.query_row([row], read)
}

/// The schedule of that id.
pub(super) fn find(connection: &Connection, workspace: &str, id: &str) -> rusqlite::Result<Option<StoredSchedule>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM schedules WHERE id = ?2 AND workspace = ?1"))?
        .query_row([workspace, id], read)
        .optional()
}

/// Schedules from `before` on with their latest runs, newest first; at most `limit`.
pub(super) fn list(
    connection: &Connection,
    workspace: &str,
    before: i64,
    limit: u32,
) -> rusqlite::Result<Vec<(i64, StoredSchedule)>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM schedules WHERE workspace = ?1 AND row < ?2 ORDER BY row DESC LIMIT ?3"
        ))?
        .query_map(params![workspace, before, limit], read)?
        .map(|found| with_last_run(connection, found?).map(|stored| (stored.row, stored)))
        .collect()
}

/// The schedule with its latest run.
pub(super) fn with_last_run(connection: &Connection, stored: StoredSchedule) -> rusqlite::Result<StoredSchedule> {
    let latest = runs(connection, stored.row, i64::MAX, 1)?.into_iter().next();
    Ok(StoredSchedule { last_run: latest.map(|(_, run)| run), ..stored })
}

/// A schedule's runs from `before` on, newest first, with their rows; at most `limit`.
pub(super) fn runs(
    connection: &Connection,
    schedule: i64,
    before: i64,
    limit: u32,
) -> rusqlite::Result<Vec<(i64, ScheduleRun)>> {
    connection
        .prepare_cached(&format!(
            "SELECT {RUN_COLUMNS} FROM schedule_runs JOIN schedules ON schedules.row = schedule
             WHERE schedule = ?1 AND schedule_runs.row < ?2 ORDER BY schedule_runs.row DESC LIMIT ?3"
        ))?
        .query_map(params![schedule, before, limit], read_run)?
        .collect()
}

/// The run that waits the longest, with its row.
pub(super) fn first_waiting(connection: &Connection, schedule: i64) -> rusqlite::Result<Option<(i64, ScheduleRun)>> {
    connection
        .prepare_cached(&format!(
            "SELECT {RUN_COLUMNS} FROM schedule_runs JOIN schedules ON schedules.row = schedule
             WHERE schedule = ?1 AND status = 'waiting' ORDER BY schedule_runs.row LIMIT 1"
        ))?
        .query_row([schedule], read_run)
        .optional()
}

/// The run of a slot.
pub(super) fn run_of(connection: &Connection, schedule: i64, slot: i64) -> rusqlite::Result<Option<ScheduleRun>> {
    connection
        .prepare_cached(&format!(
            "SELECT {RUN_COLUMNS} FROM schedule_runs JOIN schedules ON schedules.row = schedule
             WHERE schedule = ?1 AND slot = ?2"
        ))?
        .query_row([schedule, slot], |row| read_run(row).map(|(_, run)| run))
        .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredSchedule> {
    let slot: Option<i64> = row.get(7)?;
    let at: Option<i64> = row.get(8)?;
    let is_late = row.get(9)?;
    let next = slot.zip(at).map(|(slot, at)| NextSlot {
        slot: Timestamp::from_millis(slot),
        at: Timestamp::from_millis(at),
        is_late,
    });
    let request = row.get_ref(5)?.as_str()?;
    Ok(StoredSchedule {
        row: row.get(0)?,
        id: row.get(1)?,
        workspace: row.get(2)?,
        key_id: row.get(3)?,
        source: word(row, 4, ScheduleSource::parse)?,
        request: serde_json::from_str(request).map_err(|error| unreadable(5, error))?,
        anchor: Timestamp::from_millis(row.get(6)?),
        next,
        last_run: None,
        created_at: Timestamp::from_millis(row.get(10)?),
        updated_at: Timestamp::from_millis(row.get(11)?),
    })
}

fn read_run(row: &Row<'_>) -> rusqlite::Result<(i64, ScheduleRun)> {
    let run = ScheduleRun {
        schedule_id: row.get(1)?,
        slot: Timestamp::from_millis(row.get(2)?),
        status: word(row, 5, ScheduleRunStatus::parse)?,
        trigger: word(row, 6, RunTrigger::parse)?,
        agent_id: row.get(7)?,
        reason: row.get::<_, Option<String>>(8)?.as_deref().and_then(SkipReason::parse),
        message: row.get(9)?,
        count: row.get(4)?,
        last_slot: row.get::<_, Option<i64>>(3)?.map(Timestamp::from_millis),
        at: Timestamp::from_millis(row.get(10)?),
    };
    Ok((row.get(0)?, run))
}

fn word<T>(row: &Row<'_>, column: usize, parse: impl Fn(&str) -> Option<T>) -> rusqlite::Result<T> {
    let word = row.get_ref(column)?.as_str()?;
    parse(word).ok_or_else(|| unreadable(column, format!("an unknown word: {word}")))
}
