//! The one door through which tasks are spawned, so that a shutdown can wait for them.
//!
//! Life of a shutdown: `drain` tells everyone that the end has come ([`Tasks::draining`]: loops leave, no new work is
//! taken), waits for what runs, and at its deadline tells the rest to stop at once ([`Tasks::aborting`]: a turn keeps
//! what it has and ends).

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::Clock;

/// How long a task that was told to stop at once may take to write down where it stopped.
const ABORT_GRACE: Duration = Duration::from_secs(5);

/// Every task of the gateway.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    draining: CancellationToken,
    aborting: CancellationToken,
}

/// What ran on a thread of its own panicked, which the log tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it failed inside; the gateway's log tells more")]
pub struct Panicked;

impl Tasks {
    /// Runs a future on its own; it goes on when the caller is dropped.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to spawning")]
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.tracker.track_future(future));
    }

    /// Runs what blocks (files, long computing) on a thread of its own, and a shutdown waits for it. Dropping the future
    /// leaves it to run to its end unheard.
    pub async fn block<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
        let token = self.tracker.token();
        let work = move || {
            let _token = token;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Panicked)
    }

    /// Fires when the gateway begins to shut down.
    pub fn draining(&self) -> &CancellationToken {
        &self.draining
    }

    /// Fires when what still runs must stop at once.
    pub fn aborting(&self) -> &CancellationToken {
        &self.aborting
    }

    /// Shuts down: waits for every task up to `limit`, then stops the rest. Says whether all ended by themselves.
    pub async fn drain(&self, clock: &Clock, limit: Duration) -> bool {
        self.draining.cancel();
        self.tracker.close();
        if clock.timeout(limit, self.tracker.wait()).await.is_ok() {
            return true;
        }
        self.aborting.cancel();
        let _ = clock.timeout(ABORT_GRACE, self.tracker.wait()).await;
        false
    }
}
