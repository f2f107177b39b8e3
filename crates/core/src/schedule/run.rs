//! What became of a schedule's slots.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::words;
use crate::Timestamp;

/// What became of a slot; or of several in a row, if they were skipped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleRun {
    /// The schedule.
    #[schema(example = "sch_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub schedule_id: String,
    /// The slot, before jitter; of a run by hand, when it was asked for.
    pub slot: Timestamp,
    /// What became of it.
    pub status: ScheduleRunStatus,
    /// Whether its time came, or somebody ran it by hand.
    pub trigger: RunTrigger,
    /// The agent that was spawned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "agt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub agent_id: Option<String>,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How many slots this tells of: more than 1 only where many in a row were skipped.
    #[schema(example = 1)]
    pub count: u64,
    /// The last of those slots, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_slot: Option<Timestamp>,
    /// When it was settled, or began to wait.
    pub at: Timestamp,
}

words! {
    /// What became of a slot.
    ScheduleRunStatus {
        /// It waits until the agent before it has ended.
        Waiting = "waiting",
        /// Its agent was spawned.
        Fired = "fired",
        /// It was let go by.
        Skipped = "skipped",
    }
}

words! {
    /// What made a schedule run.
    RunTrigger {
        /// Its time came.
        Slot = "slot",
        /// Somebody asked for it.
        Manual = "manual",
    }
}

words! {
    /// Why a slot was skipped.
    SkipReason {
        /// The agent before it still ran.
        Overlap = "overlap",
        /// As many as may wait for the agent before them waited already.
        WaitingFull = "waiting_full",
        /// The gateway was not there, or too busy, when its time came.
        Missed = "missed",
        /// Its agent cannot be spawned: the configuration has no such model or skill any more.
        AgentRefused = "agent_refused",
        /// As many agents as may be were in line.
        AgentsQueueFull = "agents_queue_full",
    }
}
