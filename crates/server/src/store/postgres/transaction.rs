//! Transactions that are surely committed or surely not.
//!
//! What another gateway came in between is run again. If the database goes away, the transaction waits for it to come back and
//! is run again, up to [`PATIENCE`]; if it went away during the commit, it is asked what became of that very transaction, so
//! that nothing is done twice and nothing is told that was not done.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;
use deadpool_postgres::{Object, Pool};

use super::Values;
use super::row::Row;
use crate::clock::Clock;
use crate::store::StoreError;

/// How long a write waits for a database that is away: a restart or a failover.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);
/// How long between two tries.
const AGAIN_AFTER: Duration = Duration::from_millis(100);
/// How often a transaction is begun anew because of others.
const CONTENDED_MAX: usize = 10;

/// Several steps that are done as one; they may be asked for more than once.
#[async_trait]
pub(super) trait Work: Sync {
    /// What comes of it.
    type Done: Send;

    /// The steps.
    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Done, StoreError>;
}

/// A transaction under way. It is begun with its first statement, and its number is asked for with it: one way to the database
/// and back. Left before its end, its connection is closed.
pub(super) struct Tx<'a> {
    client: &'a Object,
    begun: OnceLock<Option<String>>,
}

impl<'a> Tx<'a> {
    fn new(client: &'a Object) -> Self {
        Self { client, begun: OnceLock::new() }
    }

    /// Rows, read or written.
    pub(super) async fn rows(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let prepared = self.client.prepare_cached(statement).await?;
        let rows = self.run(self.client.query(&prepared, values)).await?;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// The row, if there is one.
    pub(super) async fn row(&self, statement: &str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    /// The row that there must be.
    pub(super) async fn one(&self, statement: &str, values: Values<'_>) -> Result<Row, StoreError> {
        self.row(statement, values).await?.ok_or_else(|| StoreError::Engine("a row is missing".into()))
    }

    /// Says how many rows were changed.
    pub(super) async fn execute(&self, statement: &str, values: Values<'_>) -> Result<u64, StoreError> {
        let prepared = self.client.prepare_cached(statement).await?;
        self.run(self.client.execute(&prepared, values)).await
    }

    async fn run<T>(&self, statement: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, StoreError> {
        if self.begun.get().is_some() {
            return Ok(statement.await?);
        }
        let xact = self.client.prepare_cached(XACT).await?;
        // Polled in this order, so they are sent in this order.
        let (begun, done, xact) = tokio::join!(
            biased;
            self.client.batch_execute("BEGIN"),
            statement,
            self.client.query_one(&xact, &[]),
        );
        begun?;
        let done = done?;
        let _ = self.begun.set(xact?.try_get(0)?);
        Ok(done)
    }

    /// The number of the transaction, if it wrote anything.
    async fn xact(&self) -> Result<Option<String>, StoreError> {
        match self.begun.get() {
            Some(Some(xact)) => Ok(Some(xact.clone())),
            _ => self.one(XACT, &[]).await?.get(0),
        }
    }
}

/// Why a transaction was not committed for sure.
pub(super) enum Broken<T> {
    /// It surely was not.
    Undone(StoreError),
    /// The answer to the commit of that transaction is lost.
    Unknown(String, T),
}

/// Runs the work in a transaction of its own. Dropping the future undoes it, unless it is being committed.
pub(super) async fn run<W: Work>(pool: &Pool, clock: &Clock, work: &W) -> Result<W::Done, StoreError> {
    let mut tries = Tries::new(clock);
    loop {
        match attempt(pool, work).await {
            Ok(done) => return Ok(done),
            Err(Broken::Undone(error)) => tries.again(error).await?,
            Err(Broken::Unknown(xact, done)) => {
                if is_committed(pool, &mut tries, &xact).await? {
                    return Ok(done);
                }
            }
        }
    }
}

async fn attempt<W: Work>(pool: &Pool, work: &W) -> Result<W::Done, Broken<W::Done>> {
    let lent = Lent::of(pool).await.map_err(Broken::Undone)?;
    let tx = Tx::new(lent.client());
    let ran = match work.run(&tx).await {
        Ok(done) => tx.xact().await.map(|xact| (done, xact)),
        Err(error) => Err(error),
    };
    lent.end(ran).await
}

/// A connection of the pool for one transaction. Dropped before its end, as with the future of who waits for it, it is closed, and
/// the database undoes the transaction.
pub(super) struct Lent(Option<Object>);

impl Lent {
    pub(super) async fn of(pool: &Pool) -> Result<Self, StoreError> {
        Ok(Self(Some(pool.get().await?)))
    }

    pub(super) fn client(&self) -> &Object {
        self.0.as_ref().expect("it is there until its end")
    }

    /// Commits what was done, or undoes it all.
    pub(super) async fn end<T>(mut self, ran: Result<(T, Option<String>), StoreError>) -> Result<T, Broken<T>> {
        let (done, xact) = match ran {
            Ok(ran) => ran,
            Err(error) => {
                if self.client().batch_execute("ROLLBACK").await.is_ok() {
                    drop(self.0.take());
                }
                return Err(Broken::Undone(error));
            }
        };
        match (self.client().batch_execute("COMMIT").await.map_err(StoreError::from), xact) {
            (Ok(()), _) => {
                drop(self.0.take());
                Ok(done)
            }
            (Err(StoreError::Unavailable(_)), Some(xact)) => Err(Broken::Unknown(xact, done)),
            (Err(error), _) => Err(Broken::Undone(error)),
        }
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        drop(self.0.take().map(Object::take));
    }
}

/// The number of the transaction under way, if it wrote anything.
pub(super) const XACT: &str = "SELECT pg_current_xact_id_if_assigned()::text";

/// What became of a transaction whose commit was not answered.
pub(super) async fn is_committed(pool: &Pool, tries: &mut Tries<'_>, xact: &str) -> Result<bool, StoreError> {
    loop {
        let status = match query(pool, "SELECT pg_xact_status($1::text::xid8)", &[&xact]).await {
            Ok(rows) => rows.first().map(|row| row.get::<Option<String>>(0)).transpose()?.flatten(),
            Err(error) => {
                tries.again(error).await?;
                continue;
            }
        };
        match status.as_deref() {
            Some("committed") => return Ok(true),
            Some("aborted") => return Ok(false),
            // Its old connection has not noticed yet that nobody is there.
            Some(_) => tries.again(StoreError::Unavailable("a commit is under way".into())).await?,
            None => return Err(StoreError::Engine("the database has forgotten a transaction".into())),
        }
    }
}

/// Reads rows; once more if the connection turns out to be gone.
pub(super) async fn query(pool: &Pool, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
    let first = query_once(pool.get().await?, statement, values).await;
    match first {
        Err(StoreError::Unavailable(_)) => query_once(pool.get().await?, statement, values).await,
        first => first,
    }
}

async fn query_once(client: Object, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
    let prepared = client.prepare_cached(statement).await?;
    Ok(client.query(&prepared, values).await?.into_iter().map(Row).collect())
}

/// How often and how long something was tried.
pub(super) struct Tries<'a> {
    clock: &'a Clock,
    began: std::time::Instant,
    contended: usize,
}

impl<'a> Tries<'a> {
    pub(super) fn new(clock: &'a Clock) -> Self {
        Self { clock, began: clock.instant(), contended: 0 }
    }

    /// Waits a little if the error may pass; gives it back if it may not, or has not for long enough.
    pub(super) async fn again(&mut self, error: StoreError) -> Result<(), StoreError> {
        match error {
            StoreError::Contended if self.contended < CONTENDED_MAX => {
                self.contended += 1;
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
