//! Endpoints: who is told of events, where and how.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Timestamp;

mod format;

pub use format::EndpointFormat;

/// The most bytes of an endpoint's URL.
pub const URL_BYTES_MAX: usize = 2048;
/// The fewest and the most bytes of a secret for [`EndpointFormat::Openclaw`]; a chat vendor makes its own.
pub const SECRET_BYTES: std::ops::RangeInclusive<usize> = 24..=256;
/// How long an old secret goes on signing if nobody says: a day.
pub const OVERLAP_SECONDS_DEFAULT: u32 = 24 * 60 * 60;
/// The longest that an old secret may go on signing: a week.
pub const OVERLAP_SECONDS_MAX: u32 = 7 * 24 * 60 * 60;

/// A webhook receiver, as it stands; never its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Endpoint {
    /// The endpoint's id.
    #[schema(example = "whe_01k8z6v3m2t7q4c9x5b1n0d8ra")]
    pub id: String,
    /// Where events are sent, by POST. Of a chat robot, whose URL is its credential, the host alone.
    #[schema(example = "https://your-app.com/webhooks/openclaw/message")]
    pub url: String,
    /// Names of events, `agent.*` for all of a noun, `*` for every documented one.
    #[schema(example = json!(["message.received", "message.sent"]))]
    pub events: Vec<String>,
    /// What is sent.
    pub format: EndpointFormat,
    /// How a chat robot's message is worded, if not as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether it is sent anything.
    pub status: EndpointStatus,
    /// Why it is disabled; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_reason: Option<DisabledReason>,
    /// Who made it.
    pub source: EndpointSource,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Without the URL, which may be a credential.
impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("id", &self.id)
            .field("events", &self.events)
            .field("format", &self.format)
            .field("status", &self.status)
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

/// Whether an endpoint is sent anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointStatus {
    /// It is sent what it asked for.
    #[default]
    Enabled,
    /// Its deliveries are kept and wait.
    Disabled,
}

impl EndpointStatus {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }

    /// The status of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Enabled, Self::Disabled].into_iter().find(|status| status.as_str() == word)
    }
}

/// Why an endpoint is disabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// A caller asked for it.
    Requested,
    /// Nothing but failure for 5 days.
    Failing,
    /// It answered 410 Gone.
    Gone,
}

impl DisabledReason {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Failing => "failing",
            Self::Gone => "gone",
        }
    }

    /// The reason of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Requested, Self::Failing, Self::Gone].into_iter().find(|reason| reason.as_str() == word)
    }
}

/// Who made an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndpointSource {
    /// A caller; changed by the API.
    Api,
    /// The operator; changed in the configuration file alone.
    Config,
}

impl EndpointSource {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Config => "config",
        }
    }

    /// The source of that word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Api, Self::Config].into_iter().find(|source| source.as_str() == word)
    }
}

/// An endpoint and what waits for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndpointWithQueue {
    /// The endpoint.
    #[serde(flatten)]
    pub endpoint: Endpoint,
    /// What waits for it, as of the last seconds.
    pub queue: EndpointQueue,
}

/// What waits for an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EndpointQueue {
    /// Deliveries that have not ended: due, being sent, or waiting for their next attempt.
    pub depth: u64,
    /// For how many seconds the longest due of them has been due; 0 if none is.
    pub lag_seconds: u64,
}

/// What to try an endpoint with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TestEndpointRequest {
    /// The event to send a sample of; absent: `webhook.test`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "message.received")]
    pub event: Option<String>,
}

/// An endpoint to make.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!({
    "url": "https://your-app.com/webhooks/openclaw/message",
    "events": ["message.received", "message.sent"]
}))]
pub struct CreateEndpointRequest {
    /// Where to POST, `http://` or `https://`, at most 2048 bytes. Private addresses are refused unless the operator allows them.
    pub url: String,
    /// Names of events, at least one; `agent.*` for all of a noun, `*` for every documented one.
    pub events: Vec<String>,
    /// The HMAC secret, 24 to 256 bytes; absent: one is made. For a chat robot, the one that its vendor gave; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// What to POST; absent: guessed from the URL's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<EndpointFormat>,
    /// How a chat robot's message is to be worded; absent: as usual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What it is for, at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Without the URL and the secret.
impl fmt::Debug for CreateEndpointRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateEndpointRequest")
            .field("events", &self.events)
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

/// An endpoint just made or given a new secret, with the secret that is shown this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedEndpoint {
    /// The secret that its receiver verifies with: the only copy. Absent for a chat robot that has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    pub secret: Option<String>,
    /// The endpoint as it may be shown.
    pub endpoint: Endpoint,
}

impl fmt::Debug for CreatedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedEndpoint").field("endpoint", &self.endpoint).finish_non_exhaustive()
    }
}

/// A change to an endpoint; what is absent stays.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UpdateEndpointRequest {
    /// Where to POST from now on, what waits included.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The events to tell of from now on, at least one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// What to POST from now on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<EndpointFormat>,
    /// The new wording; empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What it is for, at most 200 characters; empty removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `disabled` lets its deliveries wait, `enabled` sends them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<EndpointStatus>,
}

/// Without the URL.
impl fmt::Debug for UpdateEndpointRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpdateEndpointRequest")
            .field("events", &self.events)
            .field("format", &self.format)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// A new secret for an endpoint.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RotateSecretRequest {
    /// The new secret, 24 to 256 bytes; absent: one is made. A chat robot's must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// How many seconds the old one goes on signing beside it, at most 604800 (a week); absent: 86400 (a day). 0 ends it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 604_800)]
    pub overlap_seconds: Option<u32>,
}

/// Without the secret.
impl fmt::Debug for RotateSecretRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RotateSecretRequest").field("overlap_seconds", &self.overlap_seconds).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_reads_back_and_is_the_one_of_json() {
        for reason in [DisabledReason::Requested, DisabledReason::Failing, DisabledReason::Gone] {
            assert_eq!(DisabledReason::parse(reason.as_str()), Some(reason));
            assert_eq!(serde_json::to_value(reason).expect("json"), reason.as_str());
        }
    }

    #[test]
    fn debug_shows_neither_secret_nor_url() {
        let create = CreateEndpointRequest {
            url: "https://oapi.dingtalk.com/robot/send?access_token=tok3n".into(),
            secret: Some("s3cret".into()),
            ..Default::default()
        };
        let rotate = RotateSecretRequest { secret: Some("s3cret".into()), overlap_seconds: None };
        let update = UpdateEndpointRequest { url: Some(create.url.clone()), ..Default::default() };
        let shown = format!("{create:?} {rotate:?} {update:?}");
        assert!(!shown.contains("tok3n") && !shown.contains("s3cret"), "{shown}");
    }
}
