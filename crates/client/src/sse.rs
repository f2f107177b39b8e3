//! The body of a streamed reply, as events.

use std::pin::Pin;
use std::time::Duration;

use futures_util::{Stream, stream};
use openclaw_core::sse::{SseEvent, SseParser};
use reqwest::Response;
use reqwest::header::CONTENT_TYPE;

use crate::error::request_id;
use crate::transport::next_bytes;
use crate::{Error, environment};

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
    let body = Body::new(response, idle_timeout);
    Box::pin(stream::try_unfold(body, async |mut body| {
        let event = body.next().await?;
        Ok(event.map(|event| (event, body)))
    }))
}

/// A body that is being read.
pub(crate) struct Body {
    response: Response,
    parser: SseParser,
    idle_timeout: Duration,
    /// Whether anything came at all, if only a sign of life.
    pub(crate) spoke: bool,
}

impl Body {
    pub(crate) fn new(response: Response, idle_timeout: Duration) -> Self {
        Self { response, parser: SseParser::default(), idle_timeout, spoke: false }
    }

    /// The next event; `None` at the body's end. To be awaited to its end: a dropped future may take bytes with it.
    pub(crate) async fn next(&mut self) -> Result<Option<SseEvent>, Error> {
        loop {
            if let Some(event) = self.parser.next() {
                return Ok(Some(event));
            }
            let Some(bytes) = environment::within(self.idle_timeout, next_bytes(&mut self.response))
                .await
                .ok_or(Error::Timeout { waited_for: "the next piece of the stream", limit: self.idle_timeout })??
            else {
                return Ok(None);
            };
            self.spoke = true;
            self.parser.push(&bytes).map_err(|error| Error::Decode {
                problem: error.to_string(),
                request_id: request_id(self.response.headers()),
            })?;
        }
    }
}
