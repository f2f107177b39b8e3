//! A streamed reply, in batches.

use std::borrow::Cow;

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
    /// A piece of a reply: by far the most frequent one, so its members are already apart.
    Chunk {
        /// The reply's message id.
        id: String,
        /// The session it belongs to.
        session_id: String,
        /// The next piece of text.
        content: String,
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

/// A piece of a stream as the pump writes it: an event.
#[derive(Deserialize)]
struct Piece<'a> {
    #[serde(borrow)]
    event: Cow<'a, str>,
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    data: &'a RawValue,
}

#[derive(Deserialize)]
struct Chunk {
    id: String,
    session_id: String,
    content: String,
}

fn events(batch: &str) -> Vec<StreamEvent> {
    let events: Vec<Piece<'_>> = serde_json::from_str(batch).expect("the pump writes JSON of that form");
    events.into_iter().map(StreamEvent::from).collect()
}

impl From<Piece<'_>> for StreamEvent {
    fn from(event: Piece<'_>) -> Self {
        if event.event == "chunk"
            && let Ok(Chunk { id, session_id, content }) = serde_json::from_str(event.data.get())
        {
            return Self::Chunk { id, session_id, content };
        }
        Self::Other {
            name: event.event.into_owned(),
            id: event.id.map(Cow::into_owned),
            data: event.data.get().to_owned(),
        }
    }
}
