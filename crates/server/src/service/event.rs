//! Events: made, announced, read back.

use openclaw_core::event::{Event, FaultEvent};
use openclaw_core::{EventName, EventPattern, IdKind, Scope, Timestamp};
use serde::Serialize;

use super::{Caller, ServiceError};
use crate::app::App;
use crate::store::{NewEvent, PageQuery, Rows};

/// The workspace that faults of the gateway itself are told to.
const OPERATOR_WORKSPACE: &str = openclaw_core::key::WORKSPACE_DEFAULT;

/// Makes an event, to be stored in the transaction of the change that it tells of.
pub fn new<D: Serialize>(app: &App, name: EventName, now: Timestamp, data: D) -> NewEvent {
    let id = app.clock.id(IdKind::Event);
    let payload = serde_json::to_string(&Event { event: name, timestamp: now, data, id: id.clone() })
        .expect("our own types serialise");
    NewEvent { id, name, payload, deliver_to: Vec::new() }
}

/// Stores an event that tells of no other change, and wakes whoever waits for events.
pub async fn announce<D: Serialize>(
    app: &App,
    workspace: &str,
    name: EventName,
    data: D,
) -> Result<String, ServiceError> {
    let now = app.clock.now();
    let event = new(app, name, now, data);
    let id = event.id.clone();
    app.store.append_event(workspace.to_owned(), event, now).await?;
    app.event_stored.ring();
    Ok(id)
}

/// Stores an event about the gateway itself.
pub async fn announce_to_operator<D: Serialize>(app: &App, name: EventName, data: D) -> Result<String, ServiceError> {
    announce(app, OPERATOR_WORKSPACE, name, data).await
}

/// Tells the operator of a fault, once a minute and kind. Never fails and never tells of itself.
pub async fn announce_fault(app: &App, code: &'static str, message: String) {
    if !app.faults.may_tell(code, app.clock.now()) {
        return;
    }
    let fault = FaultEvent { code: code.to_owned(), message };
    if let Err(error) = announce_to_operator(app, EventName::SystemError, fault).await {
        tracing::error!(%error, code, "a fault could not be announced");
    }
}

/// The workspace's events, oldest first, as they were sent but unsigned.
pub async fn list(
    app: &App,
    caller: &Caller,
    patterns: Vec<EventPattern>,
    page: PageQuery,
) -> Result<Rows<String>, ServiceError> {
    caller.require(Scope::Events)?;
    Ok(app.store.list_events(caller.workspace().to_owned(), patterns, page).await?)
}

/// The event of that id.
pub async fn get(app: &App, caller: &Caller, id: String) -> Result<String, ServiceError> {
    caller.require(Scope::Events)?;
    let found = app.store.find_event(caller.workspace().to_owned(), id.clone()).await?;
    let message = format!("there is no event `{id}`; events are kept `storage.retention.events_days`");
    found.ok_or(ServiceError::NotFound { code: "event_not_found", message })
}

/// The id of the workspace's latest event, after which a stream of new ones begins.
pub async fn latest(app: &App, caller: &Caller) -> Result<Option<String>, ServiceError> {
    caller.require(Scope::Events)?;
    Ok(app.store.latest_event(caller.workspace().to_owned()).await?)
}

/// Reads patterns of event names.
pub fn patterns<'a>(
    words: impl IntoIterator<Item = &'a str>,
    param: &'static str,
) -> Result<Vec<EventPattern>, ServiceError> {
    let read = |word: &str| {
        let message =
            || format!("`{word}` is no event; `*` stands for all documented ones, `agent.*` for all of a noun");
        EventPattern::parse(word).ok_or_else(|| ServiceError::invalid("event_unknown", param, message()))
    };
    words.into_iter().map(read).collect()
}
