//! Samples: what each event may look like, to try a receiver with before anything has happened.

use serde_json::value::RawValue;

use super::EventName;

/// What an event of that name might tell; `data` as it is sent, member by member.
pub fn sample(name: EventName) -> Box<RawValue> {
    RawValue::from_string(text(name).to_owned()).expect("each text below is JSON, which a test reads")
}

const AGENT_QUEUED: &str = r#"{"agent_id":"agt_01kpcmepg0t7q4c9x5b1n0d8ra","task":"分析这份文档","model":"gpt-4o"}"#;

const fn text(name: EventName) -> &'static str {
    match name {
        EventName::MessageReceived => {
            r#"{"session_id":"user_123","message_id":"msg_abc456","content":"今天天气怎么样","channel":"telegram","user":{"id":"tg_user_789","username":"john_doe"}}"#
        }
        EventName::MessageSent => {
            r#"{"session_id":"user_123","message_id":"msg_abc457","content":"今天晴，26 度。","channel":"telegram","user":{"id":"tg_user_789","username":"john_doe"},"reply_to":"msg_abc456","model":"claude-3-5-sonnet-20241022","usage":{"input_tokens":45,"output_tokens":156}}"#
        }
        EventName::AgentSpawned | EventName::AgentStarted | EventName::AgentStep | EventName::AgentRequiresAction => {
            AGENT_QUEUED
        }
        EventName::AgentCompleted => {
            r#"{"agent_id":"agt_01kpcmepg0t7q4c9x5b1n0d8ra","task":"分析这份文档","model":"gpt-4o","output":"**结论：**本周销售额环比增长 12%。","usage":{"input_tokens":1200,"output_tokens":345}}"#
        }
        EventName::AgentError => {
            r#"{"agent_id":"agt_01kpcmepg0t7q4c9x5b1n0d8ra","task":"分析这份文档","model":"gpt-4o","error":{"code":"timeout","message":"the agent did not end within 300 seconds"},"usage":{"input_tokens":1200,"output_tokens":0}}"#
        }
        EventName::SystemError => {
            r#"{"code":"provider_down","message":"anthropic: no connection: Connection refused (os error 111)"}"#
        }
        EventName::RateLimitExceeded => {
            r#"{"key_id":"key_01kpcmepg0t7q4c9x5b1n0d8ra","count":7,"requests_per_minute":60}"#
        }
        EventName::SessionCreated => r#"{"session_id":"user_123","channel":"telegram"}"#,
        EventName::ScheduleFired => {
            r#"{"schedule_id":"sch_01kpcmepg0t7q4c9x5b1n0d8ra","name":"nightly-report","slot":"2026-04-17T00:00:00Z","trigger":"slot","agent_id":"agt_01kpcmepg0t7q4c9x5b1n0d8ra","count":1}"#
        }
        EventName::ScheduleSkipped => {
            r#"{"schedule_id":"sch_01kpcmepg0t7q4c9x5b1n0d8ra","name":"nightly-report","slot":"2026-04-17T00:00:00Z","trigger":"slot","reason":"overlap","message":"the agent of the slot before it still runs","count":1}"#
        }
        EventName::EndpointDisabled => r#"{"endpoint_id":"whe_01kpcmepg0t7q4c9x5b1n0d8ra","reason":"failing"}"#,
        EventName::WebhookTest => {
            r#"{"endpoint_id":"whe_01kpcmepg0t7q4c9x5b1n0d8ra","message":"A test of this endpoint, sent by hand."}"#
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;
    use crate::event::{EventData, StoredEvent};

    #[test]
    fn every_sample_has_the_type_of_its_event() {
        for name in EventName::ALL {
            let data = serde_json::from_str(sample(*name).get()).expect("JSON");
            let event = name.as_str().to_owned();
            let stored = StoredEvent { event, timestamp: Timestamp::from_millis(0), data, id: "evt_1".into() };
            assert_ne!(stored.typed(), EventData::Other, "{name:?}");
        }
    }
}
