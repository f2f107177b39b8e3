//! Who was told of what: a receiver, and callers who wait until their message has arrived.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use tokio::sync::oneshot;

use crate::receiver::{Post, Receiver};

/// How the event of a reply begins.
const REPLY: &[u8] = b"{\"event\":\"message.sent\"";

/// What precedes a message's id in an event.
const MESSAGE_ID: &[u8] = b"\"message_id\":\"";

/// A receiver that remembers which replies arrived at its well-behaved paths.
#[derive(Debug)]
pub(super) struct Reception {
    receiver: Receiver,
    arrivals: Arrivals,
}

/// What arrived; clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Arrivals(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    messages: HashMap<Bytes, Arrived>,
}

#[derive(Debug, Default)]
struct Arrived {
    times: u32,
    latest: Option<Instant>,
    waiting: Option<(u32, oneshot::Sender<Instant>)>,
}

impl Reception {
    /// Starts the receiver.
    pub(super) async fn start() -> io::Result<Self> {
        let arrivals = Arrivals::default();
        let noted = arrivals.clone();
        let receiver = Receiver::start(move |post| noted.note(&post)).await?;
        Ok(Self { receiver, arrivals })
    }

    /// Where a path of the receiver is reached, such as `take/1`.
    pub(super) fn url(&self, path: &str) -> String {
        self.receiver.url(path)
    }

    pub(super) fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }
}

impl Arrivals {
    /// Waits until a reply has arrived so many times, and says when it did. Nothing is remembered of it afterwards.
    pub(super) async fn of(&self, message_id: Bytes, times: u32) -> Option<Instant> {
        let arrived = {
            let mut state = self.state();
            let message = state.messages.entry(message_id.clone()).or_default();
            match message.latest.filter(|_| message.times >= times) {
                Some(latest) => Ok(latest),
                None => {
                    let (waiting, arrived) = oneshot::channel();
                    message.waiting = Some((times, waiting));
                    Err(arrived)
                }
            }
        };
        let at = match arrived {
            Ok(at) => Some(at),
            Err(arrived) => arrived.await.ok(),
        };
        self.state().messages.remove(&message_id);
        at
    }

    fn note(&self, post: &Post) {
        if !post.path.starts_with("/take") || !post.body.starts_with(REPLY) {
            return;
        }
        let Some(message_id) = text_after(&post.body, MESSAGE_ID) else { return };
        let mut state = self.state();
        let message = state.messages.entry(message_id).or_default();
        message.times += 1;
        message.latest = Some(post.at);
        if let Some((_, waiting)) = message.waiting.take_if(|(times, _)| *times <= message.times) {
            let _ = waiting.send(post.at);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The JSON text that follows a marker, up to its quote. Ids need no unescaping, and a parser would cost the load's core.
pub(crate) fn text_after(json: &Bytes, marker: &[u8]) -> Option<Bytes> {
    let start = json.windows(marker.len()).position(|window| window == marker)? + marker.len();
    let length = json[start..].iter().position(|byte| *byte == b'"')?;
    Some(json.slice(start..start + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_arrival_is_told_before_and_after_it_is_asked_for() {
        let arrivals = Arrivals::default();
        let post = |path: &str| Post {
            path: path.to_owned(),
            body: Bytes::from_static(br#"{"event":"message.sent","data":{"message_id":"msg_1","content":"x"}}"#),
            at: Instant::now(),
        };
        arrivals.note(&post("/hang/1"));
        arrivals.note(&post("/take/1"));
        assert_eq!(arrivals.state().messages.values().map(|message| message.times).sum::<u32>(), 1);
        assert!(arrivals.of(Bytes::from_static(b"msg_1"), 1).await.is_some());
        let twice = arrivals.of(Bytes::from_static(b"msg_1"), 2);
        let posts = async {
            arrivals.note(&post("/take/1"));
            arrivals.note(&post("/take/2"));
        };
        assert!(tokio::join!(twice, posts).0.is_some());
    }
}
