//! One attempt: render, sign, POST, judge, and say what becomes of the deliveries that it carried.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openclaw_core::event::{EndpointEvent, FaultEvent};
use openclaw_core::{Attempt, DisabledReason, EventName, Timestamp};

use super::retry::wait_after;
use crate::app::App;
use crate::format::{AttemptContext, Payload, Rendered, Template, Verdict, judge, render, shown_url};
use crate::outbound::{DeliverAnswer, DeliverError, DeliverErrorKind, DeliverRequest, Reach};
use crate::service::{endpoint, event};
use crate::store::{AttemptOutcome, DueDelivery, NextStep, StoreError, StoredEndpoint};

/// How old an event may become while its platform only asks for patience, which is charged no attempt: 7 days.
const PATIENCE_MAX_MS: i64 = 7 * 86_400_000;
/// Failures for so long disable an endpoint: 5 days.
const FAILING_MAX_MS: i64 = 5 * 86_400_000;

/// What came of an attempt.
pub(super) struct Attempted {
    /// What becomes of each delivery that it carried.
    pub(super) outcomes: Vec<AttemptOutcome>,
    /// Whether the receiver took it.
    pub(super) received: bool,
    /// From when the first event happened to the end of the attempt.
    pub(super) lag: Duration,
    /// Until when the platform wants to be left alone.
    pub(super) pause_until: Option<Timestamp>,
    /// Why the endpoint is to be disabled, if so.
    disable: Option<DisabledReason>,
}

/// Makes an attempt at deliveries that are sent as one. Dropping the future closes the connection; all are due again.
pub(super) async fn make(app: Arc<App>, stored: Arc<StoredEndpoint>, deliveries: Vec<DueDelivery>) -> Attempted {
    let started_at = app.clock.now();
    let payloads: Vec<Payload> = deliveries.iter().filter_map(payload).collect();
    let happened = payloads.first().map_or(started_at, |payload| payload.timestamp);
    let answer = match rendered(&stored, &payloads, &deliveries, started_at) {
        Ok(rendered) => Ok(post(&app, &stored, rendered).await),
        Err(reason) => Err(reason),
    };
    let now = app.clock.now();
    let format = stored.endpoint.format;
    let (verdict, seen) = match answer {
        Err(reason) => (Verdict::GiveUp { reason: reason.clone() }, Seen { error: Some(reason), ..Seen::default() }),
        Ok(Err(error)) => (failed(&error), Seen::of_error(&error)),
        Ok(Ok(answer)) => {
            (judge(format, answer.status.as_u16(), answer.retry_after, &answer.body), Seen::of_answer(&answer))
        }
    };
    conclude(&app, &stored, &deliveries, &verdict, &seen, Moments { started_at, happened, now })
}

/// Writes what came of an attempt, and disables the endpoint if that is due.
pub(super) async fn settle(app: &App, stored: &StoredEndpoint, attempted: Attempted) -> Result<(), StoreError> {
    app.store.end_attempt(attempted.outcomes).await?;
    let reason = match attempted.disable {
        None if !attempted.received => failing_too_long(app, stored).await?,
        decided => decided,
    };
    if let Some(reason) = reason {
        disable(app, stored, reason).await?;
    }
    Ok(())
}

/// Whether it has done nothing but fail for days; only the store knows since when.
async fn failing_too_long(app: &App, stored: &StoredEndpoint) -> Result<Option<DisabledReason>, StoreError> {
    let since = app.store.failing_since(stored.row).await?;
    let is_long = |since: Timestamp| app.clock.now().as_millis() - since.as_millis() > FAILING_MAX_MS;
    Ok(since.is_some_and(is_long).then_some(DisabledReason::Failing))
}

#[derive(Clone, Copy)]
struct Moments {
    started_at: Timestamp,
    happened: Timestamp,
    now: Timestamp,
}

/// What an attempt left to be shown.
#[derive(Default)]
struct Seen {
    status_code: Option<u16>,
    response_body: Option<String>,
    error: Option<String>,
    duration: Duration,
}

impl Seen {
    fn of_answer(answer: &DeliverAnswer) -> Self {
        let response_body = (!answer.body.is_empty()).then(|| String::from_utf8_lossy(&answer.body).into_owned());
        Self { status_code: Some(answer.status.as_u16()), response_body, error: None, duration: answer.duration }
    }

    fn of_error(error: &DeliverError) -> Self {
        Self { error: Some(error.message.clone()), duration: error.duration, ..Self::default() }
    }
}

fn payload(delivery: &DueDelivery) -> Option<Payload> {
    let read = Payload::parse(delivery.payload.clone());
    let unreadable = |error: &_| tracing::error!(%error, delivery = delivery.id, "an event is not readable");
    Some(read.inspect_err(unreadable).ok()?.thinned())
}

fn rendered(
    stored: &StoredEndpoint,
    payloads: &[Payload],
    deliveries: &[DueDelivery],
    now: Timestamp,
) -> Result<Rendered, String> {
    let endpoint = &stored.endpoint;
    let first = deliveries.first().ok_or("there is nothing to send")?;
    let attempt =
        AttemptContext { delivery_id: &first.id, number: first.attempt_count + 1, workspace: &first.workspace, now };
    let parse = |text: &String| Template::parse(endpoint.format, text);
    let template = endpoint.template.as_ref().map(parse).transpose().map_err(|error| error.to_string())?;
    let active = stored.secrets.iter().filter(|secret| secret.until_ms.is_none_or(|until| until > now.as_millis()));
    let secrets: Vec<String> = active.map(|secret| secret.secret.clone()).collect();
    render(endpoint.format, payloads, template.as_ref(), &secrets, &endpoint.url, attempt)
        .map_err(|error| error.to_string())
}

async fn post(app: &App, stored: &StoredEndpoint, rendered: Rendered) -> Result<DeliverAnswer, DeliverError> {
    let reach = if stored.workspace.is_none() { Reach::Operator } else { Reach::Public };
    let headers = rendered.header_map();
    let live = app.live.load_full();
    let body = Bytes::from(rendered.body);
    live.outbound.deliver(DeliverRequest::new(&live.config.outbound, reach, rendered.url, headers, body)).await
}

/// What a failure without an answer means: a forbidden address stays forbidden.
fn failed(error: &DeliverError) -> Verdict {
    let reason = error.message.clone();
    if error.kind == DeliverErrorKind::Refused {
        return Verdict::GiveUp { reason };
    }
    Verdict::Retry { after: None, counts: true, reason }
}

fn conclude(
    app: &App,
    stored: &StoredEndpoint,
    deliveries: &[DueDelivery],
    verdict: &Verdict,
    seen: &Seen,
    moments: Moments,
) -> Attempted {
    let now = moments.now;
    let (after, counts, reason) = match verdict {
        Verdict::Delivered => (None, true, None),
        Verdict::Retry { after, counts, reason } => (*after, *counts, Some(reason)),
        Verdict::GiveUp { reason } | Verdict::Disable { reason } => (None, true, Some(reason)),
    };
    let patience_ends = now.as_millis() - moments.happened.as_millis() > PATIENCE_MAX_MS;
    let outcome = |delivery: &DueDelivery| {
        let number = delivery.attempt_count + 1;
        let next = match verdict {
            Verdict::Delivered => NextStep::Succeed,
            Verdict::Retry { counts: false, .. } if patience_ends => NextStep::Die,
            Verdict::Retry { counts: false, .. } => NextStep::Retry(now.plus(after.unwrap_or(Duration::from_mins(1)))),
            Verdict::Retry { .. } => wait_after(number, after, u16::from_ne_bytes(app.clock.random()))
                .map_or(NextStep::Die, |wait| NextStep::Retry(now.plus(wait))),
            Verdict::GiveUp { .. } | Verdict::Disable { .. } => NextStep::Die,
        };
        let attempt = counts.then(|| Attempt {
            number,
            started_at: moments.started_at,
            duration_ms: u64::try_from(seen.duration.as_millis()).unwrap_or(u64::MAX),
            status_code: seen.status_code,
            response_body: seen.response_body.clone(),
            error: seen.error.clone().or_else(|| reason.cloned()),
        });
        AttemptOutcome { delivery: delivery.row, endpoint: stored.row, attempt, next, now }
    };
    if let Some(reason) = reason {
        let url = shown_url(stored.endpoint.format, &stored.endpoint.url);
        tracing::debug!(endpoint = stored.endpoint.id, url, reason, "an attempt failed");
    }
    let is_gone = matches!(verdict, Verdict::Disable { .. });
    Attempted {
        outcomes: deliveries.iter().map(outcome).collect(),
        received: *verdict == Verdict::Delivered,
        lag: Duration::from_millis(u64::try_from(now.as_millis() - moments.happened.as_millis()).unwrap_or(0)),
        pause_until: if counts { None } else { after.map(|wait| now.plus(wait)) },
        disable: is_gone.then_some(DisabledReason::Gone),
    }
}

async fn disable(app: &App, stored: &StoredEndpoint, reason: DisabledReason) -> Result<(), StoreError> {
    let now = app.clock.now();
    let id = &stored.endpoint.id;
    let workspace = stored.workspace.clone().unwrap_or_else(|| openclaw_core::key::WORKSPACE_DEFAULT.to_owned());
    let told = EndpointEvent { endpoint_id: id.clone(), reason };
    let message = format!(
        "the webhook endpoint {id} was disabled ({}) and keeps its queue: PATCH its `status` to `enabled` to send it",
        reason.as_str()
    );
    let fault = FaultEvent { code: "endpoint_disabled".into(), message };
    let events = vec![
        (workspace.clone(), event::new(app, EventName::EndpointDisabled, now, told)),
        (workspace, event::new(app, EventName::SystemError, now, fault)),
    ];
    if app.store.disable_endpoint(stored.row, reason, events, now).await? {
        tracing::warn!(endpoint = id, reason = reason.as_str(), "an endpoint was disabled");
        app.event_stored.ring();
    }
    endpoint::refresh(app).await.map_err(|error| StoreError::Engine(error.to_string()))
}
