//! Events in SQLite.

use async_trait::async_trait;
use openclaw_core::{EventName, EventPattern, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Sqlite;
use crate::store::event::{is_sample, wanted, words};
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
                    "SELECT seq, id, payload FROM events WHERE workspace = ?1 AND name = ?2 AND seq > ?3 ORDER BY seq",
                )?;
                let limit = page.limit as usize;
                let mut found: Vec<(i64, String, String)> = Vec::new();
                // Name by name: the index finds the next of each, however far apart they lie.
                for name in EventName::ALL.iter().filter(|name| wanted(&patterns, **name)) {
                    let mut rows = statement.query(params![workspace, name.as_str(), after])?;
                    let first = found.len();
                    while found.len() - first <= limit
                        && let Some(row) = rows.next()?
                    {
                        if !is_sample(*name, row.get_ref(2)?.as_str()?) {
                            found.push((row.get(0)?, row.get(1)?, row.get(2)?));
                        }
                    }
                }
                found.sort_unstable_by_key(|(seq, ..)| *seq);
                let more = found.len() > limit;
                found.truncate(limit);
                let next = found.last().filter(|_| more).map(|(_, id, _)| id.clone());
                Ok(Some(Rows { data: found.into_iter().map(|(_, _, payload)| payload).collect(), next }))
            })
            .await?
            .ok_or(StoreError::BadCursor)
    }

    async fn latest_event(&self, workspace: String) -> Result<Option<String>, StoreError> {
        self.readers
            .read(move |connection| {
                let mut latest =
                    connection.prepare_cached("SELECT max(seq) FROM events WHERE workspace = ?1 AND name = ?2")?;
                let mut seq = None;
                for name in EventName::ALL {
                    seq = seq.max(latest.query_row([&workspace, name.as_str()], |row| row.get::<_, Option<i64>>(0))?);
                }
                connection
                    .prepare_cached("SELECT id FROM events WHERE seq = ?1")?
                    .query_row([seq], |row| row.get(0))
                    .optional()
            })
            .await
    }

    async fn undispatched_events(&self, limit: u32) -> Result<Vec<UndispatchedEvent>, StoreError> {
        self.readers
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT seq, id, name, workspace, created_at, deliver_to FROM events
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
                        deliver_to: words(row.get_ref(5)?.as_str_or_null()?),
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
    insert(connection, workspace, None, event, now)
}

/// Stores an agent's event, to be found by the agent too.
pub(super) fn insert_agent_event(
    connection: &Connection,
    workspace: &str,
    agent: i64,
    event: &NewEvent,
    now: Timestamp,
) -> rusqlite::Result<()> {
    insert(connection, workspace, Some(agent), event, now)
}

fn insert(
    connection: &Connection,
    workspace: &str,
    agent: Option<i64>,
    event: &NewEvent,
    now: Timestamp,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO events (id, workspace, name, payload, created_at, agent, deliver_to)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            event.id,
            workspace,
            event.name.as_str(),
            event.payload,
            now.as_millis(),
            agent,
            (!event.deliver_to.is_empty()).then(|| event.deliver_to.join(" ")),
        ])
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
