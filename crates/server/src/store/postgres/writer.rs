//! What is written: all that waits goes to the database together and shares one commit.
//!
//! Order of events: a caller queues a write and waits; the worker takes it and every other that waits by then (up to
//! [`GROUP_MAX`]), sends them all at once in one transaction, commits, and only then answers them. Writes of a kind that is
//! frequent are the values of one call to a function. If one fails, the group is undone and each is run again in a transaction
//! of its own, so that one failure undoes one write. Each write must therefore be whole by itself: it sees what the others of its
//! group did, in any order. A caller that stops waiting loses the answer, never the write.

use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::BytesMut;
use deadpool_postgres::Object;
use futures_util::future::{join_all, try_join_all};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tokio::task::yield_now;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::link::{Broken, CONTENDED_MAX, Link};
use super::mark::Mark;
use super::row::Row;
use crate::store::{Fullness, StoreError};
use crate::tasks::Tasks;

/// How often the worker steps back, once the first write is there, for others that are about to come.
const GATHERS: usize = 3;
/// The most writes of one commit.
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

/// One of several values that a function of the database takes at once, as an array.
#[derive(Debug)]
struct Item(Box<dyn ToSql + Sync + Send>);

impl ToSql for Item {
    fn to_sql(&self, of_type: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        self.0.to_sql_checked(of_type, out)
    }

    fn accepts(_: &Type) -> bool {
        true // Asked again of what is in it.
    }

    to_sql_checked!();
}

/// What one caller wants written.
enum Wanted {
    /// A statement of its own.
    Statement(Args),
    /// One of the values that a function takes at once; of those with one subject, one at a time.
    Item(u64, Item),
}

struct Write {
    text: &'static str,
    wanted: Wanted,
    reply: oneshot::Sender<Result<Vec<Row>, StoreError>>,
}

/// A handle of the worker, which ends when it is dropped.
pub(super) struct Writer {
    writes: mpsc::Sender<Write>,
    queued: Arc<AtomicU64>,
    /// Makes the same number of the same subject.
    subjects: RandomState,
}

/// What the worker works with.
struct Worker {
    link: Link,
    fullness: Fullness,
    begin: &'static str,
}

impl Writer {
    /// Starts it; at most `queue_max` writes may wait. Not `durable`: a commit does not wait for the disk.
    pub(super) fn start(tasks: &Tasks, link: &Link, queue_max: usize, durable: bool, fullness: Fullness) -> Self {
        let (writes, waiting) = mpsc::channel(queue_max);
        let queued = Arc::new(AtomicU64::new(0));
        let begin = if durable { "BEGIN" } else { "BEGIN; SET LOCAL synchronous_commit = off" };
        let worker = Worker { link: link.clone(), fullness, begin };
        tasks.spawn(work(worker, waiting, Arc::clone(&queued)));
        Self { writes, queued, subjects: RandomState::new() }
    }

    /// Queues a statement and waits until it is committed. It may be run more than once; only the last run counts.
    pub(super) async fn write(&self, text: &'static str, values: Args) -> Result<Vec<Row>, StoreError> {
        self.queue(text, Wanted::Statement(values)).await
    }

    /// The same for a function that takes all values that wait for it in one array, `$1`, and gives a row for each, in their
    /// order. It is never given two of one `subject` at once.
    pub(super) async fn write_item(
        &self,
        function: &'static str,
        subject: impl Hash,
        item: impl ToSql + Sync + Send + 'static,
    ) -> Result<Row, StoreError> {
        let item = Wanted::Item(self.subjects.hash_one(subject), Item(Box::new(item)));
        let mut rows = self.queue(function, item).await?;
        rows.pop().ok_or_else(|| StoreError::Engine(format!("`{function}` gave nothing")))
    }

    async fn queue(&self, text: &'static str, wanted: Wanted) -> Result<Vec<Row>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.queued.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = self.writes.try_send(Write { text, wanted, reply }) {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            return Err(match error {
                TrySendError::Full(_) => StoreError::Overloaded,
                TrySendError::Closed(_) => StoreError::Closed,
            });
        }
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    /// Writes that are not answered yet.
    pub(super) fn queued(&self) -> u64 {
        self.queued.load(Ordering::Relaxed)
    }
}

/// One group at a time: while it is written the next one gathers. Two at once would be small ones, and a call costs more than a
/// row.
async fn work(worker: Worker, mut waiting: mpsc::Receiver<Write>, queued: Arc<AtomicU64>) {
    while let Some(first) = waiting.recv().await {
        let mut group = vec![first];
        for _ in 0..GATHERS {
            yield_now().await;
        }
        while group.len() < GROUP_MAX
            && let Ok(next) = waiting.try_recv()
        {
            group.push(next);
        }
        let number = group.len() as u64;
        worker.answer(group).await;
        queued.fetch_sub(number, Ordering::Relaxed);
    }
}

impl Worker {
    async fn answer(&self, group: Vec<Write>) {
        let outcome = self.commit(&group).await;
        if let (Err(error), 2..) = (&outcome, group.len())
            && !matches!(error, StoreError::Unavailable(_))
        {
            for write in group {
                let alone = self.commit(std::slice::from_ref(&write)).await;
                let _ = write.reply.send(alone.map(|mut rows| rows.pop().unwrap_or_default()));
            }
            return;
        }
        match outcome {
            Ok(rows) => {
                for (write, rows) in group.into_iter().zip(rows) {
                    let _ = write.reply.send(Ok(rows));
                }
            }
            Err(error) => {
                for write in group {
                    let _ = write.reply.send(Err(error.clone()));
                }
            }
        }
    }

    /// Commits the statements, or says why not; whatever happens meanwhile, it is known which.
    async fn commit(&self, group: &[Write]) -> Result<Vec<Vec<Row>>, StoreError> {
        // A group is undone for one of its statements: alone each finds out by itself.
        let contended_max = if group.len() > 1 { 0 } else { CONTENDED_MAX };
        let committed = self.link.commit(contended_max, || self.attempt(group)).await;
        committed.inspect_err(|error| {
            if *error == StoreError::Full {
                self.fullness.fill();
            }
        })
    }

    /// Sends everything at once, then the commit.
    async fn attempt(&self, group: &[Write]) -> Result<Vec<Vec<Row>>, Broken<Vec<Vec<Row>>>> {
        let lent = self.link.lend().await.map_err(Broken::Undone)?;
        let sent = lent.ask(async |client| self.send(client, lent.mark(), group).await).await;
        lent.end(sent).await
    }

    async fn send(&self, client: &Object, mark: Mark, group: &[Write]) -> Result<Vec<Vec<Row>>, StoreError> {
        let calls = Call::of(group);
        let prepared = try_join_all(calls.iter().map(|call| client.prepare_cached(call.text))).await?;
        let values: Vec<_> = calls.iter().map(Call::values).collect();
        // Polled in this order, so they are sent in this order.
        let begin = client.batch_execute(self.begin);
        let run = join_all(prepared.iter().zip(&values).map(|(prepared, values)| client.query(prepared, values)));
        let (begun, ran, left) = tokio::join!(biased; begin, run, mark.leave(client));
        begun?;
        let mut answers: Vec<_> = group.iter().map(|_| Vec::new()).collect();
        for (call, rows) in calls.iter().zip(ran) {
            call.hand_out(rows?, &mut answers)?;
        }
        left?;
        Ok(answers)
    }
}

/// A statement as it is sent, for one write or for several.
struct Call<'a> {
    text: &'static str,
    of: Values<'a>,
}

enum Values<'a> {
    /// Of a statement, for the write of that number.
    Own(usize, &'a Args),
    /// Of a function, for the writes of these numbers, and what they are about.
    Items { items: Vec<&'a Item>, writes: Vec<usize>, subjects: Vec<u64> },
}

impl<'a> Call<'a> {
    /// The fewest calls that do all of it.
    fn of(group: &'a [Write]) -> Vec<Self> {
        let mut calls: Vec<Self> = Vec::new();
        for (number, write) in group.iter().enumerate() {
            match &write.wanted {
                Wanted::Statement(values) => calls.push(Self { text: write.text, of: Values::Own(number, values) }),
                Wanted::Item(subject, item) => {
                    let joined = calls.iter_mut().any(|call| call.join(write.text, number, *subject, item));
                    if !joined {
                        let (items, writes, subjects) = (vec![item], vec![number], vec![*subject]);
                        calls.push(Self { text: write.text, of: Values::Items { items, writes, subjects } });
                    }
                }
            }
        }
        calls
    }

    /// Takes one more value, if it may.
    fn join(&mut self, text: &str, number: usize, subject: u64, item: &'a Item) -> bool {
        let Values::Items { items, writes, subjects } = &mut self.of else { return false };
        if self.text != text || subjects.contains(&subject) {
            return false;
        }
        items.push(item);
        writes.push(number);
        subjects.push(subject);
        true
    }

    fn values(&self) -> Vec<&(dyn ToSql + Sync)> {
        match &self.of {
            Values::Own(_, values) => values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect(),
            Values::Items { items, .. } => vec![items],
        }
    }

    /// Gives each write its rows.
    fn hand_out(&self, rows: Vec<tokio_postgres::Row>, answers: &mut [Vec<Row>]) -> Result<(), StoreError> {
        match &self.of {
            Values::Own(number, _) => answers[*number] = rows.into_iter().map(Row).collect(),
            Values::Items { writes, .. } if writes.len() != rows.len() => {
                return Err(StoreError::Engine(format!("`{}` gave {} rows", self.text, rows.len())));
            }
            Values::Items { writes, .. } => {
                for (number, row) in writes.iter().zip(rows) {
                    answers[*number].push(Row(row));
                }
            }
        }
        Ok(())
    }
}
