//! Agents in SQLite. One process owns the file, so a claim is a word in the row and needs no lease.

pub(super) mod end;
mod progress;
mod read;
pub(super) mod spawn;

use async_trait::async_trait;
use openclaw_core::{Agent, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::event::insert_agent_event;
use super::{Sqlite, cursor, rows};
use crate::store::{
    AfterProgress, AgentFilter, AgentProgress, AgentStore, AgentTells, Appended, CallerWord, EndAgent, EndedAgent,
    Fence, HeardWord, JournalEntry, NewAgent, PageQuery, Rows, SpawnedAgent, StoreError, StoredAgent,
};

#[async_trait]
impl AgentStore for Sqlite {
    async fn spawn_agent(&self, agent: NewAgent, tells: AgentTells) -> Result<SpawnedAgent, StoreError> {
        self.writer.write(move |connection| spawn::spawn(connection, &agent, &tells)).await
    }

    async fn find_agent(&self, workspace: String, id: String) -> Result<Option<StoredAgent>, StoreError> {
        self.readers.read(move |connection| read::find(connection, &workspace, &id)).await
    }

    async fn list_agents(
        &self,
        workspace: String,
        filter: AgentFilter,
        page: PageQuery,
    ) -> Result<Rows<Agent>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let limit = page.limit;
        let found =
            self.readers.read(move |connection| read::list(connection, &workspace, &filter, before, limit + 1)).await?;
        Ok(rows(found, limit))
    }

    async fn read_journal(&self, row: i64, after: u64) -> Result<Vec<JournalEntry>, StoreError> {
        self.readers.read(move |connection| read::journal(connection, row, after)).await
    }

    async fn agent_events(
        &self,
        row: i64,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let found = self.readers.read(move |connection| read::events(connection, row, after.as_deref(), limit)).await?;
        found.ok_or(StoreError::BadCursor)
    }

    async fn claim_agents(
        &self,
        limit: u32,
        now: Timestamp,
        tells: AgentTells,
    ) -> Result<Vec<StoredAgent>, StoreError> {
        // Whoever looks in vain writes nothing.
        if !self.readers.read(is_anyone_queued).await? {
            return Ok(Vec::new());
        }
        self.writer.write(move |connection| claim(connection, limit, now, &tells)).await
    }

    async fn append_progress(
        &self,
        fence: Fence,
        progress: AgentProgress,
        after: AfterProgress,
        now: Timestamp,
    ) -> Result<Appended, StoreError> {
        self.writer.write(move |connection| progress::append(connection, fence, &progress, &after, now)).await
    }

    async fn hear_word(&self, word: CallerWord) -> Result<HeardWord, StoreError> {
        self.writer.write(move |connection| progress::hear(connection, &word)).await
    }

    async fn end_agent(&self, end: EndAgent) -> Result<EndedAgent, StoreError> {
        self.writer.write(move |connection| end::end(connection, &end)).await
    }

    async fn overdue_agents(&self, now: Timestamp, held_before: Timestamp, limit: u32) -> Result<Vec<i64>, StoreError> {
        self.readers
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT row FROM agents WHERE ended_at IS NULL AND expires_at <= ?1
                        AND (place <> 'held' OR expires_at <= ?2) ORDER BY expires_at",
                )?;
                let mut found = statement.query(params![now.as_millis(), held_before.as_millis()])?;
                let mut overdue = Vec::new();
                while overdue.len() < limit as usize
                    && let Some(row) = found.next()?
                {
                    overdue.push(row.get(0)?);
                }
                Ok(overdue)
            })
            .await
    }

    async fn recover_agents(&self) -> Result<u64, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .execute("UPDATE agents SET place = 'ready', epoch = epoch + 1 WHERE place = 'held'", [])
                    .map(|recovered| recovered as u64)
            })
            .await
    }

    async fn agents_queued(&self) -> Result<u64, StoreError> {
        self.readers.read(queued).await
    }
}

/// How many agents are in line.
fn queued(connection: &Connection) -> rusqlite::Result<u64> {
    connection.prepare_cached("SELECT count(*) FROM agents WHERE place = 'ready'")?.query_row([], |row| row.get(0))
}

/// Whether any agent is in line, however long the line is.
fn is_anyone_queued(connection: &Connection) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM agents WHERE place = 'ready')")?
        .query_row([], |row| row.get(0))
}

fn claim(
    connection: &Connection,
    limit: u32,
    now: Timestamp,
    tells: &AgentTells,
) -> rusqlite::Result<Vec<StoredAgent>> {
    let mut claimed = Vec::new();
    while claimed.len() < limit as usize {
        let next = connection
            .prepare_cached("SELECT row, started_at IS NULL FROM agents WHERE place = 'ready' ORDER BY row LIMIT 1")?
            .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, bool>(1)?)))
            .optional()?;
        let Some((row, is_new)) = next else { break };
        connection
            .prepare_cached(
                "UPDATE agents SET place = 'held', status = 'running', epoch = epoch + 1,
                                   started_at = coalesce(started_at, ?2) WHERE row = ?1",
            )?
            .execute(params![row, now.as_millis()])?;
        let stored = read::get(connection, row)?;
        if is_new {
            insert_agent_event(connection, &stored.workspace, row, &tells(&stored), now)?;
        }
        claimed.push(stored);
    }
    Ok(claimed)
}
