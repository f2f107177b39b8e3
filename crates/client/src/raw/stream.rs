//! The events of a streamed reply as they come, their data as the JSON text that came.

use std::fmt;
use std::future::poll_fn;
use std::ops::Range;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt};
use openclaw_core::EventName;
use openclaw_core::chat::stream_event;
use openclaw_core::sse::SseEvent;

use super::check_object;
use super::shape::ChunkShape;
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
    /// Where in `data` its `content` stands, a text in JSON, if all else is as in the chunk before it: so it is with nearly
    /// every chunk of a reply, and who writes them down need not write the rest again.
    pub content: Option<Range<usize>>,
}

/// A stream that has begun. It ends after its last event, or after one error. Dropping it hangs up.
pub struct RawStream {
    kind: StreamKind,
    request_id: Option<String>,
    /// `None` once nothing more comes.
    events: Option<Events>,
    /// The last event was given; only the end of the body is waited for.
    closing: Option<BoxFuture<'static, ()>>,
    last_chunk: ChunkShape,
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
        Ok(Self { kind, request_id, events: Some(events), closing: None, last_chunk: ChunkShape::default() })
    }

    /// The id of the request, to find it in the gateway's log; absent where several make one stream.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The next event; `None` after the last one.
    pub async fn next(&mut self) -> Option<Result<RawEvent, Error>> {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// The next event, if it is there.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<RawEvent, Error>>> {
        if let Some(closing) = &mut self.closing {
            ready!(closing.as_mut().poll(context));
            self.closing = None;
        }
        let Some(events) = &mut self.events else { return Poll::Ready(None) };
        let event = match ready!(events.as_mut().poll_next(context)) {
            Some(event) => event.and_then(|event| self.accept(event)),
            None if self.kind == StreamKind::Reply => Err(Error::Interrupted { source: None }),
            None => {
                self.events = None;
                return Poll::Ready(None);
            }
        };
        if event.is_err() {
            self.events = None;
        }
        Poll::Ready(Some(event))
    }

    fn accept(&mut self, event: SseEvent) -> Result<RawEvent, Error> {
        let SseEvent { event, data, id } = event;
        if event == stream_event::ERROR {
            return Err(ApiError::from_event(&data, self.request_id()).into());
        }
        let is_chunk = event == stream_event::CHUNK && id.is_none();
        let content = if is_chunk { self.last_chunk.content_of_similar(&data) } else { None };
        if content.is_none() {
            check_object(data.as_bytes()).map_err(|problem| Error::Decode {
                problem: format!("event `{event}`: {problem}"),
                request_id: self.request_id.clone(),
            })?;
            if is_chunk {
                self.last_chunk = ChunkShape::of(&data);
            }
        }
        if self.is_last(&event) {
            self.finish();
        }
        Ok(RawEvent { event, id, data, content })
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

    /// Nothing more is to be given. Has the end of a reply's body waited for, so that its connection can be used again; a
    /// moment at most.
    fn finish(&mut self) {
        if let Some(events) = self.events.take().filter(|_| self.kind == StreamKind::Reply) {
            let rest = events.for_each(|_| std::future::ready(()));
            self.closing = Some(environment::within(CLOSING_MAX, rest).map(drop).boxed());
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
