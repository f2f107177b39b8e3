//! One event to one URL, exactly as the gateway would deliver it.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use openclaw_core::webhook::secret_from_random;
use openclaw_core::{EndpointFormat, IdKind, Webhook};
use serde::Serialize;

use super::super::CliError;
use super::super::remote::Remote;
use crate::clock::Clock;
use crate::config::OutboundConfig;
use crate::format::{AttemptContext, Payload, render};
use crate::outbound::{DeliverRequest, Outbound, Reach};

/// Where events go, and what signs them.
pub(super) struct Forward {
    pub(super) url: String,
    pub(super) secret: String,
    outbound: Outbound,
    config: OutboundConfig,
    clock: Clock,
}

/// What came of a POST.
#[derive(Debug, Serialize)]
pub(super) struct Forwarded {
    /// The receiver's status, if it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    /// How long it took.
    pub(super) duration_ms: u64,
    /// Why it is not received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

impl Forwarded {
    /// Whether the gateway would count it as received.
    pub(super) fn is_received(&self) -> bool {
        self.error.is_none()
    }
}

impl Forward {
    /// To that URL, signed with that secret, else with a new one.
    pub(super) fn new(remote: &Remote, url: String, secret: Option<String>) -> Result<Self, CliError> {
        Self::with(remote.outbound.clone(), remote.config.outbound.clone(), remote.clock.clone(), url, secret)
    }

    /// The same without a gateway.
    pub(super) fn with(
        outbound: Outbound,
        config: OutboundConfig,
        clock: Clock,
        url: String,
        secret: Option<String>,
    ) -> Result<Self, CliError> {
        let refused = |refused: crate::outbound::Refused| CliError::Argument(format!("--forward {url}: {refused}"));
        outbound.check_url(&url, Reach::Operator).map_err(refused)?;
        let secret = secret.unwrap_or_else(|| secret_from_random(clock.random()));
        Webhook::new(secret.as_str()).map_err(|error| CliError::Argument(format!("--secret: {error}")))?;
        Ok(Self { url, secret, outbound, config, clock })
    }

    /// POSTs an event once. What it signed it checks first, as a receiver would.
    pub(super) async fn send(&self, payload: Payload) -> Forwarded {
        let now = self.clock.now();
        let delivery_id = self.clock.id(IdKind::Delivery);
        let workspace = openclaw_core::key::WORKSPACE_DEFAULT;
        let attempt = AttemptContext { delivery_id: &delivery_id, number: 1, workspace, now };
        let secrets = std::slice::from_ref(&self.secret);
        let rendered = match render(EndpointFormat::Openclaw, &[payload.thinned()], None, secrets, &self.url, attempt) {
            Ok(rendered) => rendered,
            Err(error) => return failed(error.to_string(), Duration::ZERO),
        };
        let headers = rendered.header_map();
        if let Err(error) = self.verify(&rendered.body, &headers) {
            return failed(format!("its own signature is not genuine: {error}"), Duration::ZERO);
        }
        let body = Bytes::from(rendered.body);
        let request = DeliverRequest::new(&self.config, Reach::Operator, rendered.url, headers, body);
        match self.outbound.deliver(request).await {
            Err(error) => failed(error.message, error.duration),
            Ok(answer) => {
                let said = String::from_utf8_lossy(&answer.body);
                let said = said.lines().next().unwrap_or_default();
                let error = (!answer.status.is_success()).then(|| match said {
                    "" => format!("the receiver answered {}", answer.status.as_u16()),
                    said => format!("the receiver answered {}: {said}", answer.status.as_u16()),
                });
                Forwarded { status: Some(answer.status.as_u16()), duration_ms: millis(answer.duration), error }
            }
        }
    }

    fn verify(&self, body: &[u8], headers: &HeaderMap) -> Result<(), openclaw_core::WebhookError> {
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Webhook::new(self.secret.as_str())?.verify(body, header, self.clock.now()).map(|_| ())
    }
}

fn failed(error: String, duration: Duration) -> Forwarded {
    Forwarded { status: None, duration_ms: millis(duration), error: Some(error) }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
