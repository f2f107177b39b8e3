//! A few threads that read, each on a connection of its own.

use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::StoreError;

/// Reads that may wait for a free thread.
const QUEUE_MAX: usize = 4096;

type Job = Box<dyn FnOnce(&Connection) + Send>;

/// A handle of the threads; they end when it is dropped.
pub(super) struct Readers {
    jobs: SyncSender<Job>,
}

impl Readers {
    /// Starts a thread for each connection.
    pub(super) fn start(connections: Vec<Connection>) -> Result<Self, StoreError> {
        let (jobs, waiting) = sync_channel::<Job>(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for connection in connections {
            let waiting = Arc::clone(&waiting);
            std::thread::Builder::new()
                .name("store-reader".into())
                .spawn(move || {
                    while let Some(job) = take(&waiting) {
                        job(&connection);
                    }
                })
                .map_err(|error| StoreError::Engine(error.to_string()))?;
        }
        Ok(Self { jobs })
    }

    /// Runs a read on the next free thread.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = reply.send(work(connection));
        });
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Overloaded,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        Ok(answer.await.map_err(|_| StoreError::Closed)??)
    }
}

fn take(waiting: &Mutex<Receiver<Job>>) -> Option<Job> {
    waiting.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}
