//! Agents as they are stored: a row each, and a journal that only grows.
//!
//! Order of events: an agent is *spawned* and waits in line; a runner *claims* it, which raises its epoch; the runner
//! *appends* what it intends and what came of it, fenced by that epoch, so that a runner that was overtaken writes
//! nothing; it may be *parked* until children end or its caller speaks, and is then in line again; it is *ended* exactly
//! once, with one event, and everything below it with it. Each of these is one call and one transaction.

use async_trait::async_trait;
use openclaw_core::{
    Agent, AgentBudget, AgentError, AgentStatus, AgentUsage, RequiredAction, SpawnAgentRequest, StopReason, Timestamp,
    Usage,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{IdempotencyClaim, NewEvent, PageQuery, Rows, StoreError};

/// An agent to store.
#[derive(Clone, Debug)]
pub struct NewAgent {
    /// Its id.
    pub id: String,
    /// The workspace.
    pub workspace: String,
    /// Who spawned it.
    pub key_id: String,
    /// The request, with the gateway's defaults filled in.
    pub request: SpawnAgentRequest,
    /// The model.
    pub model: String,
    /// What it may use at most; less if its parent has less left.
    pub budget: AgentBudget,
    /// Whether its caller named `max_tokens`; otherwise a child is given an equal share of what its parent has left.
    pub tokens_asked: bool,
    /// Its parent, if it has one.
    pub parent: Option<NewChild>,
    /// When its time is up.
    pub expires_at: Timestamp,
    /// How many agents there may be.
    pub caps: AgentCaps,
    /// The caller's `Idempotency-Key`, if there is one.
    pub idempotency: Option<IdempotencyClaim>,
    /// The handle of the schedule whose slot it is, if it is one.
    pub schedule: Option<i64>,
    /// When.
    pub now: Timestamp,
}

/// Whose child a new agent is.
#[derive(Clone, Debug)]
pub struct NewChild {
    /// The parent's row.
    pub parent: i64,
    /// The parent's call that spawns it; the same call finds the same child.
    pub call_id: Option<String>,
}

/// How many agents there may be.
#[derive(Clone, Copy, Debug)]
pub struct AgentCaps {
    /// How deep a tree may be.
    pub depth_max: u32,
    /// Living children of one parent.
    pub children_max: u32,
    /// Agents below one root, ended ones too.
    pub descendants_max: u32,
    /// Agents in line.
    pub queue_max: u32,
}

/// What came of [`AgentStore::spawn_agent`].
#[derive(Clone, Debug)]
pub enum SpawnedAgent {
    /// It is stored.
    New(Box<Agent>),
    /// The same call spawned it before: so it stands now.
    Before(Box<Agent>),
    /// The idempotency key was used for another call.
    KeyReused,
    /// The parent has ended.
    ParentEnded,
    /// It would be deeper than `depth_max`.
    TooDeep,
    /// The parent has `children_max` living children.
    TooManyChildren,
    /// The root has `descendants_max` agents below it.
    TooManyDescendants,
    /// `queue_max` agents are in line.
    QueueFull,
}

/// An agent with what its callers are not shown.
#[derive(Clone, Debug)]
pub struct StoredAgent {
    /// The engine's own handle.
    pub row: i64,
    /// The workspace.
    pub workspace: String,
    /// Who spawned it.
    pub key_id: String,
    /// What the caller is shown.
    pub agent: Agent,
    /// The request as it was taken.
    pub request: SpawnAgentRequest,
    /// Which claim this is.
    pub epoch: u64,
    /// Entries of its journal.
    pub journal_length: u64,
    /// Tokens that its children used or may still use.
    pub children_tokens: u64,
}

/// An entry of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalEntry {
    /// JSON, made by the service.
    pub entry: String,
    /// When it was stored.
    pub at: Timestamp,
}

/// The claim under which a runner writes.
#[derive(Clone, Copy, Debug)]
pub struct Fence {
    /// The agent's row.
    pub row: i64,
    /// The epoch of the claim.
    pub epoch: u64,
}

/// What a runner writes at once.
#[derive(Clone, Debug, Default)]
pub struct AgentProgress {
    /// Entries of the journal, JSON.
    pub entries: Vec<String>,
    /// Which of the entries holds the latest text that a limit would keep.
    pub found: Option<usize>,
    /// What was used since the last one.
    pub usage: AgentUsage,
    /// Whether some of its tokens are our estimate.
    pub estimated: bool,
    /// The vendor's name of the model that answered, if one did.
    pub answered_by: Option<String>,
    /// Events of finished steps.
    pub events: Vec<NewEvent>,
}

/// What an agent does after its progress is stored.
#[derive(Clone, Debug)]
pub enum AfterProgress {
    /// It goes on.
    GoOn,
    /// It waits for children by id: for all of them, or any.
    AwaitChildren {
        /// Which.
        ids: Vec<String>,
        /// Whether all must end.
        all: bool,
    },
    /// It waits for its caller.
    AwaitCaller {
        /// What for.
        actions: Vec<RequiredAction>,
        /// Tells of it.
        event: NewEvent,
    },
}

/// What came of [`AgentStore::append_progress`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Stored, and the agent goes on; its journal has that many entries now, more than expected if its caller spoke.
    Stored {
        /// Entries.
        journal_length: u64,
        /// Tokens that the agent may still use, its children's set aside.
        tokens_left: u64,
    },
    /// Stored, and the agent is parked.
    Parked,
    /// Nothing is stored: the agent has ended or another runner has it.
    Fenced,
}

/// A word from the caller to a living agent.
#[derive(Clone, Debug)]
pub struct CallerWord {
    /// The workspace.
    pub workspace: String,
    /// The agent.
    pub id: String,
    /// The action that it answers, if any.
    pub action_id: Option<String>,
    /// The journal's entry.
    pub entry: String,
    /// When.
    pub now: Timestamp,
}

/// What came of a caller's word.
#[derive(Clone, Debug)]
pub enum HeardWord {
    /// Stored.
    Heard {
        /// So the agent stands now.
        agent: Box<Agent>,
        /// Whether it is in line again.
        woken: bool,
    },
    /// There is no such agent.
    NoAgent,
    /// It has ended.
    Ended,
    /// It waits for no such action.
    NoAction,
}

/// How one agent ends.
#[derive(Clone, Debug)]
pub struct AgentEnd {
    /// Completed, failed or cancelled.
    pub status: AgentStatus,
    /// What is kept of it.
    pub ending: AgentEnding,
    /// The last entry of its journal.
    pub entry: String,
    /// `agent.completed` or `agent.error`.
    pub event: NewEvent,
    /// Tokens of a model call that the end cut off: booked with it, as an estimate.
    pub cut_off: Usage,
}

/// The result of an agent, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AgentEnding {
    /// Why it completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
    /// The answer, or what there was of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// The answer as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output_json: Option<Value>,
    /// Whether it is not whole.
    #[serde(default)]
    pub partial: bool,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<AgentError>,
}

/// Says how an agent ends, from how it stands and the journal's entry that holds what it found; may be asked more than once.
pub type AgentEnds = Box<dyn Fn(&StoredAgent, Option<&str>) -> AgentEnd + Send + Sync>;

/// Makes an event of an agent; may be asked more than once.
pub type AgentTells = Box<dyn Fn(&StoredAgent) -> NewEvent + Send + Sync>;

/// Ends an agent and all that is below it.
pub struct EndAgent {
    /// Which.
    pub row: i64,
    /// The runner's last progress, if its runner ends it; it counts only while the claim holds and the journal has just
    /// `journal_length` entries.
    pub by_runner: Option<LastProgress>,
    /// How each of them ends.
    pub ends: AgentEnds,
    /// When.
    pub now: Timestamp,
}

/// The progress with which a runner ends its agent.
#[derive(Clone, Debug)]
pub struct LastProgress {
    /// The runner's claim.
    pub epoch: u64,
    /// What the runner knows of the journal.
    pub journal_length: u64,
    /// Stored before the end.
    pub progress: AgentProgress,
    /// The agent as its runner knows it, with what is in `progress`: so it is stored, if the claim and `journal_length` hold. `None`
    /// if its end asks what the journal holds.
    pub agent: Option<Box<StoredAgent>>,
}

/// What came of [`AgentStore::end_agent`].
#[derive(Clone, Debug)]
pub enum EndedAgent {
    /// Ended now.
    Ended(EndedTree),
    /// The caller spoke meanwhile: nothing is stored, the runner must read on.
    Spoken,
    /// It had ended before, or another runner has it.
    Before,
}

/// Agents that ended together.
#[derive(Clone, Debug, Default)]
pub struct EndedTree {
    /// Rows, ids and statuses, from the top down.
    pub agents: Vec<(i64, String, AgentStatus)>,
    /// Whether a parent that waited is in line again.
    pub woken: bool,
}

/// Which agents to list; what is `None` does not matter.
#[derive(Clone, Debug, Default)]
pub struct AgentFilter {
    /// Where they stand.
    pub status: Option<AgentStatus>,
    /// Whose children they are.
    pub parent_id: Option<String>,
    /// Whose tree they belong to.
    pub root_id: Option<String>,
    /// Which conversation they belong to.
    pub session_id: Option<String>,
}

/// Keeps agents and their journals.
#[async_trait]
pub trait AgentStore {
    /// Stores an agent with its event, unless a cap is reached; `tells` makes `agent.spawned`.
    async fn spawn_agent(&self, agent: NewAgent, tells: AgentTells) -> Result<SpawnedAgent, StoreError>;

    /// The agent of that id.
    async fn find_agent(&self, workspace: String, id: String) -> Result<Option<StoredAgent>, StoreError>;

    /// Agents, newest first.
    async fn list_agents(
        &self,
        workspace: String,
        filter: AgentFilter,
        page: PageQuery,
    ) -> Result<Rows<Agent>, StoreError>;

    /// An agent's journal after its first `after` entries.
    async fn read_journal(&self, row: i64, after: u64) -> Result<Vec<JournalEntry>, StoreError>;

    /// Payloads and ids of an agent's events, oldest first, after the event of that id; at most `limit`.
    async fn agent_events(
        &self,
        row: i64,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StoreError>;

    /// Takes at most `limit` agents out of the line, the oldest first; `tells` makes `agent.started` of new ones.
    async fn claim_agents(&self, limit: u32, now: Timestamp, tells: AgentTells)
    -> Result<Vec<StoredAgent>, StoreError>;

    /// Stores a runner's progress, and parks its agent if that is what it does next.
    async fn append_progress(
        &self,
        fence: Fence,
        progress: AgentProgress,
        after: AfterProgress,
        now: Timestamp,
    ) -> Result<Appended, StoreError>;

    /// Stores a caller's word; an agent that waited for nothing else is in line again.
    async fn hear_word(&self, word: CallerWord) -> Result<HeardWord, StoreError>;

    /// Ends an agent and all that is below it, each once, each with its event; wakes a parent that waited for it.
    async fn end_agent(&self, end: EndAgent) -> Result<EndedAgent, StoreError>;

    /// Living agents whose time is up, by row, at most `limit`; held ones only if it was up before `held_before`.
    async fn overdue_agents(&self, now: Timestamp, held_before: Timestamp, limit: u32) -> Result<Vec<i64>, StoreError>;

    /// Puts every agent that a runner held into the line again, in a new epoch; says how many. For the start.
    async fn recover_agents(&self) -> Result<u64, StoreError>;

    /// How many agents are in line.
    async fn agents_queued(&self) -> Result<u64, StoreError>;
}

/// What a new child may use, by the caps of its tree and what its parent has left; or why there may be none.
pub(super) fn child_budget(
    new: &NewAgent,
    parent: &StoredAgent,
    living: u64,
    below: u64,
) -> Result<AgentBudget, SpawnedAgent> {
    let children_max = u64::from(new.caps.children_max);
    if parent.agent.status.is_ended() {
        return Err(SpawnedAgent::ParentEnded);
    }
    if parent.agent.depth >= new.caps.depth_max {
        return Err(SpawnedAgent::TooDeep);
    }
    if living >= children_max {
        return Err(SpawnedAgent::TooManyChildren);
    }
    if below >= u64::from(new.caps.descendants_max) {
        return Err(SpawnedAgent::TooManyDescendants);
    }
    let spent = parent.agent.usage.tokens() + parent.children_tokens;
    let left = parent.agent.budget.max_tokens.saturating_sub(spent);
    // Whoever names no number gets the share that leaves as much for each further child and for the parent.
    let share = if new.tokens_asked { left } else { left / (children_max - living + 1) };
    Ok(AgentBudget {
        max_tokens: new.budget.max_tokens.min(share),
        max_steps: new.budget.max_steps.min(parent.agent.budget.max_steps),
    })
}

/// A value of ours as it is kept.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("our own types serialise")
}
