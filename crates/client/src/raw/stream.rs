//! The events of a streamed reply as they come, their data as the JSON text that came.

use std::fmt;
use std::time::Duration;

use futures_util::StreamExt;
use openclaw_core::EventName;
use openclaw_core::chat::stream_event;
use openclaw_core::sse::SseEvent;

use super::check_object;
use crate::call::Call;
use crate::error::{ApiError, request_id};
use crate::sse::{self, Events};
use crate::transport::Transport;
use crate::{Error, RequestOptions, environment, resume};

/// How long the gateway may take from the last event to the end of the body, which makes the connection fit for the next
/// call.
const CLOSING_MAX: Duration = Duration::from_millis(100);

/// How a stream ends, and what happens if it breaks off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamKind {
    /// Ends with `done`, or as an error with `error`. One that breaks off is an error: what it said is said.
    Reply,
    /// The events of one agent: ends with that of its end, is taken up again where it broke off.
    Agent,
    /// Ends never, is taken up again where it broke off.
    Feed,
}

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawEvent {
    /// Its name, such as `chunk` or `agent.completed`.
    pub event: String,
    /// Its id, where it is one of the gateway's stored events.
    pub id: Option<String>,
    /// A JSON object.
    pub data: String,
}

/// A stream that has begun. It ends after its last event, or after one error. Dropping it hangs up.
pub struct RawStream {
    kind: StreamKind,
    request_id: Option<String>,
    /// `None` once nothing more comes.
    events: Option<Events>,
    /// The last event was given; only the end of the body is to come.
    has_last: bool,
}

impl RawStream {
    pub(super) async fn open(
        transport: Transport,
        options: RequestOptions,
        call: Call,
        kind: StreamKind,
        after: Option<String>,
    ) -> Result<Self, Error> {
        let (events, request_id) = if kind == StreamKind::Reply {
            let response = sse::checked(transport.open(&call, &options).await?)?;
            let request_id = request_id(response.headers());
            (sse::events(response, transport.idle_timeout()), request_id)
        } else {
            (resume::follow(transport, call, options, after).await?, None)
        };
        Ok(Self { kind, request_id, events: Some(events), has_last: false })
    }

    /// The id of the request, to find it in the gateway's log; absent where several make one stream.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<RawEvent, Error>> {
        if self.has_last {
            self.finish().await;
        }
        let event = match self.events.as_mut()?.next().await {
            Some(event) => event.and_then(|event| self.accept(event)),
            None if self.kind == StreamKind::Reply => Err(Error::Interrupted { source: None }),
            None => {
                self.events = None;
                return None;
            }
        };
        if event.is_err() {
            self.events = None;
        }
        Some(event)
    }

    fn accept(&mut self, event: SseEvent) -> Result<RawEvent, Error> {
        if event.event == stream_event::ERROR {
            return Err(ApiError::from_event(&event.data, self.request_id()).into());
        }
        check_object(event.data.as_bytes()).map_err(|problem| Error::Decode {
            problem: format!("event `{}`: {problem}", event.event),
            request_id: self.request_id.clone(),
        })?;
        self.has_last = self.is_last(&event.event);
        Ok(RawEvent { event: event.event, id: event.id, data: event.data })
    }

    fn is_last(&self, event: &str) -> bool {
        match self.kind {
            StreamKind::Reply => event == stream_event::DONE,
            StreamKind::Agent => {
                [EventName::AgentCompleted, EventName::AgentError].iter().any(|last| event == last.as_str())
            }
            StreamKind::Feed => false,
        }
    }

    /// Waits until the body has ended, so that its connection can be used again; a moment at most.
    async fn finish(&mut self) {
        if let Some(events) = self.events.take().filter(|_| self.kind == StreamKind::Reply) {
            environment::within(CLOSING_MAX, events.for_each(|_| std::future::ready(()))).await;
        }
    }
}

impl fmt::Debug for RawStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawStream")
            .field("kind", &self.kind)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
