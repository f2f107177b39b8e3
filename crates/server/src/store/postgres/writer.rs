//! Statements that write: those that wait go to the database together and share one commit.
//!
//! Order of events: a caller queues a statement and waits; a worker takes it and every other that waits by then (up to
//! [`GROUP_MAX`]), sends them all at once in one transaction, commits, and only then answers them. If one fails, the group is
//! undone and each is run again in a transaction of its own, so that one failure undoes one statement. Each statement must
//! therefore be whole by itself: it sees what the others of its group did, in any order. A caller that stops waiting loses
//! the answer, never the write.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use deadpool_postgres::{Object, Pool};
use futures_util::future::{join_all, try_join_all};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio_postgres::types::ToSql;

use super::row::Row;
use super::transaction::{Tries, XACT, is_committed};
use crate::clock::Clock;
use crate::store::{Fullness, StoreError};
use crate::tasks::Tasks;

/// Commits that may be under way at once: while one waits for the disk, others gather.
pub(super) const WORKERS: usize = 2;
/// The most statements of one commit.
const GROUP_MAX: usize = 128;

/// A statement's values.
pub(super) type Args = Vec<Box<dyn ToSql + Sync + Send>>;

/// Values of any types, owned.
macro_rules! args {
    ($($value:expr),* $(,)?) => {
        vec![$(Box::new($value) as Box<dyn tokio_postgres::types::ToSql + Sync + Send>),*]
    };
}
pub(super) use args;

struct Statement {
    text: &'static str,
    values: Args,
    reply: oneshot::Sender<Result<Vec<Row>, StoreError>>,
}

/// A handle of the workers; they end when it is dropped.
pub(super) struct Writer {
    statements: mpsc::Sender<Statement>,
    queued: Arc<AtomicU64>,
}

/// What a worker works with.
#[derive(Clone)]
struct Worker {
    pool: Pool,
    clock: Clock,
    fullness: Fullness,
    begin: &'static str,
    queued: Arc<AtomicU64>,
}

impl Writer {
    /// Starts so many workers; at most `queue_max` statements may wait. Not `durable`: a commit does not wait for the disk.
    pub(super) fn start(
        tasks: &Tasks,
        clock: &Clock,
        pool: &Pool,
        workers: usize,
        queue_max: usize,
        durable: bool,
        fullness: Fullness,
    ) -> Self {
        let (statements, waiting) = mpsc::channel(queue_max);
        let waiting = Arc::new(Mutex::new(waiting));
        let queued = Arc::new(AtomicU64::new(0));
        let begin = if durable { "BEGIN" } else { "BEGIN; SET LOCAL synchronous_commit = off" };
        let worker = Worker { pool: pool.clone(), clock: clock.clone(), fullness, begin, queued: Arc::clone(&queued) };
        for _ in 0..workers {
            tasks.spawn(work(worker.clone(), Arc::clone(&waiting)));
        }
        Self { statements, queued }
    }

    /// Queues a statement and waits until it is committed. It may be run more than once; only the last run counts.
    pub(super) async fn write(&self, text: &'static str, values: Args) -> Result<Vec<Row>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queued.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.statements.try_send(Statement { text, values, reply }) {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            return Err(match error {
                TrySendError::Full(_) => StoreError::Overloaded,
                TrySendError::Closed(_) => StoreError::Closed,
            });
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Statements that are not answered yet.
    pub(super) fn queued(&self) -> u64 {
        self.queued.load(Ordering::Relaxed)
    }
}

async fn work(worker: Worker, waiting: Arc<Mutex<mpsc::Receiver<Statement>>>) {
    let mut group = Vec::new();
    while waiting.lock().await.recv_many(&mut group, GROUP_MAX).await > 0 {
        let group = std::mem::take(&mut group);
        let number = group.len() as u64;
        worker.answer(group).await;
        worker.queued.fetch_sub(number, Ordering::Relaxed);
    }
}

/// Why a group was not committed for sure.
enum Broken {
    Undone(StoreError),
    Unknown(String, Vec<Vec<Row>>),
}

impl Worker {
    async fn answer(&self, group: Vec<Statement>) {
        let outcome = self.commit(&group).await;
        if let (Err(error), 2..) = (&outcome, group.len())
            && !matches!(error, StoreError::Unavailable(_))
        {
            for statement in group {
                let alone = self.commit(std::slice::from_ref(&statement)).await;
                let _ = statement.reply.send(alone.map(|mut rows| rows.pop().unwrap_or_default()));
            }
            return;
        }
        match outcome {
            Ok(rows) => {
                for (statement, rows) in group.into_iter().zip(rows) {
                    let _ = statement.reply.send(Ok(rows));
                }
            }
            Err(error) => {
                for statement in group {
                    let _ = statement.reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// Commits the statements, or says why not; whatever happens meanwhile, it is known which.
    async fn commit(&self, group: &[Statement]) -> Result<Vec<Vec<Row>>, StoreError> {
        let mut tries = Tries::new(&self.clock);
        loop {
            match self.attempt(group).await {
                Ok(rows) => return Ok(rows),
                // A group is undone for one of its statements: alone each finds out by itself.
                Err(Broken::Undone(StoreError::Contended)) if group.len() > 1 => return Err(StoreError::Contended),
                Err(Broken::Undone(error)) => {
                    if error == StoreError::Full {
                        self.fullness.fill();
                    }
                    tries.again(error).await?;
                }
                Err(Broken::Unknown(xact, rows)) => {
                    if is_committed(&self.pool, &mut tries, &xact).await? {
                        return Ok(rows);
                    }
                }
            }
        }
    }

    /// Sends everything at once, then the commit.
    async fn attempt(&self, group: &[Statement]) -> Result<Vec<Vec<Row>>, Broken> {
        let undone = |error: StoreError| Broken::Undone(error);
        let client = self.pool.get().await.map_err(|error| undone(error.into()))?;
        let (xact, rows) = match self.send(&client, group).await {
            Ok(sent) => sent,
            Err(error) => {
                if !matches!(error, StoreError::Unavailable(_)) && client.batch_execute("ROLLBACK").await.is_err() {
                    drop(Object::take(client));
                }
                return Err(undone(error));
            }
        };
        match (client.batch_execute("COMMIT").await.map_err(StoreError::from), xact) {
            (Ok(()), _) => Ok(rows),
            (Err(error), xact) => {
                drop(Object::take(client));
                match (error, xact) {
                    (StoreError::Unavailable(_), Some(xact)) => Err(Broken::Unknown(xact, rows)),
                    (error, _) => Err(undone(error)),
                }
            }
        }
    }

    async fn send(&self, client: &Object, group: &[Statement]) -> Result<(Option<String>, Vec<Vec<Row>>), StoreError> {
        let prepared = try_join_all(group.iter().map(|statement| client.prepare_cached(statement.text))).await?;
        let xact = client.prepare_cached(XACT).await?;
        let values = group
            .iter()
            .map(|statement| statement.values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect::<Vec<_>>());
        let values: Vec<_> = values.collect();
        // Polled in this order, so they are sent in this order.
        let begin = client.batch_execute(self.begin);
        let run = join_all(prepared.iter().zip(&values).map(|(prepared, values)| client.query(prepared, values)));
        let (begun, ran, xact) = tokio::join!(biased; begin, run, client.query_one(&xact, &[]));
        begun?;
        let mut rows = Vec::with_capacity(group.len());
        for answer in ran {
            rows.push(answer?.into_iter().map(Row).collect());
        }
        Ok((xact?.try_get(0)?, rows))
    }
}
