//! Schedules as they are stored, and what became of their slots.
//!
//! Order of events: a schedule has one next slot, and a moment at which it is looked at. When that has come, the slot is
//! *settled*: its run is stored, the schedule moves on to its next slot, and the agent is spawned, all in one transaction.
//! A slot has one run at most, which the store holds by a unique key, so whoever comes second settles nothing.

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::{CreateScheduleRequest, ScheduleRun, ScheduleRunStatus, ScheduleSource, SkipReason, Timestamp};

use super::{
    AgentEnds, AgentTells, EndedTree, IdempotencyClaim, NewAgent, NewEvent, PageQuery, Rows, SpawnedAgent, StoreError,
};

/// A schedule with what its callers are not shown.
#[derive(Clone, Debug)]
pub struct StoredSchedule {
    /// The engine's own handle; 0 before it is stored.
    pub row: i64,
    /// Its id.
    pub id: String,
    /// The workspace.
    pub workspace: String,
    /// Whose its agents are.
    pub key_id: String,
    /// Who made it.
    pub source: ScheduleSource,
    /// What was asked for, with the defaults filled in.
    pub request: CreateScheduleRequest,
    /// What spans of `every` are counted from.
    pub anchor: Timestamp,
    /// The slot to settle next; `None` if it is paused, or has no more.
    pub next: Option<NextSlot>,
    /// The latest run; read with a schedule that is to be shown, `None` elsewhere.
    pub last_run: Option<ScheduleRun>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// The slot that a schedule settles next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextSlot {
    /// The slot.
    pub slot: Timestamp,
    /// When to settle it: the slot and its jitter, or later if it is caught up with.
    pub at: Timestamp,
    /// Whether it was missed and is being caught up with.
    pub is_late: bool,
}

/// Says what a schedule becomes, from what it is; may be asked more than once.
pub type ScheduleEdit = Box<dyn Fn(&StoredSchedule) -> StoredSchedule + Send + Sync>;

/// A schedule that the configuration names.
pub struct NamedSchedule {
    /// As it is if it is new.
    pub fresh: StoredSchedule,
    /// What it becomes if it is there already.
    pub edit: ScheduleEdit,
}

/// How a schedule stands when a slot is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its agents that have not ended.
    pub living: u64,
    /// Its slots that wait for them.
    pub waiting: u64,
}

/// What becomes of a slot whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It fires; living agents of the schedule are cancelled before if `cancels`. The store fills in the agent.
    Fire {
        /// Its run.
        run: ScheduleRun,
        /// Whether those that run are cancelled.
        cancels: bool,
    },
    /// It waits, or is skipped.
    Keep(ScheduleRun),
}

/// What becomes of a schedule whose time has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Slots that were passed over.
    pub passed: Vec<ScheduleRun>,
    /// What becomes of the slot; `None` if it is put off.
    pub fate: Option<Fate>,
    /// The slot to settle next.
    pub next: Option<NextSlot>,
}

/// Why no agent was spawned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable name.
    pub reason: SkipReason,
    /// For people.
    pub message: String,
}

/// What the rules say while a slot is settled; pure, and may be asked more than once.
pub trait Settler: Send + Sync {
    /// What becomes of a schedule whose next slot's time has come.
    fn turn(&self, schedule: &StoredSchedule, standing: Standing) -> Turn;

    /// What becomes of a run by hand; a slot of that moment must not be there yet.
    fn by_hand(&self, schedule: &StoredSchedule, standing: Standing, slot: Timestamp) -> Fate;

    /// The agent that a schedule spawns.
    fn agent(&self, schedule: &StoredSchedule) -> Result<NewAgent, Refusal>;

    /// Why the store took no agent.
    fn refusal(&self, refused: &SpawnedAgent) -> Refusal;

    /// `schedule.fired` or `schedule.skipped`.
    fn event(&self, schedule: &StoredSchedule, run: &ScheduleRun) -> NewEvent;

    /// Makes `agent.spawned`.
    fn spawned(&self) -> AgentTells;

    /// How an agent that runs ends when a slot takes its place, and those below it.
    fn ends(&self, agent: i64) -> AgentEnds;
}

/// What was settled.
#[derive(Clone, Debug, Default)]
pub struct Settled {
    /// Schedules that were looked at; fewer than the limit: there are no more for now.
    pub looked_at: u32,
    /// Runs that were stored or began.
    pub runs: Vec<ScheduleRun>,
    /// Agents that slots took the place of.
    pub ended: Vec<EndedTree>,
}

/// What came of a run by hand.
#[derive(Clone, Debug)]
pub enum RanByHand {
    /// This; and what was settled now, which is nothing if the same call did so before.
    Run(ScheduleRun, Settled),
    /// The idempotency key was used for another call.
    KeyReused,
    /// There is no such schedule.
    NoSchedule,
}

/// Keeps schedules.
#[async_trait]
pub trait ScheduleStore {
    /// Stores a new schedule.
    async fn create_schedule(&self, schedule: StoredSchedule) -> Result<(), StoreError>;

    /// The workspace's schedule of that id, with its latest run.
    async fn find_schedule(&self, workspace: String, id: String) -> Result<Option<StoredSchedule>, StoreError>;

    /// The workspace's schedules with their latest runs, newest first.
    async fn list_schedules(&self, workspace: String, page: PageQuery) -> Result<Rows<StoredSchedule>, StoreError>;

    /// Changes a schedule by a function of what it is; `None` if there is none.
    async fn update_schedule(
        &self,
        workspace: String,
        id: String,
        edit: ScheduleEdit,
    ) -> Result<Option<StoredSchedule>, StoreError>;

    /// Deletes a schedule with its runs; its agents stay. `false` if there is none.
    async fn delete_schedule(&self, workspace: String, id: String) -> Result<bool, StoreError>;

    /// Makes the schedules of the configuration these, known by their ids; others of the configuration go.
    async fn replace_config_schedules(&self, schedules: Vec<NamedSchedule>) -> Result<(), StoreError>;

    /// A schedule's runs, newest first; by its handle.
    async fn list_schedule_runs(&self, schedule: i64, page: PageQuery) -> Result<Rows<ScheduleRun>, StoreError>;

    /// Settles what is due of at most `limit` schedules, and starts what waited for an agent that has ended: each slot with
    /// its run, its agent, its events and the schedule's next slot, all or nothing.
    async fn settle_schedules(
        &self,
        now: Timestamp,
        limit: u32,
        settler: Arc<dyn Settler>,
    ) -> Result<Settled, StoreError>;

    /// Runs a schedule by hand, beside its slots; the same key does so once.
    async fn run_schedule(
        &self,
        workspace: String,
        id: String,
        claim: Option<IdempotencyClaim>,
        now: Timestamp,
        settler: Arc<dyn Settler>,
    ) -> Result<RanByHand, StoreError>;

    /// When the next slot of any schedule is to be settled.
    async fn next_slot_at(&self) -> Result<Option<Timestamp>, StoreError>;
}

/// The run of a slot that fires, with its agent or with why there is none.
pub(super) fn fired(run: ScheduleRun, spawned: Result<SpawnedAgent, Refusal>, settler: &dyn Settler) -> ScheduleRun {
    let Refusal { reason, message } = match spawned {
        Ok(SpawnedAgent::New(agent) | SpawnedAgent::Before(agent)) => {
            return ScheduleRun { status: ScheduleRunStatus::Fired, agent_id: Some(agent.id), ..run };
        }
        Ok(refused) => settler.refusal(&refused),
        Err(refusal) => refusal,
    };
    ScheduleRun { status: ScheduleRunStatus::Skipped, reason: Some(reason), message: Some(message), ..run }
}
