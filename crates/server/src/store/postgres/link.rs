//! The way to the database and back: connections are lent, answers are waited for so long, and a commit is surely done or surely
//! not.

use std::future::Future;
use std::time::Duration;

use deadpool_postgres::{Object, Pool};

use super::Values;
use super::mark::{self, Mark, Marks};
use super::row::Row;
use crate::clock::Clock;
use crate::store::StoreError;

/// How long a write waits for a database that is away: a restart or a fail-over.
const PATIENCE: Duration = Duration::from_secs(20);
/// How long between two tries.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// How often a transaction is begun anew because of others.
pub(super) const CONTENDED_MAX: usize = 10;
/// How much longer than a statement may take its answer is waited for.
const GRACE: Duration = Duration::from_secs(2);

/// What everything that asks the database shares.
#[derive(Clone)]
pub(super) struct Link {
    pool: Pool,
    pub(super) clock: Clock,
    marks: Marks,
    answer_max: Duration,
}

/// Why a transaction was not committed for sure.
pub(super) enum Broken<T> {
    /// It surely was not.
    Undone(StoreError),
    /// The answer to the commit of what has that mark is lost.
    Unknown(Mark, T),
}

impl Link {
    /// Over a pool whose database ends each statement after `statement_max`.
    pub(super) fn new(pool: Pool, clock: Clock, statement_max: Duration) -> Self {
        Self { pool, clock, marks: Marks::default(), answer_max: statement_max + GRACE }
    }

    /// A connection for one transaction.
    pub(super) async fn lend(&self) -> Result<Lent<'_>, StoreError> {
        let client = self.pool.get().await?;
        Ok(Lent { link: self, client: Some(client), mark: self.marks.take(&self.clock) })
    }

    /// Reads rows; once more if the connection turns out to be gone.
    pub(super) async fn query(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let began = self.clock.instant();
        match self.query_once(statement, values).await {
            Err(StoreError::Unavailable(_)) if began.elapsed() < PATIENCE => self.query_once(statement, values).await,
            first => first,
        }
    }

    async fn query_once(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let client = self.pool.get().await?;
        let asked = async {
            let prepared = client.prepare_cached(statement).await?;
            Ok(client.query(&prepared, values).await?)
        };
        match self.answer(asked).await {
            Ok(rows) => Ok(rows.into_iter().map(Row).collect()),
            Err(error) => {
                if matches!(error, StoreError::Unavailable(_)) {
                    drop(Object::take(client));
                }
                Err(error)
            }
        }
    }

    /// Makes attempts at a transaction until it is surely committed, or surely not and why. Whoever came in between is put up with so
    /// many times.
    pub(super) async fn commit<T, F: Future<Output = Result<T, Broken<T>>>>(
        &self,
        contended_max: usize,
        attempt: impl Fn() -> F,
    ) -> Result<T, StoreError> {
        let mut tries = Tries::new(&self.clock, contended_max);
        loop {
            match attempt().await {
                Ok(done) => return Ok(done),
                Err(Broken::Undone(error)) => tries.again(error).await?,
                Err(Broken::Unknown(mark, done)) => {
                    if self.is_committed(&mut tries, mark).await? {
                        return Ok(done);
                    }
                }
            }
        }
    }

    /// What became of a transaction whose commit was not answered.
    async fn is_committed(&self, tries: &mut Tries<'_>, mark: Mark) -> Result<bool, StoreError> {
        loop {
            match self.query(mark::FIND, &[&mark.id]).await {
                Ok(rows) => {
                    let latest: i64 = rows.first().map_or(Ok(0), |row| row.get(0))?;
                    return Ok(latest == mark.number);
                }
                Err(error) => tries.again(error).await?,
            }
        }
    }

    /// Waits for an answer of the database, which may be there and silent.
    async fn answer<T>(&self, asked: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
        let silent = |_| StoreError::Unavailable(format!("no answer in {} s", self.answer_max.as_secs()));
        self.clock.timeout(self.answer_max, asked).await.map_err(silent)?
    }
}

/// A connection for one transaction. Dropped before its end, as with the future of who waits for it, it is closed, and the database
/// undoes the transaction.
pub(super) struct Lent<'a> {
    link: &'a Link,
    client: Option<Object>,
    mark: Mark,
}

impl Lent<'_> {
    /// Asks the database something, and waits for its answer.
    pub(super) async fn ask<T>(
        &self,
        asked: impl AsyncFnOnce(&Object) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let client = self.client.as_ref().expect("it is there until its end");
        self.link.answer(asked(client)).await
    }

    /// To be left beside the first statement.
    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    /// Commits what was done, or undoes it all.
    pub(super) async fn end<T>(mut self, ran: Result<T, StoreError>) -> Result<T, Broken<T>> {
        let last = if ran.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.ask(async |client| Ok(client.batch_execute(last).await?)).await;
        match (ran, ended) {
            (Ok(done), Err(StoreError::Unavailable(_))) => Err(Broken::Unknown(self.mark, done)),
            (Ok(_), Err(error)) => Err(Broken::Undone(error)),
            (ran, Err(_)) => ran.map_err(Broken::Undone),
            (ran, Ok(())) => {
                drop(self.client.take());
                self.link.marks.give_back(self.mark);
                ran.map_err(Broken::Undone)
            }
        }
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        drop(self.client.take().map(Object::take));
    }
}

/// How often and how long something was tried.
struct Tries<'a> {
    clock: &'a Clock,
    began: std::time::Instant,
    /// Of how many more that came in between it is begun anew.
    contended_left: usize,
}

impl<'a> Tries<'a> {
    fn new(clock: &'a Clock, contended_max: usize) -> Self {
        Self { clock, began: clock.instant(), contended_left: contended_max }
    }

    /// Waits a little if the error may pass; gives it back if it may not, or has not for long enough.
    async fn again(&mut self, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Contended if self.contended_left > 0 => {
                self.contended_left -= 1;
                Ok(())
            }
            StoreError::Unavailable(_) if self.began.elapsed() < PATIENCE => {
                self.clock.sleep(AGAIN_AFTER).await;
                Ok(())
            }
            error => Err(error),
        }
    }
}
