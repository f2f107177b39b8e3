//! Events over HTTP: pages to catch up with, and a stream that goes on from where it broke off.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::Response;
use futures_util::stream;
use openclaw_core::sse::write_event;
use openclaw_core::{ErrorEnvelope, EventPattern, Page, StoredEvent};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;

use super::error::Failure;
use super::page::{PageParams, Params, page};
use super::sse::{self, PING, PING_EVERY};
use crate::app::{App, Ear};
use crate::service::{Caller, ServiceError, event};
use crate::store::{PageQuery, Rows};

/// Events written at once.
const BATCH: u32 = 100;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The place before every event.
const BEFORE_ALL: &str = "0";

/// Which events, as it stands in the URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct EventParams {
    /// Names or patterns, separated by commas: `message.*,agent.completed`; absent: all.
    events: Option<String>,
}

impl EventParams {
    fn patterns(&self) -> Result<Vec<EventPattern>, ServiceError> {
        event::patterns(self.events.iter().flat_map(|words| words.split(',')), "events")
    }
}

/// List events, oldest first. `after` is the id of the last one seen.
#[utoipa::path(
    get, path = "/api/v1/events", tag = "events", operation_id = "list_events", params(EventParams, PageParams),
    responses((status = 200, description = "A page of events.", body = Page<StoredEvent>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<EventParams>,
    Params(page_params): Params<PageParams>,
) -> Result<axum::Json<Page<Box<RawValue>>>, Failure> {
    let rows = event::list(&app, &caller, params.patterns()?, page_params.query()?).await?;
    let data = rows.data.into_iter().map(raw).collect::<Result<_, _>>()?;
    Ok(page(Rows { data, next: rows.next }))
}

/// Get an event.
#[utoipa::path(
    get, path = "/api/v1/events/{id}", tag = "events", operation_id = "get_event",
    params(("id" = String, Path, description = "The event's id, `evt_…`.")),
    responses((status = 200, description = "The event.", body = StoredEvent), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<Box<RawValue>>, Failure> {
    Ok(axum::Json(raw(event::get(&app, &caller, id).await?)?))
}

/// Follow events as server-sent events: each with its name as `event`, its id as `id`, itself as `data`.
///
/// Begins with what happens next, or after the event that `Last-Event-ID` names; `0` is before the oldest one kept. The answer
/// names the event after which it begins in a header of the same name, so that a reader that hears nothing yet can come back
/// too. Never ends by itself.
#[utoipa::path(
    get, path = "/api/v1/events/stream", tag = "events", operation_id = "stream_events",
    params(EventParams, ("Last-Event-ID" = Option<String>, Header, description = "Go on after this event; `0`: from the oldest one kept.")),
    responses((status = 200, description = "Events.", body = String, content_type = "text/event-stream"), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn follow(
    State(app): State<Arc<App>>,
    caller: Caller,
    headers: HeaderMap,
    Params(params): Params<EventParams>,
) -> Result<Response, Failure> {
    let last = headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok()).map(str::to_owned);
    let patterns = params.patterns()?;
    let ear = app.event_stored.listen();
    let after = match last {
        Some(id) if id == BEFORE_ALL => None,
        Some(id) => {
            event::get(&app, &caller, id.clone()).await?;
            Some(id)
        }
        None => event::latest(&app, &caller).await?,
    };
    let begins = HeaderValue::from_str(after.as_deref().unwrap_or(BEFORE_ALL)).ok();
    let follower = Follower { app, caller, patterns, after, ear };
    let body = stream::unfold(follower, |mut follower| async {
        let bytes = follower.next().await?;
        Some((bytes, follower))
    });
    let mut response = sse::response(body);
    if let Some(begins) = begins {
        response.headers_mut().insert(LAST_EVENT_ID, begins);
    }
    Ok(response)
}

/// A place in the order of events that moves on.
struct Follower {
    app: Arc<App>,
    caller: Caller,
    patterns: Vec<EventPattern>,
    after: Option<String>,
    ear: Ear,
}

impl Follower {
    /// The next events as bytes, or a sign of life; the end when the gateway shuts down, the key is revoked or the store
    /// fails: the reader then comes back with `Last-Event-ID`.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let page = PageQuery { limit: BATCH, after: self.after.clone() };
            let rows = event::list(&self.app, &self.caller, self.patterns.clone(), page).await.ok()?;
            if !rows.data.is_empty() {
                // A key that was revoked since learns nothing more.
                if !self.caller.is_still_valid(&self.app).await.ok()? {
                    return None;
                }
                return self.write(&rows.data);
            }
            let app = Arc::clone(&self.app);
            tokio::select! {
                heard = app.clock.timeout(PING_EVERY, self.ear.heard()) => {
                    if heard.is_err() {
                        return Some(PING);
                    }
                }
                () = app.tasks.draining().cancelled() => return None,
            }
        }
    }

    fn write(&mut self, payloads: &[String]) -> Option<Bytes> {
        #[derive(Deserialize)]
        struct Head {
            event: String,
            id: String,
        }
        let mut bytes = Vec::new();
        for payload in payloads {
            let head: Head = serde_json::from_str(payload).ok()?;
            write_event(&mut bytes, &head.event, Some(&head.id), payload.as_bytes());
            self.after = Some(head.id);
        }
        Some(bytes.into())
    }
}

fn raw(payload: String) -> Result<Box<RawValue>, ServiceError> {
    RawValue::from_string(payload)
        .map_err(|error| ServiceError::Internal(format!("a stored event is not JSON: {error}")))
}
