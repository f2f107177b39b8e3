//! Deliveries: one event to one endpoint, and each attempt at it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

/// The most bytes of an answer that are read and kept.
pub const RESPONSE_BODY_BYTES_MAX: usize = 16 * 1024;

/// One event to one endpoint, as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delivery {
    /// The delivery's id.
    #[schema(example = "dlv_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub id: String,
    /// The event's id.
    #[schema(example = "evt_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub event_id: String,
    /// The event's name.
    #[schema(example = "message.received")]
    pub event: String,
    /// The endpoint it goes to.
    #[schema(example = "whe_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub endpoint_id: String,
    /// How it stands.
    pub status: DeliveryStatus,
    /// Attempts made so far.
    pub attempt_count: u32,
    /// When the next attempt is due; pending ones only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<Timestamp>,
    /// When the event was queued for this endpoint.
    pub created_at: Timestamp,
    /// When it succeeded or was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It is due, being sent, or waits for its next attempt.
    Pending,
    /// The endpoint took it.
    Succeeded,
    /// Given up; kept 30 days, to be retried by hand.
    Dead,
}

impl DeliveryStatus {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Dead => "dead",
        }
    }

    /// The status of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Pending, Self::Succeeded, Self::Dead].into_iter().find(|status| status.as_str() == word)
    }
}

/// One POST of a delivery, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    /// Which attempt, from 1; also in the header `X-OpenClaw-Attempt`.
    #[schema(minimum = 1)]
    pub number: u32,
    /// When it began.
    pub started_at: Timestamp,
    /// How long it took in milliseconds, from connecting to the last byte read.
    pub duration_ms: u64,
    /// The HTTP status of the answer, if one came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 200)]
    pub status_code: Option<u16>,
    /// The first 16 KiB of the answer, if one came; bytes that are no UTF-8 are replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_body: Option<String>,
    /// Why it failed; absent if it did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// A delivery with every attempt at it, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DeliveryWithAttempts {
    /// The delivery.
    #[serde(flatten)]
    pub delivery: Delivery,
    /// The attempts.
    pub attempts: Vec<Attempt>,
}

/// What to send an endpoint again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecoverRequest {
    /// Events that happened from then on.
    pub since: Timestamp,
    /// Events that happened before then; absent: up to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Names or patterns of events; absent: all that the endpoint asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
}

/// What is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecoverResponse {
    /// How many deliveries were queued again; those that had succeeded are not.
    pub recovered: u64,
}

/// Which deliveries to make again; those that match all that is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetryDeliveriesRequest {
    /// To that endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "whe_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub endpoint_id: Option<String>,
    /// Of events of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "message.received")]
    pub event: Option<String>,
    /// In that status; absent: `dead`. `pending` ones are then due at once, `succeeded` ones are sent again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<DeliveryStatus>,
    /// Queued from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Queued before then; absent: up to now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

/// What is made again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RetryDeliveriesResponse {
    /// How many deliveries are due now.
    pub retried: u64,
    /// Whether more match than one call makes due: ask again.
    pub has_more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_and_its_attempts_are_one_object() {
        let delivery = Delivery {
            id: "dlv_1".into(),
            event_id: "evt_1".into(),
            event: "webhook.test".into(),
            endpoint_id: "whe_1".into(),
            status: DeliveryStatus::Pending,
            attempt_count: 0,
            next_attempt_at: None,
            created_at: Timestamp::from_millis(0),
            ended_at: None,
        };
        let whole = DeliveryWithAttempts { delivery, attempts: vec![] };
        let json = serde_json::to_string(&whole).expect("json");
        assert_eq!(
            json,
            r#"{"id":"dlv_1","event_id":"evt_1","event":"webhook.test","endpoint_id":"whe_1","status":"pending","attempt_count":0,"created_at":"1970-01-01T00:00:00Z","attempts":[]}"#
        );
        assert_eq!(serde_json::from_str::<DeliveryWithAttempts>(&json).expect("a delivery"), whole);
    }
}
