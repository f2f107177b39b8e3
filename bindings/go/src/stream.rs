//! A streamed reply, in batches.

use std::borrow::Cow;
use std::collections::BTreeMap;

use openclaw_client_ffi::{Pump, Taken};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::error::CallError;
use crate::response::Response;

/// A streamed reply. Dropping it hangs up.
#[derive(uniffi::Object)]
pub struct Stream(Pump);

/// One event of a stream.
#[derive(uniffi::Enum)]
pub enum StreamEvent {
    /// Pieces of a reply, one after the other: by far the most frequent event.
    Chunks {
        /// The reply's message id.
        id: String,
        /// The session it belongs to.
        session_id: String,
        /// The pieces of text.
        contents: Vec<String>,
    },
    /// Any other.
    Other {
        /// Its name.
        name: String,
        /// Its id, where it is one of the gateway's stored events.
        id: Option<String>,
        /// A JSON object.
        data: String,
    },
}

impl Stream {
    pub(crate) fn new(pump: Pump) -> Self {
        Self(pump)
    }
}

#[uniffi::export]
impl Stream {
    /// Waits until something has arrived, and gives all of it; nothing at the end.
    ///
    /// The first batch tells that the stream has begun, and may be empty. Dropping the future loses nothing.
    pub async fn next_batch(&self) -> Result<Option<Vec<StreamEvent>>, CallError> {
        match self.0.next_batch().await {
            Taken::Batch(batch) => Ok(Some(events(&batch))),
            Taken::Waiting | Taken::Ended => Ok(None),
            Taken::Failed(record) => Err(record.into()),
        }
    }

    /// Hangs up.
    pub fn close(&self) {
        self.0.close();
    }

    /// The id of the request, once the stream has begun.
    pub fn request_id(&self) -> Option<String> {
        self.0.request_id()
    }

    /// What the answer with which it began told, if the options ask for it.
    pub fn response(&self) -> Option<Response> {
        self.0.response().map(Response::from)
    }
}

/// An item of a batch as the pump writes it: an event, or the contents of chunks with what they share.
#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow, default)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    of: Option<&'a RawValue>,
    #[serde(borrow)]
    contents: Option<&'a RawValue>,
}

/// What chunks share.
#[derive(Deserialize)]
struct Shared {
    id: String,
    session_id: String,
}

fn events(batch: &str) -> Vec<StreamEvent> {
    let items: Vec<Item<'_>> = serde_json::from_str(batch).expect("the pump writes JSON of that form");
    let mut events = Vec::with_capacity(items.len());
    for item in items {
        if let (Some(of), Some(contents)) = (item.of, item.contents) {
            add_chunks(of, contents, &mut events);
        } else if let Some(data) = item.data {
            let id = item.id.map(Cow::into_owned);
            events.push(StreamEvent::Other { name: item.event.into_owned(), id, data: data.get().to_owned() });
        }
    }
    events
}

/// Chunks whose members are not what they should be, or hold half a letter, are left for Go to make something of.
fn add_chunks(of: &RawValue, contents: &RawValue, events: &mut Vec<StreamEvent>) {
    if let (Ok(Shared { id, session_id }), Ok(contents)) =
        (serde_json::from_str(of.get()), serde_json::from_str(contents.get()))
    {
        events.push(StreamEvent::Chunks { id, session_id, contents });
        return;
    }
    let mut members: BTreeMap<&str, &RawValue> = serde_json::from_str(of.get()).expect("the pump writes an object");
    let contents: Vec<&RawValue> = serde_json::from_str(contents.get()).expect("the pump writes an array");
    for content in contents {
        members.insert("content", content);
        let data = serde_json::to_string(&members).expect("JSON is written as it was read");
        events.push(StreamEvent::Other { name: "chunk".into(), id: None, data });
    }
}
