//! The end of agents: each once, with its event, its tokens booked, and its parent woken.

use async_trait::async_trait;
use postgres_types::ToSql;

use super::super::event::EventItem;
use super::super::row::count;
use super::super::{Postgres, Tx, Work};
use super::progress::ProgressItem;
use super::read;
use crate::store::agent::json;
use crate::store::{EndAgent, EndedAgent, EndedTree, Fence, LastProgress, StoreError};

/// The end of an agent that stands alone, as `end_alone` takes it.
#[derive(Debug, ToSql)]
#[postgres(name = "agent_end")]
struct EndItem {
    progress: ProgressItem,
    journal_length: i64,
    status: &'static str,
    ending: String,
    entry: String,
    event: EventItem,
    cut_off_input: i64,
    cut_off_output: i64,
}

impl Postgres {
    /// Ends an agent by what its runner knows, in a commit with others, if nobody is above or below it; `None` if somebody is.
    pub(super) async fn end_alone(&self, end: &EndAgent) -> Result<Option<EndedAgent>, StoreError> {
        let Some(LastProgress { epoch, journal_length, progress, agent: Some(agent) }) = &end.by_runner else {
            return Ok(None);
        };
        if agent.agent.parent_id.is_some() {
            return Ok(None);
        }
        let said = (end.ends)(agent, None);
        let fence = Fence { row: end.row, epoch: *epoch };
        let item = EndItem {
            progress: ProgressItem::new(fence, progress.clone(), None, end.now),
            journal_length: count(*journal_length),
            status: said.status.as_str(),
            ending: json(&said.ending),
            entry: said.entry,
            event: said.event.into(),
            cut_off_input: count(said.cut_off.input_tokens),
            cut_off_output: count(said.cut_off.output_tokens),
        };
        let row = self.write_item("SELECT * FROM end_alone($1)", end.row, item).await?;
        Ok(match row.get(0)? {
            "ended" => {
                let agents = vec![(end.row, agent.agent.id.clone(), said.status)];
                Some(EndedAgent::Ended(EndedTree { agents, woken: false }))
            }
            "before" => Some(EndedAgent::Before),
            "spoken" => Some(EndedAgent::Spoken),
            _ => None,
        })
    }
}

/// The end of one, in a transaction of its own.
pub(super) struct End {
    pub(super) end: EndAgent,
}

#[async_trait]
impl Work for End {
    type Done = EndedAgent;

    async fn run(&self, tx: &Tx<'_>) -> Result<EndedAgent, StoreError> {
        end(tx, &self.end).await
    }
}

/// Ends an agent and all below it in two statements: one locks them and reads, one writes what the rules say to that.
pub(in super::super) async fn end(tx: &Tx<'_>, end: &EndAgent) -> Result<EndedAgent, StoreError> {
    let last = end.by_runner.as_ref();
    let progress = last.map(|last| {
        let fence = Fence { row: end.row, epoch: last.epoch };
        ProgressItem::new(fence, last.progress.clone(), None, end.now)
    });
    let journal_length = last.map(|last| count(last.journal_length));
    // The function reads after it has locked; whatever were joined to it here would be read before.
    let statement = format!(
        "SELECT {}, spoken, found_entry FROM
            (SELECT spoken, found_entry, (agent).*
             FROM hold_tree($1, $2, $3)) AS held",
        read::COLUMNS
    );
    let held = tx.rows(&statement, &[&end.row, &progress, &journal_length]).await?;
    let Some(top) = held.first() else { return Ok(EndedAgent::Before) };
    if top.get(read::COLUMNS_COUNT)? {
        return Ok(EndedAgent::Spoken);
    }
    let mut tree = EndedTree::default();
    let (mut rows, mut statuses, mut endings, mut entries) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut input_tokens, mut output_tokens, mut events) = (Vec::new(), Vec::new(), Vec::new());
    for row in &held {
        let stored = read::read(row)?;
        let said = (end.ends)(&stored, row.get(read::COLUMNS_COUNT + 1)?);
        rows.push(stored.row);
        statuses.push(said.status.as_str());
        endings.push(json(&said.ending));
        entries.push(said.entry);
        input_tokens.push(count(said.cut_off.input_tokens));
        output_tokens.push(count(said.cut_off.output_tokens));
        events.push(EventItem::from(said.event));
        tree.agents.push((stored.row, stored.agent.id, said.status));
    }
    let ended = tx
        .one(
            "SELECT end_tree($1, $2, $3, $4, $5, $6, $7, $8)",
            &[&rows, &statuses, &endings, &entries, &input_tokens, &output_tokens, &events, &end.now.as_millis()],
        )
        .await?;
    tree.woken = ended.get(0)?;
    Ok(EndedAgent::Ended(tree))
}
