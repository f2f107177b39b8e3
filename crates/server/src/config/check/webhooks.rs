//! Rules of `webhooks`.

use openclaw_core::{EndpointFormat, EventName, KeySecret};

use super::{Findings, is_http_url};
use crate::config::decode::nearest;
use crate::config::{Config, EndpointConfig};

/// Standard Webhooks asks for 24 to 64 bytes.
const SECRET_BYTES_ADVISED: usize = 24;

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let root = config.gateway.api.auth.secret.as_deref();
    for (index, endpoint) in config.webhooks.endpoints.iter().enumerate() {
        let path = format!("webhooks.endpoints[{index}]");
        if !is_http_url(&endpoint.url) {
            findings.fault(format!("{path}.url"), "is not an http:// or https:// URL");
        }
        let others = &config.webhooks.endpoints[..index];
        if endpoint.name.is_some() && others.iter().any(|other| other.name == endpoint.name) {
            findings.fault(format!("{path}.name"), "is the name of another endpoint");
        }
        check_events(&path, endpoint, findings);
        check_secrets(&path, endpoint, root, findings);
    }
}

fn check_events(path: &str, endpoint: &EndpointConfig, findings: &mut Findings) {
    if endpoint.events.is_empty() {
        findings.fault_with_help(format!("{path}.events"), "is empty", "name events, or write [\"*\"] for all");
    }
    for (index, event) in endpoint.events.iter().enumerate() {
        if EndpointConfig::is_event_pattern(event) {
            continue;
        }
        let names = || EventName::ALL.iter().map(|event| event.as_str());
        let help = match nearest(event, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "the events are {}; `agent.*` is all of a kind, `*` all",
                names().collect::<Vec<_>>().join(", ")
            ),
        };
        findings.fault_with_help(format!("{path}.events[{index}]"), "is not an event", help);
    }
}

fn check_secrets(path: &str, endpoint: &EndpointConfig, root: Option<&str>, findings: &mut Findings) {
    let make = "make one: openssl rand -hex 32";
    if endpoint.secret.is_none() && endpoint.format() == EndpointFormat::Openclaw {
        findings.fault_with_help(path, "has no `secret`", make);
    }
    let path = format!("{path}.secret");
    let secrets = endpoint.secrets();
    if endpoint.secret.is_some() && secrets.is_empty() {
        findings.fault_with_help(&path, "is empty", make);
    }
    for (index, secret) in secrets.iter().enumerate() {
        let path = if secrets.len() > 1 { format!("{path}[{index}]") } else { path.clone() };
        if secret.is_empty() {
            findings.fault_with_help(&path, "is empty", make);
        } else if Some(secret.as_str()) == root || secret.starts_with(KeySecret::PREFIX) {
            findings.fault_with_help(
                path,
                "is an API key too: whoever receives the webhook could call the API with it",
                make,
            );
        } else if endpoint.format() != EndpointFormat::Openclaw {
            // Its platform made it.
        } else if secret.len() < SECRET_BYTES_ADVISED {
            findings.warn(format!("{path} is shorter than {SECRET_BYTES_ADVISED} bytes; {make}"));
        } else if secret.trim() != secret {
            findings.warn(format!("{path} begins or ends with a blank or a line break; receivers may cut it off"));
        }
    }
}
