//! What becomes of a slot whose time has come.
//!
//! Of several that have come only the latest may fire. One that is more than a minute late was missed: it is caught up with
//! if `catch_up` and `grace` allow, not at once but within the next minute (or within `jitter`, if that is longer), so that
//! what was missed in an outage does not all fire in its first second after.

use std::sync::Arc;

use openclaw_core::{
    AgentErrorCode, CatchUp, EventName, Overlap, RunTrigger, ScheduleRun, ScheduleRunStatus, SkipReason, Timestamp,
};

use super::super::agent::ending::{self, Found, Outcome};
use super::super::agent::spawn::{Spawner, prepare};
use super::super::agent::{check as agent_check, tell};
use super::super::event;
use super::{check, next_slot};
use crate::app::{App, Live};
use crate::calendar::{self, Passed, jitter};
use crate::store::{
    AgentEnds, AgentTells, Fate, NewAgent, NewEvent, NextSlot, Refusal, Settler, SpawnedAgent, Standing,
    StoredSchedule, Turn,
};
use openclaw_core::AgentCallback;
use openclaw_core::event::ScheduleEvent;

/// How late a slot may be and count as on time, in milliseconds: a restart, or a busy moment.
const ON_TIME_MS: i64 = 60_000;
/// Seconds over which slots that are caught up with are spread at least.
const SPREAD_SECONDS_MIN: u64 = 60;
/// Slots of a schedule that may wait for the agent before them.
const WAITING_MAX: u64 = 16;

/// The rules, at one moment and under one configuration.
pub(super) struct Rules {
    app: Arc<App>,
    live: Arc<Live>,
    now: Timestamp,
}

impl Rules {
    pub(super) fn new(app: &Arc<App>, now: Timestamp) -> Self {
        Self { app: Arc::clone(app), live: app.live.load_full(), now }
    }

    /// What becomes of a slot that may fire.
    fn fate(&self, schedule: &StoredSchedule, standing: Standing, slot: Timestamp, trigger: RunTrigger) -> Fate {
        let run = self.run(schedule, slot, trigger);
        let fire = |cancels| Fate::Fire { run: run.clone(), cancels };
        let is_free = standing.living == 0 && standing.waiting == 0;
        match schedule.request.overlap.unwrap_or(check::OVERLAP_DEFAULT) {
            _ if is_free => fire(false),
            Overlap::CancelRunning => fire(true),
            Overlap::Skip => {
                Fate::Keep(skipped(run, SkipReason::Overlap, "the agent of the slot before it still runs"))
            }
            Overlap::Enqueue if standing.waiting < WAITING_MAX => {
                Fate::Keep(ScheduleRun { status: ScheduleRunStatus::Waiting, ..run })
            }
            Overlap::Enqueue => {
                let why = format!("{WAITING_MAX} slots wait already for the agent before them");
                Fate::Keep(skipped(run, SkipReason::WaitingFull, why))
            }
        }
    }

    fn passed(&self, schedule: &StoredSchedule, passed: &Passed) -> ScheduleRun {
        let run = ScheduleRun {
            count: passed.count,
            last_slot: Some(passed.last).filter(|_| passed.count > 1),
            ..self.run(schedule, passed.first, RunTrigger::Slot)
        };
        skipped(run, SkipReason::Missed, "a later slot had come before it was settled")
    }

    fn run(&self, schedule: &StoredSchedule, slot: Timestamp, trigger: RunTrigger) -> ScheduleRun {
        ScheduleRun {
            schedule_id: schedule.id.clone(),
            slot,
            status: ScheduleRunStatus::Fired,
            trigger,
            agent_id: None,
            reason: None,
            message: None,
            count: 1,
            last_slot: None,
            at: self.now,
        }
    }
}

impl Settler for Rules {
    fn turn(&self, schedule: &StoredSchedule, standing: Standing) -> Turn {
        let nothing = Turn { passed: Vec::new(), fate: None, next: None };
        let request = &schedule.request;
        let Ok(timing) = check::timing(request, schedule.anchor) else { return nothing };
        let Some(next) = schedule.next else { return nothing };
        let jitter_seconds = request.jitter.unwrap_or_default();
        let due = calendar::due(&timing, &schedule.id, jitter_seconds, next.slot, self.now);
        let passed = due.passed.iter().map(|passed| self.passed(schedule, passed)).collect();
        let following = next_slot(&schedule.id, request, due.next);
        let Some(latest) = due.latest else { return Turn { passed, fate: None, next: following } };

        let late_ms = self.now.as_millis() - latest.as_millis() - jitter(&schedule.id, latest, jitter_seconds);
        let is_put_off = next.is_late && next.slot == latest;
        let spread_seconds = jitter_seconds.max(SPREAD_SECONDS_MIN);
        let grace_seconds = request.grace.unwrap_or_default() + if is_put_off { spread_seconds } else { 0 };
        let catches_up = request.catch_up.unwrap_or(check::CATCH_UP_DEFAULT) == CatchUp::Latest;
        let fate = if late_ms <= ON_TIME_MS {
            self.fate(schedule, standing, latest, RunTrigger::Slot)
        } else if !catches_up || late_ms.unsigned_abs() > grace_seconds * 1000 {
            let why = format!("the gateway came to it {} s late", late_ms / 1000);
            Fate::Keep(skipped(self.run(schedule, latest, RunTrigger::Slot), SkipReason::Missed, why))
        } else if is_put_off {
            self.fate(schedule, standing, latest, RunTrigger::Slot)
        } else {
            let at = self.now.plus_millis(jitter(&schedule.id, latest, spread_seconds));
            return Turn { passed, fate: None, next: Some(NextSlot { slot: latest, at, is_late: true }) };
        };
        Turn { passed, fate: Some(fate), next: following }
    }

    fn by_hand(&self, schedule: &StoredSchedule, standing: Standing, slot: Timestamp) -> Fate {
        self.fate(schedule, standing, slot, RunTrigger::Manual)
    }

    fn agent(&self, schedule: &StoredSchedule) -> Result<NewAgent, Refusal> {
        let mut request = schedule.request.agent.clone();
        request.label.get_or_insert_with(|| schedule.request.name.clone());
        let endpoints = schedule.request.deliver_to.clone().unwrap_or_default();
        request.callback = Some(AgentCallback { endpoints }).filter(|callback| !callback.endpoints.is_empty());
        let spawner = Spawner {
            workspace: &schedule.workspace,
            key_id: &schedule.key_id,
            schedule: Some(schedule.row),
            ..Spawner::default()
        };
        prepare(&self.app, &self.live, spawner, request)
            .map_err(|error| Refusal { reason: SkipReason::AgentRefused, message: error.to_string() })
    }

    fn refusal(&self, refused: &SpawnedAgent) -> Refusal {
        let message = agent_check::refused(refused, &self.live.config.agents).to_string();
        Refusal { reason: SkipReason::AgentsQueueFull, message }
    }

    fn event(&self, schedule: &StoredSchedule, run: &ScheduleRun) -> NewEvent {
        let has_fired = run.status == ScheduleRunStatus::Fired;
        let name = if has_fired { EventName::ScheduleFired } else { EventName::ScheduleSkipped };
        let told = ScheduleEvent {
            schedule_id: run.schedule_id.clone(),
            name: schedule.request.name.clone(),
            slot: run.slot,
            trigger: run.trigger,
            agent_id: run.agent_id.clone(),
            reason: run.reason,
            message: run.message.clone(),
            count: run.count,
            last_slot: run.last_slot,
        };
        event::new(&self.app, name, self.now, told)
    }

    fn spawned(&self) -> AgentTells {
        tell::spawned(&self.app, self.now)
    }

    fn ends(&self, agent: i64) -> AgentEnds {
        let why = "the next slot of its schedule took its place";
        let outcome = Outcome::cancelled(AgentErrorCode::BySchedule, why, Found::InJournal);
        ending::ends(&self.app, agent, outcome, self.now)
    }
}

fn skipped(run: ScheduleRun, reason: SkipReason, message: impl Into<String>) -> ScheduleRun {
    let (reason, message) = (Some(reason), Some(message.into()));
    ScheduleRun { status: ScheduleRunStatus::Skipped, reason, message, ..run }
}
