//! The one thread that writes: it commits all that wait as one group.
//!
//! Order of events: a caller queues a job and waits; the thread opens a transaction, runs the job and every other that
//! waits by then (up to [`GROUP_MAX`]), commits once, and only then answers them all. If a job fails, which is rare, the
//! group is undone and each of its jobs is run again in a transaction of its own, so that one failure undoes one job. A
//! caller that stops waiting loses the answer, never the write.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::store::{Fullness, StoreError};

/// The most jobs of one commit: enough to share a disk flush, few enough to answer the first one soon.
const GROUP_MAX: usize = 256;

/// A handle of the thread; it ends when the handle is dropped.
pub(super) struct Writer {
    jobs: SyncSender<Box<dyn Job>>,
    queued: Arc<AtomicU64>,
}

impl Writer {
    /// Starts the thread on a connection of its own; at most `queue_max` jobs may wait.
    pub(super) fn start(connection: Connection, queue_max: usize, fullness: Fullness) -> Result<Self, StoreError> {
        let (jobs, waiting) = sync_channel(queue_max);
        let queued = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&queued);
        std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || run(&connection, &waiting, &counter, &fullness))
            .map_err(|error| StoreError::Engine(error.to_string()))?;
        Ok(Self { jobs, queued })
    }

    /// Runs a job and answers once its group is on disk. The job may be run twice; only the last run counts.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        work: impl Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queued.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.jobs.try_send(Box::new(Task { work, outcome: None, reply })) {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            return Err(match error {
                TrySendError::Full(_) => StoreError::Overloaded,
                TrySendError::Disconnected(_) => StoreError::Closed,
            });
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Jobs that are not answered yet.
    pub(super) fn queued(&self) -> u64 {
        self.queued.load(Ordering::Relaxed)
    }
}

/// A piece of work of any type, run on the thread and answered after the commit.
trait Job: Send {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError>;
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Task<F, T> {
    work: F,
    outcome: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T: Send, F: Fn(&Connection) -> rusqlite::Result<T> + Send> Job for Task<F, T> {
    fn run(&mut self, connection: &Connection) -> Result<(), StoreError> {
        let outcome = catch_unwind(AssertUnwindSafe(|| (self.work)(connection)))
            .map_err(|_| StoreError::Engine("a write panicked".into()))
            .and_then(|done| done.map_err(StoreError::from));
        let ran = outcome.as_ref().map(|_| ()).map_err(Clone::clone);
        self.outcome = Some(outcome);
        ran
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)) | None, Err(error)) => Err(error),
            (Some(outcome), _) => outcome,
            (None, Ok(())) => Err(StoreError::Engine("a write was not run".into())),
        };
        let _ = self.reply.send(outcome);
    }
}

fn run(connection: &Connection, waiting: &Receiver<Box<dyn Job>>, queued: &AtomicU64, fullness: &Fullness) {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        let committed = transact(connection, || run_group(connection, &mut group, waiting));
        queued.fetch_sub(group.len() as u64, Ordering::Relaxed);
        let again = committed.is_err() && group.len() > 1;
        for mut job in group {
            let committed = if again { transact(connection, || job.run(connection)) } else { committed.clone() };
            if committed == Err(StoreError::Full) {
                fullness.fill();
            }
            job.answer(committed);
        }
    }
}

/// Runs all that wait, the first one first.
fn run_group(
    connection: &Connection,
    group: &mut Vec<Box<dyn Job>>,
    waiting: &Receiver<Box<dyn Job>>,
) -> Result<(), StoreError> {
    let mut next = 0;
    while let Some(job) = group.get_mut(next) {
        job.run(connection)?;
        next += 1;
        if next == group.len() && next < GROUP_MAX {
            group.extend(waiting.try_recv());
        }
    }
    Ok(())
}

/// Commits what the work does, or undoes it and says why.
fn transact(connection: &Connection, work: impl FnOnce() -> Result<(), StoreError>) -> Result<(), StoreError> {
    let execute = |statement: &str| -> Result<(), StoreError> {
        let executed = connection.prepare_cached(statement).and_then(|mut statement| statement.execute([]));
        executed.map(|_| ()).map_err(StoreError::from).inspect_err(|error| {
            tracing::error!(%error, "the store could not begin or commit");
        })
    };
    let committed = execute("BEGIN IMMEDIATE").and_then(|()| work()).and_then(|()| execute("COMMIT"));
    if committed.is_err() && !connection.is_autocommit() {
        let _ = connection.execute_batch("ROLLBACK");
    }
    committed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_failed_job_undoes_itself_alone() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER UNIQUE)").unwrap();
        let writer = Writer::start(connection, 16, Fullness::default()).unwrap();
        let insert = |n: i64, fail: bool| {
            writer.write(move |connection| {
                connection.execute("INSERT INTO t VALUES (?1)", [n])?;
                if fail { connection.execute("INSERT INTO t VALUES (?1)", [n]).map(|_| ()) } else { Ok(()) }
            })
        };
        // The first is at work while the others come together as one group.
        let slow = writer.write(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            Ok(())
        });
        let (_, a, b, c) = tokio::join!(slow, insert(1, false), insert(2, true), insert(3, false));
        assert!(a.is_ok() && b.is_err() && c.is_ok());
        let panicked: Result<(), _> = writer.write(|_| panic!("on purpose")).await;
        assert!(panicked.is_err());
        let count = writer.write(|c| c.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0))).await;
        assert_eq!(count, Ok(2));
        assert_eq!(writer.queued(), 0);
    }
}
