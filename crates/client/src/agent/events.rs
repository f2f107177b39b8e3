//! An agent's events, over as many connections as it takes, until its last.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt};
use openclaw_core::{EventName, StoredEvent};

use crate::call::Call;
use crate::sse::Events;
use crate::transport::Transport;
use crate::{Error, Reply, RequestOptions, resume};

/// An agent's events: a `Stream`, or one [`next`](Self::next) at a time.
///
/// It ends after `agent.completed` or `agent.error`, at once if those are past, or after one error. A broken connection is taken up again after the
/// last event. Dropping it hangs up; the agent goes on.
pub struct AgentEvents {
    events: Option<Events>,
}

impl AgentEvents {
    pub(super) fn open(
        transport: &Transport,
        options: &RequestOptions,
        id: &str,
        after: Option<String>,
    ) -> Reply<Self> {
        let call = Call::get("/agents/{id}/events").id(id).streamed();
        let (transport, options) = (transport.clone(), options.clone());
        Reply::new(async move { Ok(Self { events: Some(resume::follow(transport, call, options, after).await?) }) })
    }

    /// The next event; `None` after the last. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<StoredEvent, Error>> {
        StreamExt::next(self).await
    }
}

impl Stream for AgentEvents {
    type Item = Result<StoredEvent, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(events) = &mut self.events else { return Poll::Ready(None) };
        let Some(taken) = ready!(events.as_mut().poll_next(context)) else {
            self.events = None;
            return Poll::Ready(None);
        };
        let taken = taken.and_then(|event| {
            serde_json::from_str::<StoredEvent>(&event.data).map_err(|error| Error::Decode {
                problem: format!("event `{}`: {error}", event.event),
                request_id: None,
            })
        });
        let is_last =
            |event: &StoredEvent| matches!(event.name(), Some(EventName::AgentCompleted | EventName::AgentError));
        if taken.as_ref().map_or(true, is_last) {
            self.events = None;
        }
        Poll::Ready(Some(taken))
    }
}

impl fmt::Debug for AgentEvents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AgentEvents").finish_non_exhaustive()
    }
}
