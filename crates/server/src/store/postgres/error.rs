//! What the database's failures mean.

use std::error::Error as _;

use tokio_postgres::error::SqlState;

use crate::store::StoreError;

/// Two gateways changed the same: one of them is told to begin again.
const CONTENDED: [SqlState; 2] = [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED];
/// The database goes, comes, is somebody's stand-by, or is too busy to answer in time.
const AWAY: [SqlState; 8] = [
    SqlState::ADMIN_SHUTDOWN,
    SqlState::CRASH_SHUTDOWN,
    SqlState::CANNOT_CONNECT_NOW,
    SqlState::TOO_MANY_CONNECTIONS,
    SqlState::READ_ONLY_SQL_TRANSACTION,
    SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    SqlState::QUERY_CANCELED,
    SqlState::LOCK_NOT_AVAILABLE,
];

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        let Some(code) = error.code() else {
            let is_io = error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
            return if error.is_closed() || is_io {
                Self::Unavailable(chain(&error))
            } else {
                Self::Engine(chain(&error))
            };
        };
        // Class 08: the connection; class 53: resources, of which the disk has a name of its own.
        if CONTENDED.contains(code) {
            Self::Contended
        } else if *code == SqlState::DISK_FULL {
            Self::Full
        } else if AWAY.contains(code) || code.code().starts_with("08") {
            Self::Unavailable(chain(&error))
        } else {
            Self::Engine(chain(&error))
        }
    }
}

impl From<deadpool_postgres::PoolError> for StoreError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        match error {
            deadpool_postgres::PoolError::Backend(error) => match Self::from(error) {
                // Whoever cannot even connect may be let in later: a wrong password is told at the start.
                Self::Engine(why) => Self::Unavailable(why),
                other => other,
            },
            deadpool_postgres::PoolError::Timeout(_) => Self::Overloaded,
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// The error and what caused it, which `tokio-postgres` leaves out of its own words.
fn chain(error: &tokio_postgres::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
