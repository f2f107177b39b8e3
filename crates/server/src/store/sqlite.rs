//! The embedded engine: one SQLite file in WAL mode, one thread that writes, a few that read.
//!
//! SQLite by `rusqlite`, on threads of our own: a lone commit waits milliseconds for the disk, so every write goes
//! through one thread that commits all that wait as one group, which no async pool offers.

mod agent;
mod channel;
mod delivery;
mod endpoint;
mod event;
mod fleet;
mod idempotency;
mod key;
mod migrate;
mod queue;
mod reader;
mod retention;
mod schedule;
mod session;
mod turn;
mod usage;
mod writer;

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::{Fullness, Opener, PageQuery, Rows, Store, StoreError};
use crate::config::{StorageConfig, Synchronous};
use reader::Readers;
use writer::Writer;

/// Statements that each connection keeps prepared.
const STATEMENTS_CACHED: usize = 128;
/// Pages of the log before they go into the file, 16 MiB: a page written often meanwhile goes once.
const CHECKPOINT_PAGES: u32 = 4096;
/// How long a statement waits for another process's write, in milliseconds: `openclaw api key` writes beside the gateway.
const BUSY_TIMEOUT_MS: u64 = 10_000;

/// A store in one SQLite file.
pub(super) struct Sqlite {
    writer: Writer,
    readers: Readers,
    fullness: Fullness,
    /// Held while the gateway runs; the operating system lets it go when the process ends, however it ends.
    _lock: Option<File>,
}

impl Sqlite {
    /// Opens the file, made (readable by its owner only) and migrated if need be.
    pub(super) fn open(config: &StorageConfig, opener: Opener) -> Result<Self, StoreError> {
        let path = config.path();
        let lock = prepare(&path, opener)?;
        let mut first = connect(&path, config.synchronous)?;
        migrate::run(&mut first)?;
        limit_size(&first, config.file_bytes_max)?;
        let fullness = Fullness::default();
        let readers = match opener {
            Opener::Gateway => config.readers,
            Opener::Command => 1,
        };
        let readers =
            (0..readers).map(|_| connect(&path, config.synchronous)).collect::<Result<Vec<_>, StoreError>>()?;
        Ok(Self {
            writer: Writer::start(first, config.write_queue_max, fullness.clone())?,
            readers: Readers::start(readers)?,
            fullness,
            _lock: lock,
        })
    }
}

#[async_trait]
impl Store for Sqlite {
    async fn ping(&self) -> Result<(), StoreError> {
        self.readers.read(|connection| connection.query_row("SELECT 1", [], |_| Ok(()))).await
    }

    fn writes_queued(&self) -> u64 {
        self.writer.queued()
    }

    fn fullness(&self) -> &Fullness {
        &self.fullness
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        // SQLite says so of a full disk (ENOSPC) and of a file that may not grow.
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Engine(error.to_string()),
        }
    }
}

/// Makes the folder and the lock file; the gateway takes the lock, so that one process owns the claims in its memory.
fn prepare(path: &Path, opener: Opener) -> Result<Option<File>, StoreError> {
    let failed = |error: std::io::Error| StoreError::Engine(format!("{}: {error}", path.display()));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    private(path).map_err(failed)?;
    if opener == Opener::Command {
        return Ok(None);
    }
    let lock = private(&lock_path(path)).map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse(path.display().to_string())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn lock_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

/// Opens a file that only its owner may read: it holds conversations.
fn private(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Holds the file to a size, in whole pages; one that is larger already stays and grows no more.
fn limit_size(connection: &Connection, bytes_max: u64) -> Result<(), StoreError> {
    if bytes_max == 0 {
        return Ok(());
    }
    let page_bytes: u64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let pages = u32::try_from(bytes_max.div_ceil(page_bytes.max(1))).unwrap_or(u32::MAX - 1);
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
    Ok(())
}

fn connect(path: &Path, synchronous: Synchronous) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(std::time::Duration::from_millis(BUSY_TIMEOUT_MS))?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // Otherwise statements whose plan might depend on a value (`LIMIT ?`, `row = ?`) are parsed anew for each.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let synchronous = match synchronous {
        Synchronous::Full => "FULL",
        Synchronous::Normal => "NORMAL",
    };
    connection.execute_batch(&format!(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON; \
         PRAGMA cache_size = -4096; PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};"
    ))?;
    Ok(connection)
}

/// Reads a cursor as the row number that it holds.
fn cursor(page: &PageQuery) -> Result<Option<i64>, StoreError> {
    page.after.as_deref().map(|after| after.parse().map_err(|_| StoreError::BadCursor)).transpose()
}

/// Makes a page of up to one row more than was asked for, each with its row number.
fn rows<T>(mut found: Vec<(i64, T)>, limit: u32) -> Rows<T> {
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = found.last().filter(|_| more).map(|(row, _)| row.to_string());
    Rows { data: found.into_iter().map(|(_, value)| value).collect(), next }
}

/// A column that holds what this gateway cannot read.
fn unreadable(column: usize, why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, why.into())
}
