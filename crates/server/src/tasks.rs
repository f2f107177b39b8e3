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

impl Tasks {
    /// Runs a future on its own; it goes on when the caller is dropped.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to spawning")]
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        tokio::spawn(self.tracker.track_future(future));
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
