//! `client.sessions()`: the conversations of this workspace, and what was said in them.

use openclaw_core::{Message, Session, UpdateSessionRequest};

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply};

resource! {
    /// Reads, changes and deletes sessions. A session is made by its first message.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, UpdateSessionRequest};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let change = UpdateSessionRequest { title: Some("Code help".into()), ..Default::default() };
    /// client.sessions().update("user_123", change).await?;
    ///
    /// let mut messages = client.sessions().messages("user_123").newest_first();
    /// while let Some(message) = messages.next().await {
    ///     println!("{}", message?.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Sessions
}

impl Sessions {
    /// Gets a session by its caller's name for it.
    pub fn get(&self, id: &str) -> Reply<Session> {
        self.transport.json(Call::get("/sessions/{id}").id(id), &self.options)
    }

    /// Lists the sessions, newest first.
    pub fn list(&self) -> List<Session> {
        List::new(&self.transport, &self.options, Call::get("/sessions"))
    }

    /// Changes title or metadata; what the change leaves out stays.
    pub fn update(&self, id: &str, change: UpdateSessionRequest) -> Reply<Session> {
        self.transport.json(Call::patch("/sessions/{id}", change).id(id), &self.options)
    }

    /// Deletes a session with its messages.
    pub fn delete(&self, id: &str) -> Reply<()> {
        self.transport.done(Call::delete("/sessions/{id}").id(id), &self.options)
    }

    /// Lists the messages of a session, oldest first; see [`List::newest_first`].
    pub fn messages(&self, id: &str) -> List<Message> {
        List::new(&self.transport, &self.options, Call::get("/sessions/{id}/messages").id(id))
    }
}

impl List<Message> {
    /// Begins with the newest message.
    pub fn newest_first(self) -> Self {
        self.query("order", "desc")
    }
}
