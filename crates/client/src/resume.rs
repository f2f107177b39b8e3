//! A stream of events that outlives its connections.
//!
//! The order of events: open; give events and note the id of each; when the connection breaks, ends or falls silent, wait,
//! open again with `Last-Event-ID`, and so on. It ends when the gateway says 204, nothing more is to come; with an error that
//! would not pass by itself; or when [`FRUITLESS_MAX`] connections in a row brought not even a sign of life, of which the
//! gateway sends one every 15 s.

use futures_util::stream;
use openclaw_core::sse::SseEvent;
use reqwest::StatusCode;

use crate::call::Call;
use crate::sse::{self, Body, Events};
use crate::transport::Transport;
use crate::{Error, RequestOptions, environment};

/// Tries in a row that may bring nothing: with the default backoff a minute, in which a gateway has started again.
const FRUITLESS_MAX: u32 = 10;
/// Names the event after which to go on.
const LAST_EVENT_ID: &str = "last-event-id";

/// Opens a stream that is taken up again whenever it breaks off; `after` is the id of the last event seen.
///
/// Nothing is lost: where `after` is not given, the gateway names the event after which it begins.
pub(crate) async fn follow(
    transport: Transport,
    call: Call,
    options: RequestOptions,
    after: Option<String>,
) -> Result<Events, Error> {
    let mut following = Following { transport, call, options, after, body: None, fruitless: 0 };
    following.body = following.open().await?;
    let state = following.body.is_some().then_some(following);
    Ok(Box::pin(stream::try_unfold(state, async |state| {
        let Some(mut following) = state else { return Ok(None) };
        Ok(following.next().await?.map(|event| (event, Some(following))))
    })))
}

struct Following {
    transport: Transport,
    call: Call,
    options: RequestOptions,
    after: Option<String>,
    body: Option<Body>,
    /// Connections in a row that brought nothing.
    fruitless: u32,
}

impl Following {
    /// The next event; `None` if no more is to come.
    async fn next(&mut self) -> Result<Option<SseEvent>, Error> {
        loop {
            let error = match self.read().await {
                Ok(event) => return Ok(event),
                Err(error) if may_pass(&error) => error,
                Err(error) => return Err(error),
            };
            if self.body.take().is_some_and(|body| body.spoke) {
                self.fruitless = 0;
            }
            if self.fruitless >= FRUITLESS_MAX {
                return Err(error);
            }
            tracing::debug!(%error, after = self.after, "a stream of events broke off and is taken up again");
            environment::sleep(self.transport.backoff().wait(self.fruitless, environment::chance())).await;
            self.fruitless += 1;
        }
    }

    async fn read(&mut self) -> Result<Option<SseEvent>, Error> {
        if self.body.is_none() {
            self.body = self.open().await?;
        }
        let Some(body) = &mut self.body else { return Ok(None) };
        let event = body.next().await?.ok_or(Error::Interrupted { source: None })?;
        if event.id.is_some() {
            self.after.clone_from(&event.id);
        }
        Ok(Some(event))
    }

    /// Opens a connection; `None` if the gateway says that no more is to come.
    async fn open(&mut self) -> Result<Option<Body>, Error> {
        let mut options = self.options.clone();
        if let Some(after) = &self.after {
            options = options.header(LAST_EVENT_ID, after);
        }
        let response = self.transport.open(&self.call, &options).await?;
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(None);
        }
        let response = sse::checked(response)?;
        if self.after.is_none() {
            let begins = response.headers().get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
            self.after = begins.map(str::to_owned);
        }
        Ok(Some(Body::new(response, self.transport.idle_timeout())))
    }
}

/// Whether the next connection may fare better.
fn may_pass(error: &Error) -> bool {
    match error {
        Error::Connection { .. } | Error::Timeout { .. } | Error::Interrupted { .. } => true,
        Error::Api(error) => matches!(error.status, 408 | 429 | 500..=599),
        Error::Decode { .. } | Error::Config(_) => false,
    }
}
