//! `openclaw webhooks trigger`: a sample of any event, to an endpoint through the gateway, or straight to a URL.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use openclaw_core::event::{Event, sample};
use openclaw_core::{
    Attempt, DeliveryStatus, DeliveryWithAttempts, Endpoint, EventName, IdKind, Page, TestEndpointRequest,
};

use super::super::CliError;
use super::super::remote::{Remote, RemoteArguments, RemoteError};
use super::forward::{Forward, Forwarded};
use super::screen::Screen;
use crate::clock::Clock;
use crate::config::{Environment, OutboundConfig, Source};
use crate::format::Payload;
use crate::outbound::Outbound;

/// How often the gateway is asked what became of the delivery, and how often at the most: 30 s in all.
const ASK_EVERY: Duration = Duration::from_millis(100);
const ASKED_MAX: u32 = 300;

/// What to send, and where.
#[derive(Debug, Args)]
pub(in crate::cli) struct TriggerArguments {
    #[command(flatten)]
    remote: RemoteArguments,
    /// The event, such as message.received.
    #[arg(value_parser = event)]
    event: EventName,
    /// The gateway delivers it to this endpoint, as a test [default: the only endpoint there is].
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// POST it there from here, without a gateway.
    #[arg(long, value_name = "URL", conflicts_with_all = ["endpoint", "url", "key"])]
    forward: Option<String>,
    /// What signs it [default: a new one, printed].
    #[arg(long, requires = "forward")]
    secret: Option<String>,
}

/// Sends it, prints what came of it, and fails unless it was received.
pub(super) async fn run(arguments: TriggerArguments, config_path: Option<PathBuf>) -> Result<(), CliError> {
    let forwarded = match arguments.forward {
        Some(url) => straight(arguments.event, url, arguments.secret, config_path).await?,
        None => {
            let remote = Remote::find(arguments.remote, config_path)?;
            let failed = |error: RemoteError| CliError::Argument(format!("{}: {error}", remote.url));
            let endpoint = match arguments.endpoint {
                Some(endpoint) => endpoint,
                None => only_endpoint(&remote).await.map_err(failed)??,
            };
            delivered(&remote, &endpoint, arguments.event).await.map_err(failed)?
        }
    };
    Screen::new(false).forwarded(&forwarded)?;
    if forwarded.is_received() { Ok(()) } else { Err(CliError::Argument("it was not received".into())) }
}

async fn straight(
    name: EventName,
    url: String,
    secret: Option<String>,
    config_path: Option<PathBuf>,
) -> Result<Forwarded, CliError> {
    let config = Source::find(config_path, Environment::process())
        .load()
        .map_or_else(|_| OutboundConfig::default(), |loaded| loaded.config.outbound);
    let clock = Clock::system();
    let outbound = Outbound::new(&config, clock.clone());
    let is_new = secret.is_none();
    let forward = Forward::with(outbound, config, clock.clone(), url, secret)?;
    if is_new {
        Screen::notice(&format!("signing secret: {}", forward.secret))?;
    }
    let id = clock.id(IdKind::Event);
    let event = Event { event: name, timestamp: clock.now(), data: sample(name), id };
    let unsigned = serde_json::to_string(&event).expect("our own types serialise");
    let payload = Payload::parse(unsigned).expect("an event just written");
    let forwarded = forward.send(payload.clone()).await;
    Screen::new(false).event(&payload, None)?;
    Ok(forwarded)
}

/// The gateway's own delivery of it, once there was an attempt.
async fn delivered(remote: &Remote, endpoint: &str, event: EventName) -> Result<Forwarded, RemoteError> {
    let request = TestEndpointRequest { event: Some(event.as_str().to_owned()) };
    let path = format!("/api/v1/webhooks/endpoints/{endpoint}/test");
    let mut found: DeliveryWithAttempts = remote.post(&path, &request).await?;
    let _ = Screen::notice(&format!("{} to {endpoint}: {}", event.as_str(), found.delivery.id));
    for _ in 0..ASKED_MAX {
        if let Some(attempt) = found.attempts.last() {
            return Ok(outcome(attempt, found.delivery.status));
        }
        remote.clock.sleep(ASK_EVERY).await;
        found = remote.get(&format!("/api/v1/webhooks/deliveries/{}", found.delivery.id)).await?;
    }
    let error = "no attempt was made yet: the endpoint is disabled, is being left alone, or has much to take before it";
    Ok(Forwarded { status: None, duration_ms: 0, error: Some(error.to_owned()) })
}

fn outcome(attempt: &Attempt, status: DeliveryStatus) -> Forwarded {
    let unknown = || "it failed".to_owned();
    let error = (status != DeliveryStatus::Succeeded).then(|| attempt.error.clone().unwrap_or_else(unknown));
    Forwarded { status: attempt.status_code, duration_ms: attempt.duration_ms, error }
}

/// The workspace's endpoint, if there is one alone.
async fn only_endpoint(remote: &Remote) -> Result<Result<String, CliError>, RemoteError> {
    let page: Page<Endpoint> = remote.get("/api/v1/webhooks/endpoints?limit=100").await?;
    Ok(match page.data.as_slice() {
        [endpoint] => Ok(endpoint.id.clone()),
        [] => Err(CliError::Argument("there is no endpoint; make one, or use --forward URL".into())),
        several => {
            let lines: Vec<_> =
                several.iter().map(|endpoint| format!("\n  {}  {}", endpoint.id, endpoint.url)).collect();
            Err(CliError::Argument(format!(
                "there is more than one endpoint, choose with --endpoint:{}",
                lines.concat()
            )))
        }
    })
}

fn event(word: &str) -> Result<EventName, String> {
    let names = || EventName::ALL.iter().map(|event| event.as_str()).collect::<Vec<_>>().join(", ");
    EventName::parse(word).ok_or_else(|| format!("the events are {}", names()))
}
