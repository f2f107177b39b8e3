//! Schedules: when an agent is spawned, with what, and who is sent what it found.
//!
//! A *slot* is a moment at which a schedule is meant to fire. Each slot is settled exactly once, by a *run*: it fired, it
//! was skipped for a reason, or it waits for the agent before it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Metadata, SpawnAgentRequest, Timestamp};

mod run;

pub use run::{RunTrigger, ScheduleRun, ScheduleRunStatus, SkipReason};

/// How many of its next slots a schedule shows.
pub const NEXT_FIRE_TIMES: usize = 5;
/// The most characters of a schedule's name.
pub const NAME_CHARS_MAX: usize = 100;
/// The fewest and the most seconds of `every`: a second, and a year.
pub const EVERY_SECONDS: std::ops::RangeInclusive<u64> = 1..=366 * 24 * 60 * 60;
/// How late a slot may be caught up with if nobody says: an hour.
pub const GRACE_SECONDS_DEFAULT: u64 = 60 * 60;
/// The latest that a slot may be caught up with: a week.
pub const GRACE_SECONDS_MAX: u64 = 7 * 24 * 60 * 60;
/// The most seconds that jitter may add to a slot: an hour.
pub const JITTER_SECONDS_MAX: u64 = 60 * 60;
/// The zone of a schedule that names none.
pub const TIMEZONE_DEFAULT: &str = "UTC";

/// A schedule, as it stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Schedule {
    /// The schedule's id.
    #[schema(example = "sch_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub id: String,
    /// What it is called; its agents have this as their `label` unless they have one of their own.
    #[schema(example = "nightly-report")]
    pub name: String,
    /// The cron line, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0 8 * * MON-FRI")]
    pub cron: Option<String>,
    /// The one moment, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Seconds from one slot to the next, if it is regular.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<u64>,
    /// The IANA zone that its cron line is read in.
    #[schema(example = "Asia/Shanghai")]
    pub timezone: String,
    /// What its agents are spawned with.
    pub agent: SpawnAgentRequest,
    /// Ids of the endpoints that are sent what its agents found, whatever they subscribe to.
    pub deliver_to: Vec<String>,
    /// What happens to a slot that comes while the agent before it still runs.
    pub overlap: Overlap,
    /// What happens to slots that were missed.
    pub catch_up: CatchUp,
    /// How many seconds late a slot may still fire.
    pub grace: u64,
    /// The most seconds that are added to a slot, the same ones for the same slot.
    pub jitter: u64,
    /// Whether it fires; a paused schedule has no slots.
    pub enabled: bool,
    /// Who made it.
    pub source: ScheduleSource,
    /// Its next five slots, before jitter; fewer if it ends, none if it is paused.
    pub next_fire_times: Vec<Timestamp>,
    /// What became of the latest slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<ScheduleRun>,
    /// The caller's own notes.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    #[schema(value_type = Object)]
    pub metadata: Metadata,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// A schedule to make: a name, an agent, and just one of `cron`, `at` and `every`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({"name": "nightly-report", "cron": "0 8 * * *", "agent": {"task": "写一份昨日销售报告"}}))]
pub struct CreateScheduleRequest {
    /// What it is called, 1 to 100 characters.
    pub name: String,
    /// Five fields, minute hour day month weekday, read in `timezone`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// One moment in the future.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Seconds from one slot to the next, 1 to 31622400 (a year); the first is that long after now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 31_622_400)]
    pub every: Option<u64>,
    /// An IANA zone such as `Asia/Shanghai`; absent: `UTC`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// What its agents are spawned with; neither `parent_id` nor `callback`.
    pub agent: SpawnAgentRequest,
    /// Ids of at most 16 endpoints that are sent what its agents found, whatever they subscribe to; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Vec<String>>,
    /// What happens to a slot that comes while the agent before it still runs; absent: `skip`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// What happens to slots that were missed; absent: `latest`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<CatchUp>,
    /// How many seconds late a slot may still fire, at most 604800 (a week); absent: 3600 (an hour).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 604_800)]
    pub grace: Option<u64>,
    /// The most seconds that are added to a slot, at most 3600 (an hour); absent: 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 3600)]
    pub jitter: Option<u64>,
    /// Whether it fires; absent: it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The caller's own notes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

/// A change to a schedule; what is absent stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct UpdateScheduleRequest {
    /// The new name, 1 to 100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Five fields; takes the place of `cron`, `at` or `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// One moment in the future; takes the place of `cron`, `at` or `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Seconds from one slot to the next, counted from now; takes the place of `cron`, `at` or `every`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 31_622_400)]
    pub every: Option<u64>,
    /// The new zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    /// The whole of what its agents are spawned with from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<SpawnAgentRequest>,
    /// All that are told from now on; empty: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_to: Option<Vec<String>>,
    /// What happens to a slot that comes while the agent before it still runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<Overlap>,
    /// What happens to slots that were missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catch_up: Option<CatchUp>,
    /// How many seconds late a slot may still fire.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 604_800)]
    pub grace: Option<u64>,
    /// The most seconds that are added to a slot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 3600)]
    pub jitter: Option<u64>,
    /// `false` pauses it; `true` lets it fire again, from its next slot on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The caller's own notes, all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $variant_doc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[doc = $variant_doc])+ $variant,)+
        }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Reads the word; `None` if it is none of them.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == word)
            }
        }
    };
}
use words;

words! {
    /// What happens to a slot that comes while the agent before it still runs.
    Overlap {
        /// It is skipped.
        Skip = "skip",
        /// It waits until that agent has ended; at most 16 wait, one more is skipped.
        Enqueue = "enqueue",
        /// That agent is cancelled, and the slot fires.
        CancelRunning = "cancel_running",
    }
}

words! {
    /// What happens to slots that were missed: while the gateway was down, or too busy.
    CatchUp {
        /// All of them are skipped.
        None = "none",
        /// The latest fires if it is within `grace`; those before it are skipped.
        Latest = "latest",
    }
}

words! {
    /// Who made a schedule.
    ScheduleSource {
        /// A caller; changed by the API.
        Api = "api",
        /// The operator; changed in the configuration file alone.
        Config = "config",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_and_is_the_one_of_json() {
        for overlap in Overlap::ALL {
            assert_eq!(Overlap::parse(overlap.as_str()), Some(*overlap));
            assert_eq!(serde_json::to_value(overlap).expect("json"), overlap.as_str());
        }
        for reason in SkipReason::ALL {
            assert_eq!(SkipReason::parse(reason.as_str()), Some(*reason));
            assert_eq!(serde_json::to_value(reason).expect("json"), reason.as_str());
        }
        for status in ScheduleRunStatus::ALL {
            assert_eq!(serde_json::to_value(status).expect("json"), status.as_str());
        }
        assert_eq!(serde_json::to_value(CatchUp::Latest).expect("json"), CatchUp::Latest.as_str());
    }
}
