//! Agents in PostgreSQL. A claim names the gateway that holds the agent; what a dead one held, others take over ([`fleet`]).
//!
//! Whoever locks several agents locks them from the top of their tree down: a spawn the root and then the parent, an end the
//! parent, the agent, and level by level what is below, a runner that parks its agent the children that it awaits.
//!
//! [`fleet`]: super::fleet

pub(super) mod end;
mod progress;
mod read;
pub(super) mod spawn;

use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::{Agent, Timestamp};

use super::event::{EventItem, insert_agents_events};
use super::row::{count, cursor, limit as page_limit, page as page_of, text};
use super::{Postgres, Tx, Work};
use crate::store::{
    AfterProgress, AgentFilter, AgentProgress, AgentStore, AgentTells, Appended, CallerWord, EndAgent, EndedAgent,
    Fence, HeardWord, JournalEntry, NewAgent, PageQuery, Rows, SpawnedAgent, StoreError, StoredAgent,
};
use progress::ProgressItem;

/// How long to wait for agents in line that somebody has locked: a claim of another gateway, a child that ends.
const LOCKED_FOR: Duration = Duration::from_millis(3);
/// How often to do so before the line is left to the next look.
const LOCKED_MAX: usize = 5;

#[async_trait]
impl AgentStore for Postgres {
    async fn spawn_agent(&self, agent: NewAgent, tells: AgentTells) -> Result<SpawnedAgent, StoreError> {
        // Children are numbered in the order in which their parent asked for them.
        let _in_order = if agent.parent.is_some() { Some(self.spawning.lock().await) } else { None };
        self.transact(&spawn::Spawn { new: agent, tells }).await
    }

    async fn find_agent(&self, workspace: String, id: String) -> Result<Option<StoredAgent>, StoreError> {
        self.row(&read::by_id(), &[&workspace, &text(&id)]).await?.as_ref().map(read::read).transpose()
    }

    async fn list_agents(
        &self,
        workspace: String,
        filter: AgentFilter,
        page: PageQuery,
    ) -> Result<Rows<Agent>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let found = read::list(self, &workspace, &filter, before, page_limit(&page)).await?;
        page_of(&found, page.limit, |row| read::read(row).map(|stored| stored.agent))
    }

    async fn read_journal(&self, row: i64, after: u64) -> Result<Vec<JournalEntry>, StoreError> {
        let statement = "SELECT entry, created_at FROM journal WHERE agent = $1 AND seq > $2 ORDER BY seq";
        self.rows(statement, &[&row, &count(after)]).await?.iter().map(read::entry).collect()
    }

    /// All events of an agent are stored while its row is locked, so their numbers tell their order.
    async fn agent_events(
        &self,
        row: i64,
        after: Option<String>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let after: i64 = match after {
            None => 0,
            Some(id) => {
                let place = "SELECT seq FROM events WHERE id = $1 AND agent = $2";
                self.row(place, &[&text(&id), &row]).await?.ok_or(StoreError::BadCursor)?.get(0)?
            }
        };
        let statement = "SELECT id, payload FROM events WHERE agent = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        let found = self.rows(statement, &[&row, &after, &i64::from(limit)]).await?;
        found.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
    }

    async fn claim_agents(
        &self,
        limit: u32,
        now: Timestamp,
        tells: AgentTells,
    ) -> Result<Vec<StoredAgent>, StoreError> {
        let mut claim = Claim { limit: i64::from(limit), holder: self.holder(), now, tells };
        let mut claimed = Vec::new();
        let mut locked = 0;
        while claim.limit > 0 && locked < LOCKED_MAX {
            match self.claim(&claim).await {
                Ok(Some(more)) if more.is_empty() => {
                    locked += 1;
                    self.link.clock.sleep(LOCKED_FOR).await;
                }
                Ok(Some(more)) => {
                    claim.limit -= count(more.len() as u64);
                    claimed.extend(more);
                }
                Err(error) if claimed.is_empty() => return Err(error),
                // What is claimed by now is to be run in any case.
                Ok(None) | Err(_) => break,
            }
        }
        Ok(claimed)
    }

    async fn append_progress(
        &self,
        fence: Fence,
        mut progress: AgentProgress,
        after: AfterProgress,
        now: Timestamp,
    ) -> Result<Appended, StoreError> {
        match after {
            AfterProgress::GoOn => {
                let item = ProgressItem::new(fence, progress, None, now);
                progress::stored(&self.write_item(progress::APPEND, fence.row, item).await?)
            }
            AfterProgress::AwaitCaller { actions, event } => {
                progress.events.push(event);
                let item = ProgressItem::new(fence, progress, Some(&actions), now);
                let stored = progress::stored(&self.write_item(progress::APPEND, fence.row, item).await?)?;
                Ok(if stored == Appended::Fenced { stored } else { Appended::Parked })
            }
            AfterProgress::AwaitChildren { ids, all } => {
                let progress = ProgressItem::new(fence, progress, None, now);
                self.transact(&progress::Park { progress, ids, all }).await
            }
        }
    }

    async fn hear_word(&self, word: CallerWord) -> Result<HeardWord, StoreError> {
        self.transact(&progress::Hear { word }).await
    }

    async fn end_agent(&self, end: EndAgent) -> Result<EndedAgent, StoreError> {
        if let Some(ended) = self.end_alone(&end).await? {
            return Ok(ended);
        }
        self.transact(&end::End { end }).await
    }

    async fn overdue_agents(&self, now: Timestamp, held_before: Timestamp, limit: u32) -> Result<Vec<i64>, StoreError> {
        self.rows(
            "SELECT row FROM agents WHERE ended_at IS NULL AND expires_at <= $1
                AND (place <> 'held' OR expires_at <= $2) ORDER BY expires_at LIMIT $3",
            &[&now.as_millis(), &held_before.as_millis(), &i64::from(limit)],
        )
        .await?
        .iter()
        .map(|row| row.get(0))
        .collect()
    }

    /// Other gateways may be at work: what dead ones held is taken over as their leases run out.
    async fn recover_agents(&self) -> Result<u64, StoreError> {
        Ok(0)
    }

    async fn agents_queued(&self) -> Result<u64, StoreError> {
        let counted = self.row("SELECT count(*) FROM agents WHERE place = 'ready'", &[]).await?;
        counted.map_or(Ok(0), |row| row.number(0))
    }
}

impl Postgres {
    /// Claims those in line that nobody has locked; `None` if nobody is in line. Whoever looks in vain writes nothing.
    async fn claim(&self, claim: &Claim) -> Result<Option<Vec<StoredAgent>>, StoreError> {
        let queued = self.row("SELECT EXISTS (SELECT 1 FROM agents WHERE place = 'ready')", &[]).await?;
        if queued.map_or(Ok(false), |row| row.get(0))? { self.transact(claim).await.map(Some) } else { Ok(None) }
    }
}

/// A claim of the oldest in line, with the events of those that begin.
struct Claim {
    limit: i64,
    holder: i64,
    now: Timestamp,
    tells: AgentTells,
}

#[async_trait]
impl Work for Claim {
    type Done = Vec<StoredAgent>;

    async fn run(&self, tx: &Tx<'_>) -> Result<Vec<StoredAgent>, StoreError> {
        let statement = format!(
            "WITH next AS MATERIALIZED (
                SELECT row AS number, started_at IS NULL AS is_new FROM agents WHERE place = 'ready'
                ORDER BY row LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED)
             UPDATE agents SET place = 'held', status = 'running', epoch = epoch + 1, holder = $2,
                               started_at = coalesce(started_at, $3)
             FROM next WHERE row = number RETURNING {}, is_new",
            read::COLUMNS
        );
        let found = tx.rows(&statement, &[&self.limit, &self.holder, &self.now.as_millis()]).await?;
        let mut claimed = found
            .iter()
            .map(|row| Ok((read::read(row)?, row.get(read::COLUMNS_COUNT)?)))
            .collect::<Result<Vec<(StoredAgent, bool)>, StoreError>>()?;
        claimed.sort_unstable_by_key(|(stored, _)| stored.row);
        let new: Vec<&StoredAgent> = claimed.iter().filter(|(_, is_new)| *is_new).map(|(stored, _)| stored).collect();
        if !new.is_empty() {
            let rows: Vec<i64> = new.iter().map(|stored| stored.row).collect();
            let workspaces: Vec<&str> = new.iter().map(|stored| stored.workspace.as_str()).collect();
            let events: Vec<_> = new.iter().map(|stored| EventItem::from((self.tells)(stored))).collect();
            insert_agents_events(tx, &rows, &workspaces, &events, self.now).await?;
        }
        Ok(claimed.into_iter().map(|(stored, _)| stored).collect())
    }
}
