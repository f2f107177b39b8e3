//! Events in SQLite.

use async_trait::async_trait;
use openclaw_core::{EventName, EventPattern, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Sqlite;
use crate::store::{EventStore, NewEvent, PageQuery, Rows, StoreError, UndispatchedEvent};

#[async_trait]
impl EventStore for Sqlite {
    async fn append_event(&self, workspace: String, event: NewEvent, now: Timestamp) -> Result<(), StoreError> {
        self.writer.write(move |connection| insert_event(connection, &workspace, &event, now)).await
    }

    async fn find_event(&self, workspace: String, id: String) -> Result<Option<String>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT payload FROM events WHERE id = ?2 AND workspace = ?1")?
                    .query_row([workspace, id], |row| row.get(0))
                    .optional()
            })
            .await
    }

    async fn list_events(
        &self,
        workspace: String,
        patterns: Vec<EventPattern>,
        page: PageQuery,
    ) -> Result<Rows<String>, StoreError> {
        self.readers
            .read(move |connection| {
                let Some(after) = place(connection, &workspace, page.after.as_deref())? else { return Ok(None) };
                let mut statement = connection.prepare_cached(
                    "SELECT id, name, payload FROM events WHERE workspace = ?1 AND seq > ?2 ORDER BY seq",
                )?;
                let mut rows = statement.query(params![workspace, after])?;
                let mut found: Vec<(String, String)> = Vec::new();
                while let Some(row) = rows.next()? {
                    let name = row.get_ref(1)?.as_str()?;
                    if !wanted(&patterns, name) || is_sample(name, row.get_ref(2)?.as_str()?) {
                        continue;
                    }
                    if found.len() == page.limit as usize {
                        let next = found.last().map(|(id, _)| id.clone());
                        return Ok(Some(Rows { data: payloads(found), next }));
                    }
                    found.push((row.get(0)?, row.get(2)?));
                }
                Ok(Some(Rows { data: payloads(found), next: None }))
            })
            .await?
            .ok_or(StoreError::BadCursor)
    }

    async fn latest_event(&self, workspace: String) -> Result<Option<String>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT id FROM events WHERE workspace = ?1 ORDER BY seq DESC LIMIT 1")?
                    .query_row([workspace], |row| row.get(0))
                    .optional()
            })
            .await
    }

    async fn undispatched_events(&self, limit: u32) -> Result<Vec<UndispatchedEvent>, StoreError> {
        self.readers
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT seq, id, name, workspace, created_at FROM events
                     WHERE seq > (SELECT seq FROM dispatched) ORDER BY seq",
                )?;
                let mut rows = statement.query([])?;
                let mut found = Vec::new();
                while found.len() < limit as usize
                    && let Some(row) = rows.next()?
                {
                    found.push(UndispatchedEvent {
                        seq: row.get(0)?,
                        id: row.get(1)?,
                        name: EventName::parse(row.get_ref(2)?.as_str()?),
                        workspace: row.get(3)?,
                        created_at: Timestamp::from_millis(row.get(4)?),
                    });
                }
                Ok(found)
            })
            .await
    }

    async fn skip_events(&self, before: Timestamp) -> Result<(), StoreError> {
        let last = self
            .readers
            .read(move |connection| {
                connection
                    .prepare_cached(
                        "SELECT max(seq) FROM events WHERE seq > (SELECT seq FROM dispatched) AND created_at < ?1",
                    )?
                    .query_row([before.as_millis()], |row| row.get::<_, Option<i64>>(0))
            })
            .await?;
        let Some(last) = last else { return Ok(()) };
        self.writer
            .write(move |connection| {
                connection.prepare_cached("UPDATE dispatched SET seq = max(seq, ?1)")?.execute([last]).map(|_| ())
            })
            .await
    }
}

/// Stores an event, in the transaction of the change that it tells of.
pub(super) fn insert_event(
    connection: &Connection,
    workspace: &str,
    event: &NewEvent,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached("INSERT INTO events (id, workspace, name, payload, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![event.id, workspace, event.name.as_str(), event.payload, now.as_millis()])
        .map(|_| ())
}

/// The place of the event that a cursor names; 0 without one, `None` if there is no such event.
fn place(connection: &Connection, workspace: &str, after: Option<&str>) -> rusqlite::Result<Option<i64>> {
    let Some(id) = after else { return Ok(Some(0)) };
    connection
        .prepare_cached("SELECT seq FROM events WHERE id = ?2 AND workspace = ?1")?
        .query_row([workspace, id], |row| row.get(0))
        .optional()
}

fn wanted(patterns: &[EventPattern], name: &str) -> bool {
    let matches = |event| patterns.iter().any(|pattern| pattern.matches(event));
    patterns.is_empty() || EventName::parse(name).is_some_and(matches)
}

/// A sample that was sent by hand tells of nothing that happened: it is kept as a test, and its payload is none.
fn is_sample(name: &str, payload: &str) -> bool {
    let test = EventName::WebhookTest.as_str();
    let says_so = |payload: &str| payload.strip_prefix("{\"event\":\"").is_some_and(|rest| rest.starts_with(test));
    name == test && !says_so(payload)
}

fn payloads(found: Vec<(String, String)>) -> Vec<String> {
    found.into_iter().map(|(_, payload)| payload).collect()
}
