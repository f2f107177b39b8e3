//! `client.events()`: what happened in this workspace, read back or followed.

use openclaw_core::StoredEvent;

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply};

mod stream;

pub use stream::{EventStream, FollowEvents};

/// The query parameter that says which events.
const EVENTS: &str = "events";

resource! {
    /// Reads and follows events.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, EventData};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let mut events = client.events().stream().events(["message.*"]).await?;
    /// while let Some(event) = events.next().await {
    ///     if let EventData::Message(message) = event?.typed() {
    ///         println!("{}: {}", message.session_id, message.content);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Events
}

impl Events {
    /// Gets an event by its id, `evt_…`.
    pub fn get(&self, id: &str) -> Reply<StoredEvent> {
        self.transport.json(Call::get("/events/{id}").id(id), &self.options)
    }

    /// Lists events, oldest first; see [`List::events`]. The id of an event is its cursor for [`List::after`].
    pub fn list(&self) -> List<StoredEvent> {
        List::new(&self.transport, &self.options, Call::get("/events"))
    }

    /// Follows events from now on; see [`FollowEvents::after`] to begin earlier.
    pub fn stream(&self) -> FollowEvents {
        FollowEvents::new(&self.transport, &self.options)
    }
}

impl List<StoredEvent> {
    /// Only events of these names or patterns: `agent.*` is all of a noun, `*` every documented one.
    pub fn events(self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.query(EVENTS, joined(patterns))
    }
}

/// Names and patterns as they stand in the query.
fn joined(patterns: impl IntoIterator<Item = impl Into<String>>) -> String {
    patterns.into_iter().map(Into::into).collect::<Vec<String>>().join(",")
}
