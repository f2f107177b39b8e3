//! Reads a vendor's server-sent events as they come and hands on what its decoder makes of them.
//!
//! Order of events: frames arrive in any cut → [`SseParser`] → the vendor's [`Decoder`] → a [`ModelStream`]. The reply
//! is whole once the decoder says so; when the bytes stop before that, by an end, an error or silence, it has broken
//! off. Dropping the stream closes the connection. Who reads on after the end (until `None`, at most a second) lets a
//! plain HTTP/1.1 connection be used again.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body::Body;
use http_body_util::BodyExt;
use openclaw_core::sse::{SseEvent, SseParser};
use serde::Deserialize;

use super::message::Cleaner;
use super::{ModelEvent, ModelStream, ProviderError, ProviderErrorKind};
use crate::clock::Clock;

/// The longest wait, after the end of a reply, for the end of the body.
const LINGER: Duration = Duration::from_secs(1);

/// Understands the events of one reply of one vendor.
pub(super) trait Decoder: Send + 'static {
    /// Adds what an event tells; [`ModelEvent::Done`] is the last.
    fn read(&mut self, event: SseEvent, told: &mut VecDeque<ModelEvent>) -> Result<(), ProviderError>;

    /// Adds the end of the reply if no more is needed for it to be whole.
    fn end(&mut self, told: &mut VecDeque<ModelEvent>);
}

/// Reads an event's data as JSON.
pub(super) fn parse<'a, T: Deserialize<'a>>(data: &'a str) -> Result<T, ProviderError> {
    serde_json::from_str(data)
        .map_err(|_| ProviderError::new(ProviderErrorKind::Broken, "the vendor sent an event that cannot be read"))
}

/// Turns the body of an answer into a reply. `idle` is the longest silence.
pub(super) fn pump<B>(body: B, decoder: impl Decoder, cleaner: Cleaner, clock: Clock, idle: Duration) -> ModelStream
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    let (parser, told) = (SseParser::default(), VecDeque::new());
    let pump = Pump { body, parser, decoder, told, cleaner, clock, idle, phase: Phase::Reading };
    Box::pin(stream::unfold(pump, |mut pump| async move { Some((pump.next().await?, pump)) }))
}

struct Pump<B, D> {
    body: B,
    parser: SseParser,
    decoder: D,
    /// Told by one event of the vendor and not yet handed on.
    told: VecDeque<ModelEvent>,
    cleaner: Cleaner,
    clock: Clock,
    idle: Duration,
    phase: Phase,
}

enum Phase {
    Reading,
    Whole,
    Over,
}

impl<B: Body<Data = Bytes> + Unpin, D: Decoder> Pump<B, D> {
    async fn next(&mut self) -> Option<Result<ModelEvent, ProviderError>> {
        match self.phase {
            Phase::Reading => {}
            Phase::Whole => {
                self.phase = Phase::Over;
                let rest = async { while let Some(Ok(_)) = self.body.frame().await {} };
                let _ = self.clock.timeout(LINGER, rest).await;
                return None;
            }
            Phase::Over => return None,
        }
        let read = self.read().await;
        match &read {
            Ok(ModelEvent::Done { .. }) => self.phase = Phase::Whole,
            Ok(_) => {}
            Err(_) => self.phase = Phase::Over,
        }
        Some(read.map_err(|error| ProviderError { message: self.cleaner.clean(&error.message), ..error }))
    }

    async fn read(&mut self) -> Result<ModelEvent, ProviderError> {
        loop {
            if let Some(event) = self.told.pop_front() {
                return Ok(event);
            }
            while let Some(event) = self.parser.next() {
                self.decoder.read(event, &mut self.told)?;
                if let Some(event) = self.told.pop_front() {
                    return Ok(event);
                }
            }
            let stopped = match self.clock.timeout(self.idle, self.body.frame()).await {
                Ok(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        self.parser.push(&data).map_err(|error| broken(&error.to_string()))?;
                    }
                    continue;
                }
                Ok(Some(Err(_))) => broken("the connection to the vendor broke in the middle of the reply"),
                Ok(None) => broken("the vendor's reply stopped before its end"),
                Err(_) => ProviderError::new(
                    ProviderErrorKind::TimedOut,
                    format!("the vendor sent nothing for {} s", self.idle.as_secs_f32()),
                ),
            };
            self.decoder.end(&mut self.told);
            return self.told.pop_front().ok_or(stopped);
        }
    }
}

fn broken(message: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Broken, message)
}

/// For the vendors' own tests: a whole body, cut into pieces of that many bytes, read to its end.
#[cfg(test)]
pub(super) fn read_cut(body: &str, cut: usize, decoder: impl Decoder) -> Vec<Result<ModelEvent, ProviderError>> {
    use futures_util::{FutureExt, StreamExt};
    use std::convert::Infallible;

    let frames: Vec<_> = body
        .as_bytes()
        .chunks(cut)
        .map(|piece| Ok::<_, Infallible>(http_body::Frame::data(Bytes::copy_from_slice(piece))))
        .collect();
    let body = http_body_util::StreamBody::new(stream::iter(frames));
    let clock = Clock::manual(openclaw_core::Timestamp::default());
    let events = pump(body, decoder, Cleaner::new(Some("sk-canary")), clock, Duration::from_secs(1));
    events.collect().now_or_never().expect("everything is there at once")
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, StreamExt};
    use http_body_util::StreamBody;
    use openclaw_core::{FinishReason, Timestamp};
    use std::convert::Infallible;

    struct Plain(bool);

    impl Decoder for Plain {
        fn read(&mut self, event: SseEvent, told: &mut VecDeque<ModelEvent>) -> Result<(), ProviderError> {
            self.0 |= event.data == "whole";
            told.push_back(ModelEvent::Text(event.data));
            Ok(())
        }

        fn end(&mut self, told: &mut VecDeque<ModelEvent>) {
            let done = ModelEvent::Done { model: "m".into(), usage: None, finish_reason: FinishReason::Stop };
            told.extend(self.0.then_some(done));
        }
    }

    #[tokio::test]
    async fn silence_ends_a_reply_after_the_idle_time_and_no_earlier() {
        for (data, whole) in [("data: half\n\n", false), ("data: whole\n\n", true)] {
            let clock = Clock::manual(Timestamp::default());
            let first = Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(data)));
            let body = StreamBody::new(stream::iter([first]).chain(stream::pending()));
            let idle = Duration::from_secs(5);
            let mut events = pump(body, Plain(false), Cleaner::default(), clock.clone(), idle);
            assert!(matches!(events.next().await, Some(Ok(ModelEvent::Text(_)))));
            let mut next = events.next();
            assert!((&mut next).now_or_never().is_none());
            clock.advance(Duration::from_millis(4999));
            assert!((&mut next).now_or_never().is_none());
            clock.advance(Duration::from_millis(1));
            match next.await {
                Some(Ok(ModelEvent::Done { .. })) => assert!(whole),
                Some(Err(error)) => assert!(!whole && error.kind == ProviderErrorKind::TimedOut),
                other => panic!("{other:?}"),
            }
            clock.advance(LINGER);
            if !whole {
                assert!(events.next().await.is_none());
            }
        }
    }
}
