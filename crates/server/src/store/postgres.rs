//! The shared engine: any number of gateways, all alike, on one PostgreSQL.
//!
//! Cast: a *pool* of connections for what is read and for transactions of several steps ([`transaction`]); the *writer*, which
//! puts statements that wait into one commit ([`writer`]); the *link*, over which both know for sure what was committed ([`link`]); the *fleet* ([`fleet`]): each gateway holds one lease, by the
//! database's clock, and everything that it works on names it as the holder, so that the others take over what it leaves
//! behind; *hints* ([`hints`]), which make the others look at once, and which may be lost, since everybody looks anyway.
//! No lock outlives a transaction, and none is held while a vendor or a receiver is called.

mod agent;
mod channel;
mod connect;
mod delivery;
mod endpoint;
mod error;
mod event;
mod fleet;
mod hints;
mod idempotency;
mod key;
mod link;
mod mark;
mod migrate;
mod queue;
mod retention;
mod row;
mod schedule;
mod session;
mod transaction;
mod turn;
mod usage;
mod writer;

use std::hash::Hash;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use tokio_postgres::types::ToSql;

use super::{Fullness, Opener, Store, StoreError};
use crate::clock::Clock;
use crate::config::StorageConfig;
use crate::tasks::Tasks;
use link::Link;
use row::Row;
use transaction::{Tx, Work};
use writer::{Args, Writer, args};

/// Statements with their values, borrowed: what is read is asked for so.
type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A store in one database.
pub(super) struct Postgres {
    link: Link,
    /// What must be on disk when it is answered.
    writer: Writer,
    /// What is worth no wait for the disk.
    quick: Writer,
    fullness: Fullness,
    lease_seconds: f64,
    /// This gateway's number in the database; 0 before it joined, and for commands.
    gateway: AtomicI64,
    hints: hints::Hints,
    /// Held while a child is stored.
    spawning: tokio::sync::Mutex<()>,
    tasks: Tasks,
}

impl Postgres {
    /// Connects and brings the database to the present shape.
    pub(super) async fn open(config: &StorageConfig, opener: Opener) -> Result<Self, StoreError> {
        let tasks = Tasks::default();
        let target = connect::target(config, opener)?;
        let pool = connect::pool(&target, &config.postgres, opener)?;
        migrate::run(&pool).await?;
        let statement_max = Duration::from_secs(config.postgres.statement_timeout_seconds.into());
        let link = Link::new(pool, Clock::system(), statement_max);
        let fullness = Fullness::default();
        let begin = |durable| Writer::start(&tasks, &link, config.write_queue_max, durable, fullness.clone());
        let hints = match opener {
            Opener::Gateway => hints::Hints::start(&tasks, &link, target),
            Opener::Command => hints::Hints::mute(),
        };
        let store = Self {
            writer: begin(true),
            quick: begin(false),
            fullness,
            lease_seconds: f64::from(config.postgres.lease_seconds),
            gateway: AtomicI64::new(0),
            hints,
            spawning: tokio::sync::Mutex::default(),
            tasks,
            link,
        };
        if opener == Opener::Gateway {
            store.renew().await?;
        }
        Ok(store)
    }

    /// The number under which this gateway holds what it works on.
    fn holder(&self) -> i64 {
        self.gateway.load(Ordering::Relaxed)
    }

    /// Reads rows.
    async fn rows(&self, statement: &str, values: Values<'_>) -> Result<Vec<Row>, StoreError> {
        self.link.query(statement, values).await
    }

    /// Reads the row, if there is one.
    async fn row(&self, statement: &str, values: Values<'_>) -> Result<Option<Row>, StoreError> {
        Ok(self.rows(statement, values).await?.into_iter().next())
    }

    /// Runs one statement that writes, in a commit with others; gives what it returns once that is on disk.
    async fn write(&self, statement: &'static str, values: Args) -> Result<Vec<Row>, StoreError> {
        self.writer.write(statement, values).await
    }

    /// The same for a statement that returns at most one row.
    async fn write_one(&self, statement: &'static str, values: Args) -> Result<Option<Row>, StoreError> {
        Ok(self.write(statement, values).await?.into_iter().next())
    }

    /// Writes one of the values that a function takes at once, in a commit with others; gives its row.
    async fn write_item(
        &self,
        function: &'static str,
        subject: impl Hash + Send,
        item: impl ToSql + Sync + Send + 'static,
    ) -> Result<Row, StoreError> {
        self.writer.write_item(function, subject, item).await
    }

    /// Runs several steps in a transaction of their own, again if another gateway came in between.
    async fn transact<W: Work>(&self, work: &W) -> Result<W::Done, StoreError> {
        transaction::run(&self.link, work).await.inspect_err(|error| {
            if *error == StoreError::Full {
                self.fullness.fill();
            }
        })
    }
}

/// One connection to a database of the present shape, outside any pool.
pub(super) async fn connect_alone(config: &StorageConfig) -> Result<tokio_postgres::Client, StoreError> {
    let target = connect::target(config, Opener::Command)?;
    migrate::run(&connect::pool(&target, &config.postgres, Opener::Command)?).await?;
    let (client, connection) = target.config.connect(target.tls).await?;
    // Ends when the client is dropped.
    Tasks::default().spawn(async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "the connection to the database ended");
        }
    });
    Ok(client)
}

#[async_trait]
impl Store for Postgres {
    async fn ping(&self) -> Result<(), StoreError> {
        self.rows("SELECT 1", &[]).await.map(|_| ())
    }

    fn writes_queued(&self) -> u64 {
        self.writer.queued() + self.quick.queued()
    }

    fn fullness(&self) -> &Fullness {
        &self.fullness
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.tasks.draining().cancel();
    }
}
