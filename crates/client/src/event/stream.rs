//! Events as they happen, over as many connections as it takes.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{Stream, StreamExt};
use openclaw_core::StoredEvent;

use crate::call::Call;
use crate::sse::Events;
use crate::transport::Transport;
use crate::{Error, Reply, RequestOptions, resume};

/// A stream of events to be opened: choose which, then await it.
///
/// ```no_run
/// use openclaw_client::Client;
///
/// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
/// let mut events = client.events().stream().events(["agent.*"]).after("evt_01k8z6v3m2t7q4c9x5b1n0d8ra").await?;
/// while let Some(event) = events.next().await {
///     println!("{}", event?.event);
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
#[derive(Clone, Debug)]
pub struct FollowEvents {
    transport: Transport,
    options: RequestOptions,
    call: Call,
    after: Option<String>,
}

impl FollowEvents {
    pub(crate) fn new(transport: &Transport, options: &RequestOptions) -> Self {
        let call = Call::get("/events/stream").streamed();
        Self { transport: transport.clone(), options: options.clone(), call, after: None }
    }

    /// Only events of these names or patterns: `agent.*` is all of a noun, `*` every documented one.
    pub fn events(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.call.set_query(super::EVENTS, super::joined(patterns));
        self
    }

    /// Begins after the event of that id instead of now.
    pub fn after(mut self, id: impl Into<String>) -> Self {
        self.after = Some(id.into());
        self
    }
}

impl IntoFuture for FollowEvents {
    type Output = Result<EventStream, Error>;
    type IntoFuture = Reply<EventStream>;

    fn into_future(self) -> Reply<EventStream> {
        Reply::new(async move {
            let Self { transport, options, call, after } = self;
            let last_id = after.clone();
            Ok(EventStream { events: Some(resume::follow(transport, call, options, after).await?), last_id })
        })
    }
}

/// Events as they happen: a `Stream`, or one [`next`](Self::next) at a time.
///
/// It never ends by itself: after a broken connection it waits, comes back, and goes on after the last event. It ends after
/// one error: a failure that does not pass, such as a revoked key, or ten tries in a row that brought nothing. Dropping it
/// hangs up.
pub struct EventStream {
    events: Option<Events>,
    last_id: Option<String>,
}

impl EventStream {
    /// The next event; `None` after an error. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<StoredEvent, Error>> {
        StreamExt::next(self).await
    }

    /// The id of the last event given, to go on after it another day with [`FollowEvents::after`].
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }
}

impl Stream for EventStream {
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
        match &taken {
            Ok(event) => self.last_id = Some(event.id.clone()),
            Err(_) => self.events = None,
        }
        Poll::Ready(Some(taken))
    }
}

impl fmt::Debug for EventStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("last_id", &self.last_id).finish_non_exhaustive()
    }
}
