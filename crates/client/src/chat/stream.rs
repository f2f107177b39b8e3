//! A reply as it comes: `chunk` events, then one `done` or one `error`.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt, future::BoxFuture};
use openclaw_core::chat::stream_event;
use openclaw_core::sse::SseEvent;
use openclaw_core::{ChatChunk, ChatResponse};
use reqwest::Response;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, request_id};
use crate::sse::{self, Events};
use crate::{Error, environment};

/// How long the gateway may take from `done` to the end of the body, which makes the connection fit for the next call.
const CLOSING_MAX: Duration = Duration::from_millis(100);

/// A reply in chunks: a `Stream`, or one [`next`](Self::next) at a time.
///
/// It ends after the last chunk of a whole reply, or after one error. Dropping it hangs up.
///
/// ```no_run
/// use openclaw_client::{ChatRequest, Client};
///
/// # async fn example(client: Client, request: ChatRequest) -> Result<(), openclaw_client::Error> {
/// let mut stream = client.chat().stream(request).await?;
/// while let Some(chunk) = stream.next().await {
///     print!("{}", chunk?.content);
/// }
/// println!("\n{} tokens", stream.final_response().await?.usage.output_tokens);
/// # Ok(())
/// # }
/// ```
pub struct ChatStream {
    state: State,
    request_id: Option<String>,
    reply: Option<ChatResponse>,
}

enum State {
    /// Chunks may come.
    Open(Events),
    /// The reply is whole; only the end of the body is waited for.
    Closing(BoxFuture<'static, ()>),
    /// Nothing more comes.
    Ended,
}

impl ChatStream {
    pub(crate) fn new(response: Response, idle_timeout: Duration) -> Result<Self, Error> {
        let request_id = request_id(response.headers());
        let response = sse::checked(response)?;
        Ok(Self { state: State::Open(sse::events(response, idle_timeout)), request_id, reply: None })
    }

    /// The id of the request, to find it in the gateway's log.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The next chunk; `None` when the reply is whole. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<ChatChunk, Error>> {
        StreamExt::next(self).await
    }

    /// The whole reply, with model and usage; passes over the chunks that were not taken.
    ///
    /// After the stream has given an error, this is [`Error::Interrupted`].
    pub async fn final_response(&mut self) -> Result<ChatResponse, Error> {
        while self.reply.is_none() {
            match self.next().await {
                Some(chunk) => drop(chunk?),
                None => break,
            }
        }
        self.reply.clone().ok_or(Error::Interrupted { source: None })
    }

    /// Takes one event in: a chunk or a failure to hand on, or nothing.
    fn accept(&mut self, event: &SseEvent) -> Result<Option<ChatChunk>, Error> {
        match event.event.as_str() {
            stream_event::CHUNK => self.decode(event).map(Some),
            stream_event::DONE => {
                self.reply = Some(self.decode(event)?);
                if let State::Open(events) = std::mem::replace(&mut self.state, State::Ended) {
                    let rest = events.for_each(|_| std::future::ready(()));
                    self.state = State::Closing(environment::within(CLOSING_MAX, rest).map(drop).boxed());
                }
                Ok(None)
            }
            stream_event::ERROR => Err(ApiError::from_event(&event.data, self.request_id()).into()),
            _ => Ok(None), // Of a newer gateway.
        }
    }

    fn decode<T: DeserializeOwned>(&self, event: &SseEvent) -> Result<T, Error> {
        serde_json::from_str(&event.data).map_err(|error| Error::Decode {
            problem: format!("event `{}`: {error}", event.event),
            request_id: self.request_id.clone(),
        })
    }
}

impl Stream for ChatStream {
    type Item = Result<ChatChunk, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let taken = match &mut self.state {
                State::Open(events) => match ready!(events.as_mut().poll_next(context)) {
                    Some(Ok(event)) => self.accept(&event),
                    Some(Err(error)) => Err(error),
                    None => Err(Error::Interrupted { source: None }),
                },
                State::Closing(closing) => {
                    ready!(closing.as_mut().poll(context));
                    self.state = State::Ended;
                    return Poll::Ready(None);
                }
                State::Ended => return Poll::Ready(None),
            };
            match taken {
                Ok(Some(chunk)) => return Poll::Ready(Some(Ok(chunk))),
                Ok(None) => {}
                Err(error) => {
                    self.state = State::Ended;
                    return Poll::Ready(Some(Err(error)));
                }
            }
        }
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatStream").field("request_id", &self.request_id).finish_non_exhaustive()
    }
}
