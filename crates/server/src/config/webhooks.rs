//! `webhooks`: who is told of events.

use openclaw_core::{EndpointFormat, EventPattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `webhooks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WebhooksConfig {
    /// Whether events are delivered at all; they are stored either way.
    pub enabled: bool,
    /// The receivers.
    pub endpoints: Vec<EndpointConfig>,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self { enabled: true, endpoints: Vec::new() }
    }
}

/// `webhooks.endpoints[]`.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndpointConfig {
    /// What `schedules` call it; it is shown as its description too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where to POST, `http://` or `https://`.
    pub url: String,
    /// Names of events; `*` stands for every documented one, `agent.*` for all of a noun.
    pub events: Vec<String>,
    /// What the receiver understands; guessed from the host when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub format: Option<EndpointFormat>,
    /// The text that a chat robot is sent, with `{{data.path}}` placeholders; absent: a wording of ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// The HMAC secret, or a list of them while one is replaced: the first signs, all are announced. Only a chat robot may have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Secrets")]
    pub secret: Option<Secrets>,
}

impl EndpointConfig {
    /// What the receiver understands: as written, else guessed from the host.
    pub fn format(&self) -> EndpointFormat {
        let guess = || self.url.parse::<http::Uri>().ok()?.host().map(EndpointFormat::guess);
        self.format.or_else(guess).unwrap_or_default()
    }

    /// Whether it is meant by that name or URL.
    pub fn is_called(&self, word: &str) -> bool {
        self.name.as_deref() == Some(word) || self.url == word
    }

    /// The secrets, the primary first; none for a robot that has none.
    pub fn secrets(&self) -> &[String] {
        self.secret.as_ref().map(Secrets::as_slice).unwrap_or_default()
    }

    /// Whether a name in `events` is an event or a pattern of events.
    pub fn is_event_pattern(pattern: &str) -> bool {
        EventPattern::parse(pattern).is_some()
    }
}

impl std::fmt::Debug for EndpointConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EndpointConfig").field("events", &self.events).finish_non_exhaustive()
    }
}

/// One secret or several.
#[derive(Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Secrets(Vec<String>);

impl Secrets {
    /// From a list, the primary first.
    pub fn new(secrets: Vec<String>) -> Self {
        Self(secrets)
    }

    /// The secrets, the primary first.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Secrets {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMore;

        impl<'de> serde::de::Visitor<'de> for OneOrMore {
            type Value = Secrets;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a secret, or a list of secrets")
            }

            fn visit_str<E: serde::de::Error>(self, secret: &str) -> Result<Secrets, E> {
                Ok(Secrets(vec![secret.to_owned()]))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Secrets, A::Error> {
                let mut secrets = Vec::new();
                while let Some(secret) = list.next_element()? {
                    secrets.push(secret);
                }
                Ok(Secrets(secrets))
            }
        }

        deserializer.deserialize_any(OneOrMore)
    }
}

impl JsonSchema for Secrets {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Secrets".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
            ]
        })
    }
}
