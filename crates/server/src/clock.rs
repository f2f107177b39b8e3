//! The only place that asks what time it is, waits, or draws random numbers.
//!
//! A test makes a [`Clock::manual`] and moves it by hand; nothing then waits in real time.

use std::cell::RefCell;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use openclaw_core::{IdKind, Timestamp};
use tokio::sync::watch;

/// The time, and chance.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Source>);

#[derive(Debug)]
enum Source {
    System,
    Manual { millis: AtomicI64, moved: watch::Sender<()> },
}

/// A wait was longer than it was allowed to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it took longer than allowed")]
pub struct Elapsed;

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Arc::new(Source::System))
    }

    /// A clock that stands at a moment until it is moved by [`advance`](Self::advance).
    pub fn manual(start: Timestamp) -> Self {
        Self(Arc::new(Source::Manual { millis: AtomicI64::new(start.as_millis()), moved: watch::Sender::new(()) }))
    }

    /// Moves a manual clock on and wakes whoever waits for that moment; does nothing to the machine's.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual { millis, moved } = &*self.0 {
            millis.fetch_add(millis_of(by), Ordering::SeqCst);
            moved.send_replace(());
        }
    }

    /// The present moment.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to the machine's clock")]
    pub fn now(&self) -> Timestamp {
        match &*self.0 {
            Source::System => Timestamp::from_millis(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis_of)),
            Source::Manual { millis, .. } => Timestamp::from_millis(millis.load(Ordering::SeqCst)),
        }
    }

    /// A point from which to measure how long something took; always the machine's.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to the machine's clock")]
    pub fn instant(&self) -> Instant {
        Instant::now()
    }

    /// Waits that long. Dropping the future forgets the wait.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to waiting")]
    pub async fn sleep(&self, wait: Duration) {
        match &*self.0 {
            Source::System => tokio::time::sleep(wait).await,
            Source::Manual { moved, .. } => {
                let until = self.now().plus(wait);
                let mut moved = moved.subscribe();
                while self.now() < until && moved.changed().await.is_ok() {}
            }
        }
    }

    /// Runs a future for at most that long; what is not ready by then is dropped.
    pub async fn timeout<F: Future>(&self, limit: Duration, future: F) -> Result<F::Output, Elapsed> {
        tokio::select! {
            biased;
            output = future => Ok(output),
            () = self.sleep(limit) => Err(Elapsed),
        }
    }

    /// Random bytes, fit for secrets.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to chance")]
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives random numbers once it has booted");
        bytes
    }

    /// A new id of that kind.
    pub fn id(&self, kind: IdKind) -> String {
        kind.id(self.now(), POOL.with_borrow_mut(|pool| pool.take(self)))
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool { bytes: [0; POOL_BYTES], used: POOL_BYTES }) };
}

/// What one system call fetches: ids must differ but are no secrets, and a chat makes six of them.
const POOL_BYTES: usize = 640;

/// Random bytes fetched ahead, each given once.
struct Pool {
    bytes: [u8; POOL_BYTES],
    used: usize,
}

impl Pool {
    fn take(&mut self, clock: &Clock) -> [u8; 10] {
        if self.used == POOL_BYTES {
            self.bytes = clock.random();
            self.used = 0;
        }
        let mut taken = [0; 10];
        taken.copy_from_slice(&self.bytes[self.used..self.used + 10]);
        self.used += 10;
        taken
    }
}

fn millis_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
