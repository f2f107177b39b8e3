//! The body of a streamed reply, as events.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{Stream, stream};
use http_body::Body as _;
use openclaw_core::sse::{SseEvent, SseParser};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;

use crate::Error;
use crate::environment::Silence;
use crate::error::request_id;
use crate::transport::broken_off;

/// Events as they come; after an error, none. Dropping it closes the connection.
pub(crate) type Events = Pin<Box<dyn Stream<Item = Result<SseEvent, Error>> + Send>>;

/// The answer, if it is a stream of events.
pub(crate) fn checked(response: Response) -> Result<Response, Error> {
    let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    if content_type.is_some_and(|value| value.starts_with(b"text/event-stream")) {
        return Ok(response);
    }
    let request_id = request_id(response.headers());
    Err(Error::Decode { problem: "it is not a stream of events".into(), request_id })
}

/// Reads events from a body that may be silent for at most that long.
pub(crate) fn events(response: Response, idle_timeout: Duration) -> Events {
    let mut body = Some(Body::new(response, idle_timeout));
    Box::pin(stream::poll_fn(move |context| {
        let Some(open) = &mut body else { return Poll::Ready(None) };
        let event = ready!(open.poll_next(context));
        if !matches!(event, Ok(Some(_))) {
            body = None;
        }
        Poll::Ready(event.transpose())
    }))
}

/// A body that is being read.
pub(crate) struct Body {
    frames: reqwest::Body,
    request_id: Option<String>,
    parser: SseParser,
    silence: Silence,
    /// Whether anything came at all, if only a sign of life.
    pub(crate) spoke: bool,
}

impl Body {
    pub(crate) fn new(response: Response, idle_timeout: Duration) -> Self {
        let request_id = request_id(response.headers());
        let frames = http::Response::from(response).into_body();
        Self { frames, request_id, parser: SseParser::default(), silence: Silence::new(idle_timeout), spoke: false }
    }

    /// The next event; `None` at the body's end. Dropping the future loses nothing.
    pub(crate) async fn next(&mut self) -> Result<Option<SseEvent>, Error> {
        poll_fn(|context| self.poll_next(context)).await
    }

    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<SseEvent>, Error>> {
        loop {
            if let Some(event) = self.parser.next() {
                return Poll::Ready(Ok(Some(event)));
            }
            let Poll::Ready(frame) = Pin::new(&mut self.frames).poll_frame(context) else {
                ready!(self.silence.poll_too_long(context));
                let limit = self.silence.limit();
                return Poll::Ready(Err(Error::Timeout { waited_for: "the next piece of the stream", limit }));
            };
            let Some(frame) = frame.transpose().map_err(broken_off)? else { return Poll::Ready(Ok(None)) };
            let Ok(bytes) = frame.into_data() else { continue };
            self.spoke = true;
            self.silence.end();
            self.parser
                .push(&bytes)
                .map_err(|error| Error::Decode { problem: error.to_string(), request_id: self.request_id.clone() })?;
        }
    }
}
