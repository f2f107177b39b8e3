//! Slots settled: the run, the agent, the events and the schedule's next slot, in one transaction.

use std::sync::Arc;

use openclaw_core::{ScheduleRun, ScheduleRunStatus, SkipReason, Timestamp};
use rusqlite::{Connection, params};

use super::super::agent::{end, spawn};
use super::super::event::insert_event;
use super::super::idempotency::{EarlierCall, find_claim, insert_claim};
use super::read;
use crate::store::schedule::fired;
use crate::store::{
    EndAgent, EndedAgent, Fate, IdempotencyClaim, RanByHand, Settled, Settler, Standing, StoredSchedule,
};

/// Rows of schedules that are due, or whose waiting slot may start; at most `limit`.
pub(super) fn ripe(connection: &Connection, now: Timestamp, limit: u32) -> rusqlite::Result<Vec<i64>> {
    let mut free = connection.prepare_cached(
        "SELECT DISTINCT schedule FROM schedule_runs WHERE status = 'waiting'
            AND NOT EXISTS (SELECT 1 FROM agents WHERE agents.schedule = schedule_runs.schedule AND ended_at IS NULL)",
    )?;
    let mut due = connection.prepare_cached("SELECT row FROM schedules WHERE next_at <= ?1 ORDER BY next_at")?;
    let mut ripe: Vec<i64> = Vec::new();
    let mut free = free.query([])?;
    let mut due = due.query([now.as_millis()])?;
    while ripe.len() < limit as usize
        && let Some(row) = match free.next()? {
            Some(row) => Some(row),
            None => due.next()?,
        }
    {
        let row = row.get(0)?;
        if !ripe.contains(&row) {
            ripe.push(row);
        }
    }
    Ok(ripe)
}

pub(super) fn settle(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
    settler: &Arc<dyn Settler>,
) -> rusqlite::Result<Settled> {
    let mut settled = Settled::default();
    for row in ripe(connection, now, limit)? {
        settled.looked_at += 1;
        let schedule = read::get(connection, row)?;
        let mut desk = Desk { connection, settler, schedule, now, settled: &mut settled };
        desk.start_waiting()?;
        desk.settle_due()?;
    }
    Ok(settled)
}

pub(super) fn by_hand(
    connection: &Connection,
    workspace: &str,
    id: &str,
    claim: Option<&IdempotencyClaim>,
    now: Timestamp,
    settler: &Arc<dyn Settler>,
) -> rusqlite::Result<RanByHand> {
    let Some(schedule) = read::find(connection, workspace, id)? else { return Ok(RanByHand::NoSchedule) };
    if let Some(earlier) = claim.map(|claim| find_claim(connection, workspace, claim)).transpose()?.flatten() {
        let EarlierCall::Answered(slot) = earlier else { return Ok(RanByHand::KeyReused) };
        let run = read::run_of(connection, schedule.row, slot.parse().unwrap_or_default())?;
        return Ok(run.map_or(RanByHand::KeyReused, |run| RanByHand::Run(run, Settled::default())));
    }
    let mut slot = now;
    while read::run_of(connection, schedule.row, slot.as_millis())?.is_some() {
        slot = slot.plus_millis(1);
    }
    let mut settled = Settled::default();
    let mut desk = Desk { connection, settler, schedule, now, settled: &mut settled };
    let fate = settler.by_hand(&desk.schedule, desk.standing()?, slot);
    desk.fulfil(fate)?;
    if let Some(claim) = claim {
        insert_claim(connection, workspace, claim, id, Some(&slot.as_millis().to_string()), now)?;
    }
    let run = settled.runs.last().cloned().expect("a run by hand is stored, as its slot was free");
    Ok(RanByHand::Run(run, settled))
}

/// One schedule, while its slots are settled.
struct Desk<'a> {
    connection: &'a Connection,
    settler: &'a Arc<dyn Settler>,
    schedule: StoredSchedule,
    now: Timestamp,
    settled: &'a mut Settled,
}

impl Desk<'_> {
    /// Starts the slot that waits the longest, once no agent of the schedule runs.
    fn start_waiting(&mut self) -> rusqlite::Result<()> {
        if self.standing()?.living > 0 {
            return Ok(());
        }
        let Some((row, run)) = read::first_waiting(self.connection, self.schedule.row)? else { return Ok(()) };
        let run = self.spawn(ScheduleRun { at: self.now, ..run })?;
        self.write_outcome(row, run)
    }

    /// Settles the slot whose time has come, and moves on to the next.
    fn settle_due(&mut self) -> rusqlite::Result<()> {
        if self.schedule.next.is_none_or(|next| next.at > self.now) {
            return Ok(());
        }
        let turn = self.settler.turn(&self.schedule, self.standing()?);
        for run in turn.passed {
            self.fulfil(Fate::Keep(run))?;
        }
        if let Some(fate) = turn.fate {
            self.fulfil(fate)?;
        }
        self.connection
            .prepare_cached("UPDATE schedules SET next_slot = ?2, next_at = ?3, is_late = ?4 WHERE row = ?1")?
            .execute(params![
                self.schedule.row,
                turn.next.map(|next| next.slot.as_millis()),
                turn.next.map(|next| next.at.as_millis()),
                turn.next.is_some_and(|next| next.is_late),
            ])
            .map(|_| ())
    }

    fn standing(&self) -> rusqlite::Result<Standing> {
        let living = self
            .connection
            .prepare_cached("SELECT count(*) FROM agents WHERE schedule = ?1 AND ended_at IS NULL")?
            .query_row([self.schedule.row], |row| row.get(0))?;
        let waiting = self
            .connection
            .prepare_cached("SELECT count(*) FROM schedule_runs WHERE schedule = ?1 AND status = 'waiting'")?
            .query_row([self.schedule.row], |row| row.get(0))?;
        Ok(Standing { living, waiting })
    }

    /// Stores the run of a slot, and spawns its agent if it fires. A slot that has a run already is left as it is.
    fn fulfil(&mut self, fate: Fate) -> rusqlite::Result<()> {
        let (run, fires, cancels) = match fate {
            Fate::Fire { run, cancels } => (run, true, cancels),
            Fate::Keep(run) => (run, false, false),
        };
        let Some(row) = self.insert_run(&run)? else { return Ok(()) };
        if cancels {
            self.cancel_living()?;
        }
        let run = if fires { self.spawn(run)? } else { run };
        self.write_outcome(row, run)
    }

    /// The row of the new run; `None` if its slot has one.
    fn insert_run(&self, run: &ScheduleRun) -> rusqlite::Result<Option<i64>> {
        let inserted = self
            .connection
            .prepare_cached(
                "INSERT INTO schedule_runs (schedule, slot, last_slot, slots, status, cause, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (schedule, slot) DO NOTHING",
            )?
            .execute(params![
                self.schedule.row,
                run.slot.as_millis(),
                run.last_slot.map(Timestamp::as_millis),
                run.count,
                run.status.as_str(),
                run.trigger.as_str(),
                run.at.as_millis(),
            ])?;
        Ok((inserted > 0).then(|| self.connection.last_insert_rowid()))
    }

    fn cancel_living(&mut self) -> rusqlite::Result<()> {
        let living: Vec<i64> = self
            .connection
            .prepare_cached("SELECT row FROM agents WHERE schedule = ?1 AND ended_at IS NULL")?
            .query_map([self.schedule.row], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for row in living {
            let end = EndAgent { row, by_runner: None, ends: self.settler.ends(row), now: self.now };
            if let EndedAgent::Ended(tree) = end::end(self.connection, &end)? {
                self.settled.ended.push(tree);
            }
        }
        Ok(())
    }

    /// The run with its agent, or with why there is none.
    fn spawn(&self, run: ScheduleRun) -> rusqlite::Result<ScheduleRun> {
        let spawned = match self.settler.agent(&self.schedule) {
            Ok(agent) => Ok(spawn::spawn(self.connection, &agent, &self.settler.spawned())?),
            Err(refusal) => Err(refusal),
        };
        Ok(fired(run, spawned, &**self.settler))
    }

    /// Stores how a run stands, and tells of it unless it waits.
    fn write_outcome(&mut self, row: i64, run: ScheduleRun) -> rusqlite::Result<()> {
        self.connection
            .prepare_cached(
                "UPDATE schedule_runs SET status = ?2, agent_id = ?3, reason = ?4, message = ?5, at = ?6 WHERE row = ?1",
            )?
            .execute(params![
                row,
                run.status.as_str(),
                run.agent_id,
                run.reason.map(SkipReason::as_str),
                run.message,
                run.at.as_millis(),
            ])?;
        if run.status != ScheduleRunStatus::Waiting {
            let event = self.settler.event(&self.schedule, &run);
            insert_event(self.connection, &self.schedule.workspace, &event, self.now)?;
        }
        self.settled.runs.push(run);
        Ok(())
    }
}
