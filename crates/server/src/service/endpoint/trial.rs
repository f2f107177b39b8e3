//! Trying an endpoint: one delivery to it alone, whatever it subscribes to.

use openclaw_core::event::{Event, WebhookTestEvent, sample};
use openclaw_core::{EventName, IdKind};

use super::find;
use crate::app::App;
use crate::service::{Caller, ServiceError, event};
use crate::store::{NewDelivery, NewEvent};

/// Sends one event to this endpoint alone; gives the delivery's id. Without a name it is a `webhook.test`, else a sample
/// of that event, which is stored as a test too: nothing has happened, so nobody else is told and no list of events has it.
pub async fn test(app: &App, caller: &Caller, id: String, name: Option<&str>) -> Result<String, ServiceError> {
    let found = find(app, caller, id).await?;
    let now = app.clock.now();
    let event = match name.map(named).transpose()?.filter(|name| *name != EventName::WebhookTest) {
        Some(name) => {
            let id = app.clock.id(IdKind::Event);
            let event = Event { event: name, timestamp: now, data: sample(name), id: id.clone() };
            let payload = serde_json::to_string(&event).expect("our own types serialise");
            NewEvent { id, name: EventName::WebhookTest, payload, deliver_to: Vec::new() }
        }
        None => {
            let message = "A test of this endpoint, sent by hand.".to_owned();
            let data = WebhookTestEvent { endpoint_id: found.endpoint.id.clone(), message };
            event::new(app, EventName::WebhookTest, now, data)
        }
    };
    let delivery_id = app.clock.id(IdKind::Delivery);
    let delivery = NewDelivery { id: delivery_id.clone(), event_seq: 0, endpoint: found.row };
    app.store.deliver_event(caller.workspace().to_owned(), event, delivery, now).await?;
    app.event_stored.ring();
    app.delivery_due.ring();
    Ok(delivery_id)
}

fn named(word: &str) -> Result<EventName, ServiceError> {
    let names = || EventName::ALL.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
    let unknown =
        || ServiceError::invalid("event_unknown", "event", format!("`{word}` is no event; they are {}", names()));
    EventName::parse(word).ok_or_else(unknown)
}
