//! Transactions of several steps that are surely committed or surely not.
//!
//! What another gateway came in between is run again. If the database goes away, the transaction waits for it to come back and
//! is run again, for so long ([`Link::commit`]); if it went away during the commit, it is asked what became of that very transaction, so
//! that nothing is done twice and nothing is told that was not done.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use deadpool_postgres::Object;
use tokio_postgres::Statement;

use super::Values;
use super::link::{Broken, CONTENDED_MAX, Lent, Link};
use super::row::Row;
use crate::store::StoreError;

/// Several steps that are done as one; they may be asked for more than once.
#[async_trait]
pub(super) trait Work: Sync {
    /// What comes of it.
    type Done: Send;

    /// The steps.
    async fn run(&self, tx: &Tx<'_>) -> Result<Self::Done, StoreError>;
}

/// A transaction under way. It is begun, and its mark is left, with its first statement: one way to the database and back. Left
/// before its end, its connection is closed.
pub(super) struct Tx<'a> {
    lent: &'a Lent<'a>,
    begun: AtomicBool,
}

impl Tx<'_> {
    /// Rows, read or written.
    pub(super) async fn rows(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        let rows = self.run(statement, async |client, prepared| client.query(prepared, values).await).await?;
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
        self.run(statement, async |client, prepared| client.execute(prepared, values).await).await
    }

    async fn run<T>(
        &self,
        statement: &str,
        run: impl AsyncFnOnce(&Object, &Statement) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, StoreError> {
        let ask = async |client: &Object| {
            let prepared = client.prepare_cached(statement).await?;
            if self.begun.load(Ordering::Relaxed) {
                return Ok(run(client, &prepared).await?);
            }
            let mark = self.lent.mark();
            // Polled in this order, so they are sent in this order.
            let (begun, done, left) = tokio::join!(
                biased;
                client.batch_execute("BEGIN"),
                run(client, &prepared),
                mark.leave(client),
            );
            begun?;
            let done = done?;
            left?;
            self.begun.store(true, Ordering::Relaxed);
            Ok(done)
        };
        self.lent.ask(ask).await
    }
}

/// Runs the work in a transaction of its own. Dropping the future undoes it, unless it is being committed.
pub(super) async fn run<W: Work>(link: &Link, work: &W) -> Result<W::Done, StoreError> {
    link.commit(CONTENDED_MAX, || attempt(link, work)).await
}

async fn attempt<W: Work>(link: &Link, work: &W) -> Result<W::Done, Broken<W::Done>> {
    let lent = link.lend().await.map_err(Broken::Undone)?;
    let ran = work.run(&Tx { lent: &lent, begun: AtomicBool::new(false) }).await;
    lent.end(ran).await
}
