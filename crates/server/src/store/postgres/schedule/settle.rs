//! Slots settled: the run, the agent, the events and the schedule's next slot, in one transaction.
//!
//! Whoever settles a schedule has its row locked, and passes by those that another gateway has: so a slot is settled once,
//! and how a schedule stands is read after the lock was given. The unique key (schedule, slot) has the last word.

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::{ScheduleRun, ScheduleRunStatus, SkipReason, Timestamp};

use super::super::agent::{end, spawn};
use super::super::event::insert_events;
use super::super::idempotency::{EarlierCall, find_claim, insert_claim};
use super::super::row::{count, text};
use super::super::{Tx, Work};
use super::read;
use crate::store::schedule::fired;
use crate::store::{
    EndAgent, EndedAgent, Fate, IdempotencyClaim, RanByHand, Settled, Settler, Standing, StoreError, StoredSchedule,
};

/// Whether anything is to be settled by then; the index gives the first moment without a look at the other schedules.
pub(super) const IS_ANY_RIPE: &str = "SELECT coalesce(
        (SELECT min(next_at) FROM schedules WHERE next_at IS NOT NULL) <= $1 OR EXISTS
            (SELECT 1 FROM schedule_runs WHERE status = 'waiting' AND NOT EXISTS
                (SELECT 1 FROM agents WHERE agents.schedule = schedule_runs.schedule AND ended_at IS NULL)), FALSE)";

/// A batch of what is due.
pub(super) struct Settle {
    pub(super) now: Timestamp,
    pub(super) limit: u32,
    pub(super) settler: Arc<dyn Settler>,
}

#[async_trait]
impl Work for Settle {
    type Done = Settled;

    async fn run(&self, tx: &Tx<'_>) -> Result<Settled, StoreError> {
        let mut settled = Settled::default();
        for schedule in ripe(tx, self.now, self.limit).await? {
            settled.looked_at += 1;
            let mut desk = Desk { tx, settler: &self.settler, schedule, now: self.now, settled: &mut settled };
            let standing = desk.start_waiting().await?;
            desk.settle_due(standing).await?;
        }
        Ok(settled)
    }
}

/// Schedules that are due, or whose waiting slot may start, locked; at most `limit`.
async fn ripe(tx: &Tx<'_>, now: Timestamp, limit: u32) -> Result<Vec<StoredSchedule>, StoreError> {
    let free = read::alone()
        + " WHERE schedules.row IN
            (SELECT schedule FROM schedule_runs WHERE status = 'waiting' AND NOT EXISTS
                (SELECT 1 FROM agents WHERE agents.schedule = schedule_runs.schedule AND ended_at IS NULL))
           ORDER BY schedules.row LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED";
    let free = tx.rows(&free, &[&i64::from(limit)]).await?;
    let mut ripe = free.iter().map(read::read).collect::<Result<Vec<_>, _>>()?;
    let known: Vec<i64> = ripe.iter().map(|schedule| schedule.row).collect();
    let room = i64::from(limit) - count(known.len() as u64);
    let due = read::alone()
        + " WHERE next_at <= $1 AND schedules.row <> ALL ($2) ORDER BY next_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED";
    for row in tx.rows(&due, &[&now.as_millis(), &known, &room]).await? {
        ripe.push(read::read(&row)?);
    }
    Ok(ripe)
}

/// A run by hand.
pub(super) struct ByHand {
    pub(super) workspace: String,
    pub(super) id: String,
    pub(super) claim: Option<IdempotencyClaim>,
    pub(super) now: Timestamp,
    pub(super) settler: Arc<dyn Settler>,
}

#[async_trait]
impl Work for ByHand {
    type Done = RanByHand;

    async fn run(&self, tx: &Tx<'_>) -> Result<RanByHand, StoreError> {
        let Some(schedule) = read::lock(tx, &self.workspace, &self.id).await? else { return Ok(RanByHand::NoSchedule) };
        if let Some(claim) = &self.claim
            && let Some(earlier) = find_claim(tx, &self.workspace, claim).await?
        {
            let EarlierCall::Answered(slot) = earlier else { return Ok(RanByHand::KeyReused) };
            let run = read::run_of(tx, schedule.row, slot.parse().unwrap_or_default()).await?;
            return Ok(run.map_or(RanByHand::KeyReused, |run| RanByHand::Run(run, Settled::default())));
        }
        let mut slot = self.now;
        while read::run_of(tx, schedule.row, slot.as_millis()).await?.is_some() {
            slot = slot.plus_millis(1);
        }
        let mut settled = Settled::default();
        let mut desk = Desk { tx, settler: &self.settler, schedule, now: self.now, settled: &mut settled };
        let fate = self.settler.by_hand(&desk.schedule, desk.standing().await?, slot);
        desk.fulfil(fate).await?;
        if let Some(claim) = &self.claim {
            let answer = slot.as_millis().to_string();
            insert_claim(tx, &self.workspace, claim, &self.id, Some(&answer), self.now).await?;
        }
        let run = settled.runs.last().cloned().expect("a run by hand is stored, as its slot was free");
        Ok(RanByHand::Run(run, settled))
    }
}

/// One schedule, while its slots are settled.
struct Desk<'a, 'tx> {
    tx: &'a Tx<'tx>,
    settler: &'a Arc<dyn Settler>,
    schedule: StoredSchedule,
    now: Timestamp,
    settled: &'a mut Settled,
}

impl Desk<'_, '_> {
    /// Starts the slot that waits the longest, once no agent of the schedule runs; gives how it stands then.
    async fn start_waiting(&mut self) -> Result<Standing, StoreError> {
        let standing = self.standing().await?;
        if standing.living > 0 || standing.waiting == 0 {
            return Ok(standing);
        }
        let Some((row, run)) = read::first_waiting(self.tx, self.schedule.row).await? else { return Ok(standing) };
        let run = self.spawn(ScheduleRun { at: self.now, ..run }).await?;
        self.write_outcome(row, run).await?;
        self.standing().await
    }

    /// Settles the slot whose time has come, and moves on to the next.
    async fn settle_due(&mut self, standing: Standing) -> Result<(), StoreError> {
        if self.schedule.next.is_none_or(|next| next.at > self.now) {
            return Ok(());
        }
        let turn = self.settler.turn(&self.schedule, standing);
        for run in turn.passed {
            self.fulfil(Fate::Keep(run)).await?;
        }
        if let Some(fate) = turn.fate {
            self.fulfil(fate).await?;
        }
        self.tx
            .execute(
                "UPDATE schedules SET next_slot = $2, next_at = $3, is_late = $4 WHERE row = $1",
                &[
                    &self.schedule.row,
                    &turn.next.map(|next| next.slot.as_millis()),
                    &turn.next.map(|next| next.at.as_millis()),
                    &turn.next.is_some_and(|next| next.is_late),
                ],
            )
            .await
            .map(|_| ())
    }

    async fn standing(&self) -> Result<Standing, StoreError> {
        let counted = self
            .tx
            .one(
                "SELECT (SELECT count(*) FROM agents WHERE schedule = $1 AND ended_at IS NULL),
                        (SELECT count(*) FROM schedule_runs WHERE schedule = $1 AND status = 'waiting')",
                &[&self.schedule.row],
            )
            .await?;
        Ok(Standing { living: counted.number(0)?, waiting: counted.number(1)? })
    }

    /// Stores the run of a slot, and spawns its agent if it fires. A slot that has a run already is left as it is.
    async fn fulfil(&mut self, fate: Fate) -> Result<(), StoreError> {
        let (run, fires, cancels) = match fate {
            Fate::Fire { run, cancels } => (run, true, cancels),
            Fate::Keep(run) => (run, false, false),
        };
        let Some(row) = self.insert_run(&run).await? else { return Ok(()) };
        if cancels {
            self.cancel_living().await?;
        }
        let run = if fires { self.spawn(run).await? } else { run };
        self.write_outcome(row, run).await
    }

    /// The row of the new run; `None` if its slot has one.
    async fn insert_run(&self, run: &ScheduleRun) -> Result<Option<i64>, StoreError> {
        let inserted = self
            .tx
            .row(
                "INSERT INTO schedule_runs (schedule, slot, last_slot, slots, status, cause, at)
                 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (schedule, slot) DO NOTHING RETURNING row",
                &[
                    &self.schedule.row,
                    &run.slot.as_millis(),
                    &run.last_slot.map(Timestamp::as_millis),
                    &count(run.count),
                    &run.status.as_str(),
                    &run.trigger.as_str(),
                    &run.at.as_millis(),
                ],
            )
            .await?;
        inserted.map(|row| row.get(0)).transpose()
    }

    async fn cancel_living(&mut self) -> Result<(), StoreError> {
        let living = "SELECT row FROM agents WHERE schedule = $1 AND ended_at IS NULL ORDER BY row";
        for row in self.tx.rows(living, &[&self.schedule.row]).await? {
            let row = row.get(0)?;
            let end = EndAgent { row, by_runner: None, ends: self.settler.ends(row), now: self.now };
            if let EndedAgent::Ended(tree) = end::end(self.tx, &end).await? {
                self.settled.ended.push(tree);
            }
        }
        Ok(())
    }

    /// The run with its agent, or with why there is none.
    async fn spawn(&self, run: ScheduleRun) -> Result<ScheduleRun, StoreError> {
        let spawned = match self.settler.agent(&self.schedule) {
            Ok(agent) => Ok(spawn::spawn(self.tx, &agent, &self.settler.spawned()).await?),
            Err(refusal) => Err(refusal),
        };
        Ok(fired(run, spawned, &**self.settler))
    }

    /// Stores how a run stands, and tells of it unless it waits.
    async fn write_outcome(&mut self, row: i64, run: ScheduleRun) -> Result<(), StoreError> {
        self.tx
            .execute(
                "UPDATE schedule_runs SET status = $2, agent_id = $3, reason = $4, message = $5, at = $6 WHERE row = $1",
                &[
                    &row,
                    &run.status.as_str(),
                    &run.agent_id,
                    &run.reason.map(SkipReason::as_str),
                    &run.message.as_deref().map(text),
                    &run.at.as_millis(),
                ],
            )
            .await?;
        if run.status != ScheduleRunStatus::Waiting {
            let event = self.settler.event(&self.schedule, &run);
            insert_events(self.tx, &self.schedule.workspace, None, &[&event], self.now).await?;
        }
        self.settled.runs.push(run);
        Ok(())
    }
}
