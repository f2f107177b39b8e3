//! Events: facts in the past tense, as `noun.verb`, with what each one tells.
//!
//! The list below is the only place where an event's name is spelled.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::agent::{AgentStatus, AgentStepKind, AgentStepStatus, RequiredAction, StopReason};
use crate::{DisabledReason, Metadata, RunTrigger, SkipReason, Timestamp, Usage, User};

mod data;
mod pattern;
mod sample;

pub use data::{EventData, StoredEvent};
pub use pattern::EventPattern;
pub use sample::sample;

macro_rules! event_names {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal, $documented:literal;)+) => {
        /// The name of an event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum EventName {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl EventName {
            /// Every event there is.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it tells, in one line.
            pub const fn summary(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }

            /// Whether it is one of the seven that an endpoint's `*` has always meant; the others are opt-in.
            pub const fn is_documented(self) -> bool {
                match self { $(Self::$variant => $documented,)+ }
            }
        }
    };
}

event_names! {
    /// A user's message was stored.
    MessageReceived = "message.received", true;
    /// A reply was stored.
    MessageSent = "message.sent", true;
    /// An agent was accepted.
    AgentSpawned = "agent.spawned", true;
    /// An agent ended with an answer.
    AgentCompleted = "agent.completed", true;
    /// An agent ended without one: failed, timed out, cancelled or interrupted.
    AgentError = "agent.error", true;
    /// The gateway met a fault that its operator should know of.
    SystemError = "system.error", true;
    /// A key went over its rate; told once per key and minute.
    RateLimitExceeded = "rate_limit.exceeded", true;
    /// An agent began to run.
    AgentStarted = "agent.started", false;
    /// An agent finished a step.
    AgentStep = "agent.step", false;
    /// An agent waits for an answer or an approval.
    AgentRequiresAction = "agent.requires_action", false;
    /// A session was made by its first message.
    SessionCreated = "session.created", false;
    /// A schedule spawned its agent.
    ScheduleFired = "schedule.fired", false;
    /// A slot of a schedule was let go by, with a reason.
    ScheduleSkipped = "schedule.skipped", false;
    /// An endpoint was disabled after days of failure.
    EndpointDisabled = "endpoint.disabled", false;
    /// A test that a user sent.
    WebhookTest = "webhook.test", false;
}

impl EventName {
    /// The event of that name, if it is one.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == name)
    }

    /// What it is about: the name up to its dot.
    pub fn noun(self) -> &'static str {
        self.as_str().split_once('.').expect("every name is `noun.verb`").0
    }
}

/// What `message.received` and `message.sent` tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MessageEvent {
    /// The session it belongs to.
    #[schema(example = "user_123")]
    pub session_id: String,
    /// The stored message.
    #[schema(example = "msg_abc456")]
    pub message_id: String,
    /// Its text.
    #[schema(example = "今天天气怎么样")]
    pub content: String,
    /// Where it came from, or where the message it answers came from.
    #[schema(example = "telegram")]
    pub channel: String,
    /// Who wrote it, or wrote the message it answers, if the caller said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// `message.sent`: the message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// `message.sent`: the model that answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// `message.sent`: tokens used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The caller's own notes on the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

/// What `session.created` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SessionEvent {
    /// The new session.
    pub session_id: String,
    /// Where its first message came from.
    pub channel: String,
}

/// What the events of agents tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AgentEvent {
    /// The agent.
    #[schema(example = "agt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub agent_id: String,
    /// What it was asked to do; its first 200 characters in `agent.started`, `agent.step` and `agent.requires_action`.
    pub task: String,
    /// The model it was given.
    pub model: String,
    /// Where it stands after what this event tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<AgentStatus>,
    /// `agent.completed`: why it completed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_reason: Option<StopReason>,
    /// Its caller's short name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Its parent, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<String>,
    /// The top of its tree, if it is not the agent itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_id: Option<String>,
    /// The conversation it belongs to, if its caller said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// `agent.step`: the step that is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<AgentStepFacts>,
    /// `agent.requires_action`: what it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_actions: Option<Vec<RequiredAction>>,
    /// What it had found; `agent.completed`, and `agent.error` where a limit cut it off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    /// `agent.error`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<FaultEvent>,
    /// Tokens used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// The caller's own notes on the agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Metadata>,
}

/// What `agent.step` tells of the step; `GET /agents/{id}/steps` tells all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgentStepFacts {
    /// Its place, from 1.
    pub number: u64,
    /// What it was.
    pub kind: AgentStepKind,
    /// How it ended.
    pub status: AgentStepStatus,
    /// The tool that was called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
}

/// What `system.error` tells, and why an agent failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FaultEvent {
    /// A stable name, such as `provider_down`.
    pub code: String,
    /// For people.
    pub message: String,
}

/// What `rate_limit.exceeded` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RateLimitEvent {
    /// The key that went over.
    pub key_id: String,
    /// How many requests were refused since it was last told.
    pub count: u64,
    /// The key's rate.
    pub requests_per_minute: u32,
}

/// What `schedule.fired` and `schedule.skipped` tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleEvent {
    /// The schedule.
    #[schema(example = "sch_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub schedule_id: String,
    /// What it is called.
    #[schema(example = "nightly-report")]
    pub name: String,
    /// The slot, before jitter; of a run by hand, when it was asked for.
    pub slot: Timestamp,
    /// Whether its time came, or somebody ran it by hand.
    pub trigger: RunTrigger,
    /// `schedule.fired`: the agent that was spawned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "agt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub agent_id: Option<String>,
    /// `schedule.skipped`: why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<SkipReason>,
    /// The same for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How many slots in a row this tells of.
    #[schema(example = 1)]
    pub count: u64,
    /// The last of those slots, if there are several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_slot: Option<Timestamp>,
}

/// What `endpoint.disabled` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndpointEvent {
    /// The endpoint, which keeps its queue.
    #[schema(example = "whe_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub endpoint_id: String,
    /// Why.
    pub reason: DisabledReason,
}

/// What `webhook.test` tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WebhookTestEvent {
    /// The endpoint that is tested.
    #[schema(example = "whe_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub endpoint_id: String,
    /// For people.
    pub message: String,
}

/// What any event tells a receiver in place of its own `data` when that is larger than [`THIN_ABOVE_BYTES`]: where to fetch it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ThinEvent {
    /// Always true; no other event has this member.
    pub thin: bool,
    /// The bytes of the whole event.
    #[schema(example = 300_000)]
    pub bytes: u64,
    /// Where it is, below the gateway's base URL; needs a key with the scope `events`.
    #[schema(example = "/api/v1/events/evt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub event_url: String,
}

/// The bytes of an event, unsigned, above which it is sent thin: 256 KiB.
pub const THIN_ABOVE_BYTES: usize = 256 * 1024;

/// An event before it is signed, in the order in which its members are written.
///
/// Serialised once, compact; what is stored is what is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event<D> {
    /// Its name.
    pub event: EventName,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What it tells.
    pub data: D,
    /// Its id, the same on every delivery and attempt.
    pub id: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_events_are_documented_and_every_name_reads_back() {
        assert_eq!(EventName::ALL.iter().filter(|event| event.is_documented()).count(), 7);
        for event in EventName::ALL {
            assert_eq!(EventName::parse(event.as_str()), Some(*event));
            assert_eq!(serde_json::to_string(event).expect("json"), format!("\"{}\"", event.as_str()));
        }
    }

    #[test]
    fn an_event_is_written_in_the_documented_order() {
        let event = Event {
            event: EventName::MessageReceived,
            timestamp: Timestamp::parse("2026-04-17T01:20:00Z").expect("a time"),
            data: MessageEvent {
                session_id: "user_123".into(),
                message_id: "msg_abc456".into(),
                content: "今天天气怎么样".into(),
                channel: "telegram".into(),
                user: Some(User { id: "tg_user_789".into(), username: Some("john_doe".into()) }),
                reply_to: None,
                model: None,
                usage: None,
                metadata: None,
            },
            id: "evt_1".into(),
        };
        assert_eq!(
            serde_json::to_string(&event).expect("json"),
            r#"{"event":"message.received","timestamp":"2026-04-17T01:20:00Z","data":{"session_id":"user_123","message_id":"msg_abc456","content":"今天天气怎么样","channel":"telegram","user":{"id":"tg_user_789","username":"john_doe"}},"id":"evt_1"}"#
        );
    }
}
