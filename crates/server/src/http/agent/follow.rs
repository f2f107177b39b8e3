//! An agent's events as a stream that ends after the last.

use std::sync::Arc;

use axum::body::Bytes;
use futures_util::{Stream, stream};
use openclaw_core::sse::write_event;
use serde::Deserialize;

use super::super::sse::{PING, PING_EVERY};
use crate::app::{App, Ear};
use crate::service::{Caller, ServiceError, agent};

/// Events written at once.
const BATCH: u32 = 100;

/// A place in an agent's events that moves on.
pub(super) struct Follower {
    app: Arc<App>,
    caller: Caller,
    id: String,
    after: Option<String>,
    ear: Ear,
    /// Read already: to be written first.
    read: Option<(Vec<(String, String)>, bool)>,
}

impl Follower {
    /// Begins with the first event, or after one; fails if there is no such agent or event.
    pub(super) async fn start(
        app: Arc<App>,
        caller: Caller,
        id: String,
        after: Option<String>,
    ) -> Result<Self, ServiceError> {
        let ear = app.agents.changed.listen(&id);
        let read = agent::events(&app, &caller, &id, after.clone(), BATCH).await?;
        Ok(Self { app, caller, id, after, ear, read: Some(read) })
    }

    /// Whether nothing more is to come.
    pub(super) fn is_over(&self) -> bool {
        self.read.as_ref().is_some_and(|(events, last)| events.is_empty() && *last)
    }

    pub(super) fn into_stream(self) -> impl Stream<Item = Bytes> + Send {
        stream::unfold(Some(self), |follower| async {
            let mut follower = follower?;
            let (bytes, ended) = follower.next().await?;
            Some((bytes, (!ended).then_some(follower)))
        })
    }

    /// The next events as bytes, or a sign of life, and whether they are the last; nothing when the gateway shuts down,
    /// the key is revoked or the store fails: the reader then comes back with `Last-Event-ID`.
    async fn next(&mut self) -> Option<(Bytes, bool)> {
        loop {
            let (events, last) = match self.read.take() {
                Some(read) => read,
                None => agent::events(&self.app, &self.caller, &self.id, self.after.clone(), BATCH).await.ok()?,
            };
            if !events.is_empty() {
                // A key that was revoked since learns nothing more.
                if !self.caller.is_still_valid(&self.app).await.ok()? {
                    return None;
                }
                return Some((self.write(events)?, last));
            }
            if last {
                return None;
            }
            let app = Arc::clone(&self.app);
            tokio::select! {
                heard = app.clock.timeout(PING_EVERY, self.ear.heard()) => {
                    if heard.is_err() {
                        return Some((PING, false));
                    }
                }
                () = app.tasks.draining().cancelled() => return None,
            }
        }
    }

    fn write(&mut self, events: Vec<(String, String)>) -> Option<Bytes> {
        #[derive(Deserialize)]
        struct Head {
            event: String,
        }
        let mut bytes = Vec::new();
        for (id, payload) in events {
            let head: Head = serde_json::from_str(&payload).ok()?;
            write_event(&mut bytes, &head.event, Some(&id), payload.as_bytes());
            self.after = Some(id);
        }
        Some(bytes.into())
    }
}
