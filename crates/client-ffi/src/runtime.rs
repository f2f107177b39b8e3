//! The threads that calls run on: few, of our own, made at the first call of a process.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime as Tokio};
use tokio::task::AbortHandle;

use crate::ErrorRecord;
use crate::fork::PerProcess;

/// One thread drives all connections. A second one would take every other wake-up of a call from the first, which costs a
/// switch of threads each time: measured, two made a call in turn a third dearer, and 32 at once a seventh.
const THREADS: usize = 1;
/// Threads that look names of hosts up, which the C library does only while a thread waits. A client has one host, so a few
/// serve many connections that are opened at once; they end after 10 s without work.
const LOOKUPS_MAX: usize = 4;
/// How long a thread that waits may go without asking whether it is to stop.
pub(crate) const TICK: Duration = Duration::from_millis(100);

static RUNTIME: PerProcess<Runtime> = PerProcess::new();

/// The runtime of this process.
pub(crate) struct Runtime(Option<Tokio>);

impl Runtime {
    /// The one of this process.
    pub(crate) fn get() -> Result<Arc<Self>, ErrorRecord> {
        RUNTIME
            .get_or_make(Self::start)
            .map_err(|error| ErrorRecord::config(format!("no thread could be started: {error}")))
    }

    /// Runs a future on its own; it ends early if the handle is told so.
    pub(crate) fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.tokio().spawn(future).abort_handle()
    }

    /// Waits for a future on this thread. Asks `check` now and then, and gives up with its error.
    pub(crate) fn block_on<T, E>(
        &self,
        future: impl Future<Output = T>,
        mut check: impl FnMut() -> Result<(), E>,
    ) -> Result<T, E> {
        self.tokio().block_on(async {
            let mut future = std::pin::pin!(future);
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + TICK, TICK);
            loop {
                tokio::select! {
                    biased;
                    output = &mut future => return Ok(output),
                    _ = ticks.tick() => check()?,
                }
            }
        })
    }

    fn start() -> io::Result<Self> {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(THREADS).max_blocking_threads(LOOKUPS_MAX).thread_name("openclaw-sdk").enable_all();
        Ok(Self(Some(builder.build()?)))
    }

    fn tokio(&self) -> &Tokio {
        self.0.as_ref().expect("it is taken when dropped")
    }
}

impl Drop for Runtime {
    /// Without waiting for its threads: the one who drops it may be one of them.
    fn drop(&mut self) {
        if let Some(tokio) = self.0.take() {
            tokio.shutdown_background();
        }
    }
}
