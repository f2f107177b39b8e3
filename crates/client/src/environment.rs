//! All that the client asks of the machine around it: variables, the time, waiting, chance.
//!
//! No other file of this crate asks, so what a call does follows from its arguments and from what is in here.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use openclaw_core::Timestamp;

/// Reads a variable of the process; an empty one counts as absent.
#[expect(clippy::disallowed_methods, reason = "this file is the door to the environment")]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The present moment.
#[expect(clippy::disallowed_methods, reason = "this file is the door to the machine's clock")]
pub(crate) fn now() -> Timestamp {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_1970.as_millis()).unwrap_or(i64::MAX))
}

/// A point from which to measure a wait.
#[expect(clippy::disallowed_methods, reason = "this file is the door to the machine's clock")]
pub(crate) fn instant() -> Instant {
    Instant::now()
}

/// Waits that long. Dropping the future forgets the wait.
#[expect(clippy::disallowed_methods, reason = "this file is the door to waiting")]
pub(crate) async fn sleep(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// Runs a future for at most that long; `None` if it was not ready by then, and it is dropped.
#[expect(clippy::disallowed_methods, reason = "this file is the door to waiting")]
pub(crate) async fn within<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    tokio::time::timeout(limit, future).await.ok()
}

/// A silence that may last so long and no longer.
///
/// One timer serves all of them: to begin one is to read the clock, where a timer for each would be set and unset thousands
/// of times a second.
pub(crate) struct Silence {
    limit: Duration,
    /// Present while somebody listens in vain.
    begun: Option<Instant>,
    alarm: Pin<Box<tokio::time::Sleep>>,
}

impl Silence {
    /// To be made inside a runtime.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to waiting")]
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, begun: None, alarm: Box::pin(tokio::time::sleep(limit)) }
    }

    pub(crate) fn limit(&self) -> Duration {
        self.limit
    }

    /// Something was heard.
    pub(crate) fn end(&mut self) {
        self.begun = None;
    }

    /// Ready once it has lasted too long; it begins with the first such question.
    pub(crate) fn poll_too_long(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let begun = *self.begun.get_or_insert_with(instant);
        loop {
            ready!(self.alarm.as_mut().poll(context));
            match begun.checked_add(self.limit) {
                Some(end) if end > instant() => self.alarm.as_mut().reset(end.into()),
                _ => return Poll::Ready(()),
            }
        }
    }
}

/// Random bytes.
#[expect(clippy::disallowed_methods, reason = "this file is the door to chance")]
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random numbers once it has booted");
    bytes
}

/// A random number from 0 to 1.
pub(crate) fn chance() -> f64 {
    f64::from(u32::from_ne_bytes(random())) / f64::from(u32::MAX)
}
