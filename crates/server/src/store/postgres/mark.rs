//! Marks: what a transaction leaves in the database so that one can ask whether it was committed.
//!
//! Each transaction under way has a mark of its own and writes a new number to its row. If the answer to the commit is lost, whoever
//! touches that row waits for the transaction, if its old connection is still at it, and then finds its number or an older one.
//! Unlike a transaction's number of the database, a mark is right after a crash and on a stand-by too.

use std::sync::{Arc, Mutex, PoisonError};

use deadpool_postgres::Object;

use crate::clock::Clock;
use crate::store::StoreError;

/// Leaves the mark `$1` with the number `$2`.
const LEAVE: &str = "INSERT INTO commit_marks (id, number) VALUES ($1, $2)
    ON CONFLICT (id) DO UPDATE SET number = excluded.number, at = excluded.at";
/// The latest number of the mark `$1`, once no transaction is under way with it.
pub(super) const FIND: &str = "INSERT INTO commit_marks (id, number) VALUES ($1, 0)
    ON CONFLICT (id) DO UPDATE SET number = commit_marks.number RETURNING number";
/// Forgets marks of gateways that are gone. Nobody asks after so long.
pub(super) const FORGET: &str = "DELETE FROM commit_marks WHERE at < clock_timestamp() - interval '1 hour'";

/// The row of one transaction at a time, and the number that this transaction writes there.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) id: i64,
    pub(super) number: i64,
}

impl Mark {
    /// Leaves it in the transaction under way.
    pub(super) async fn leave(&self, client: &Object) -> Result<(), StoreError> {
        let leave = client.prepare_cached(LEAVE).await?;
        client.execute(&leave, &[&self.id, &self.number]).await?;
        Ok(())
    }
}

/// The marks that no transaction has, so that there are as many rows as there were transactions at once.
#[derive(Clone, Default)]
pub(super) struct Marks(Arc<Mutex<Vec<Mark>>>);

impl Marks {
    /// A mark with a number that it never had.
    pub(super) fn take(&self, clock: &Clock) -> Mark {
        let used = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let Mark { id, number } = used.unwrap_or_else(|| Mark { id: i64::from_ne_bytes(clock.random()), number: 0 });
        Mark { id, number: number + 1 }
    }

    /// Gives one back whose transaction has surely ended.
    pub(super) fn give_back(&self, mark: Mark) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(mark);
    }
}
