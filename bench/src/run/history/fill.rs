//! A gateway's file filled as if it had run for a month: events, each delivered at the first attempt.

use std::io;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rusqlite::{Connection, params};

const DAY_MS: i64 = 86_400_000;

/// How old the first event is, and the last: all are younger than what a gateway keeps by default.
const AGES_DAYS: (i64, i64) = (29, 2);

/// Rows of one transaction.
const BATCH: u64 = 250_000;

/// The numbers `?1` to `?2`, each with a time: from `?3` on, `?4` ms for every thousand.
const ROWS: &str = "WITH RECURSIVE
    numbers (i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ?2),
    n (i, at) AS (SELECT i, ?3 + ?4 * i / 1000 FROM numbers)";

/// `?5` is the message.
const EVENTS: &str = r#"INSERT INTO events
    SELECT i, printf('evt_%026d', i), 'default', 'message.received', printf(
        '{"event":"message.received","timestamp":"2026-11-01T00:00:00Z","data":{"session_id":"user_%d",'
        || '"message_id":"msg_%026d","content":"%s","channel":"api"},"id":"evt_%026d"}', i / 10, i, ?5, i), at FROM n"#;

/// `?5` is the endpoint.
const DELIVERIES: &str = "INSERT INTO deliveries
    SELECT i, printf('dlv_%026d', i), 'default', i, printf('evt_%026d', i), 'message.received', ?5, 'succeeded', 1, NULL,
        at, at + 4 FROM n";

/// `?5` is the status.
const ATTEMPTS: &str = "INSERT INTO attempts SELECT i, 1, at + 2, 2, ?5, NULL, NULL FROM n";

/// Stores events of some 500 bytes with their deliveries to the file's first endpoint; the gateway must be stopped.
pub(super) fn fill(folder: &Path, events: u64) -> io::Result<()> {
    write(&folder.join("openclaw.db"), events).map_err(io::Error::other)
}

fn write(file: &Path, events: u64) -> rusqlite::Result<()> {
    let mut file = Connection::open(file)?;
    // Nothing of it need survive a crash, so it need not wait for the disk.
    file.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA foreign_keys = OFF;")?;
    let endpoint: i64 = file.query_row("SELECT row FROM endpoints ORDER BY row LIMIT 1", [], |row| row.get(0))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis());
    let oldest = i64::try_from(now).expect("not that late") - AGES_DAYS.0 * DAY_MS;
    let pace = (AGES_DAYS.0 - AGES_DAYS.1) * DAY_MS * 1000 / i64::try_from(events).expect("millions");
    let message = "x".repeat(300);
    for first in (1..=events).step_by(usize::try_from(BATCH).expect("a quarter of a million")) {
        let last = (first + BATCH - 1).min(events);
        let transaction = file.transaction()?;
        let insert = |statement: &str| transaction.prepare(&format!("{ROWS} {statement}"));
        insert(EVENTS)?.execute(params![first, last, oldest, pace, message])?;
        insert(DELIVERIES)?.execute(params![first, last, oldest, pace, endpoint])?;
        insert(ATTEMPTS)?.execute(params![first, last, oldest, pace, 200])?;
        transaction.commit()?;
    }
    file.execute("UPDATE dispatched SET seq = ?1", [events])?;
    file.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);")
}
