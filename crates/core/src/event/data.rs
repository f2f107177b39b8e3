//! What an event tells, as JSON and in types.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    AgentEvent, EndpointEvent, EventName, FaultEvent, MessageEvent, RateLimitEvent, ScheduleEvent, SessionEvent,
    ThinEvent, WebhookTestEvent,
};
use crate::Timestamp;

/// An event as it was announced, of a known name or not; the members are in the order in which they are sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct StoredEvent {
    /// Its name.
    #[schema(example = "message.received")]
    pub event: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What it tells.
    #[schema(value_type = Object)]
    pub data: Value,
    /// Its id, the same on every delivery and attempt.
    #[schema(example = "evt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub id: String,
}

impl StoredEvent {
    /// Its name; `None` if a newer gateway announced an event that this version does not know.
    pub fn name(&self) -> Option<EventName> {
        EventName::parse(&self.event)
    }

    /// What it tells, in the type of its name.
    pub fn typed(&self) -> EventData {
        if self.data["thin"] == true {
            return ThinEvent::deserialize(&self.data).map_or(EventData::Other, EventData::Thin);
        }
        self.name().and_then(|name| EventData::read(name, &self.data).ok()).unwrap_or(EventData::Other)
    }
}

/// What an event tells, in the type that its name goes with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum EventData {
    /// Of `message.…`.
    Message(MessageEvent),
    /// Of `session.…`.
    Session(SessionEvent),
    /// Of `agent.…`.
    Agent(AgentEvent),
    /// Of `system.error`.
    Fault(FaultEvent),
    /// Of `rate_limit.exceeded`.
    RateLimit(RateLimitEvent),
    /// Of `schedule.…`.
    Schedule(ScheduleEvent),
    /// Of `endpoint.disabled`.
    Endpoint(EndpointEvent),
    /// Of `webhook.test`.
    Test(WebhookTestEvent),
    /// Of any name, but too large to be sent whole: fetch it.
    Thin(ThinEvent),
    /// Of a name, or in a form, that this version does not know; the JSON says all.
    Other,
}

impl EventData {
    fn read(name: EventName, data: &Value) -> serde_json::Result<Self> {
        match name {
            EventName::MessageReceived | EventName::MessageSent => MessageEvent::deserialize(data).map(Self::Message),
            EventName::SessionCreated => SessionEvent::deserialize(data).map(Self::Session),
            EventName::AgentSpawned
            | EventName::AgentStarted
            | EventName::AgentStep
            | EventName::AgentRequiresAction
            | EventName::AgentCompleted
            | EventName::AgentError => AgentEvent::deserialize(data).map(Self::Agent),
            EventName::SystemError => FaultEvent::deserialize(data).map(Self::Fault),
            EventName::RateLimitExceeded => RateLimitEvent::deserialize(data).map(Self::RateLimit),
            EventName::EndpointDisabled => EndpointEvent::deserialize(data).map(Self::Endpoint),
            EventName::WebhookTest => WebhookTestEvent::deserialize(data).map(Self::Test),
            EventName::ScheduleFired | EventName::ScheduleSkipped => {
                ScheduleEvent::deserialize(data).map(Self::Schedule)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn stored(event: &str, data: Value) -> StoredEvent {
        StoredEvent { event: event.into(), timestamp: Timestamp::from_millis(0), data, id: "evt_1".into() }
    }

    #[test]
    fn the_type_follows_the_name_and_new_members_are_passed_over() {
        let fault = stored("system.error", json!({"code": "disk_full", "message": "full", "since": "later"}));
        let expected = FaultEvent { code: "disk_full".into(), message: "full".into() };
        assert_eq!(fault.typed(), EventData::Fault(expected));
        assert_eq!(stored("system.error", json!({"url": "elsewhere"})).typed(), EventData::Other);
    }

    #[test]
    fn a_thin_event_says_where_the_whole_one_is() {
        let data = json!({"thin": true, "bytes": 300_000, "event_url": "/api/v1/events/evt_1"});
        let expected = ThinEvent { thin: true, bytes: 300_000, event_url: "/api/v1/events/evt_1".into() };
        assert_eq!(stored("message.sent", data).typed(), EventData::Thin(expected));
    }

    proptest! {
        #[test]
        fn unknown_events_are_read(name in "[a-z_]{1,20}\\.[a-z_]{1,20}", text: String, number: i64) {
            let json = json!({"event": name, "timestamp": "2026-04-17T01:20:00Z", "id": "evt_1", "new": number,
                "data": {"text": text, "number": number}});
            let event: StoredEvent = serde_json::from_value(json).expect("an event");
            prop_assert_eq!(&event.event, &name);
            prop_assert_eq!(event.data["text"].as_str(), Some(text.as_str()));
            if event.name().is_none() {
                prop_assert_eq!(event.typed(), EventData::Other);
            }
        }
    }
}
