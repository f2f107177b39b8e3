//! Events in PostgreSQL, read on in an order in which nothing appears behind the reader.

use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::{EventName, EventPattern, Timestamp};
use postgres_types::ToSql;

use super::row::{BY_ID, Row, limit, text};
use super::{Postgres, Tx, args};
use crate::store::event::{wanted, words};
use crate::store::{EventStore, NewEvent, PageQuery, Rows, StoreError, UndispatchedEvent};

/// How long a reader waits for transactions under way whose events might come before those that are committed.
const SETTLES_AFTER: Duration = Duration::from_millis(2);
/// How often it does so before it goes by what may be read: a second.
const SETTLES_MAX: u32 = 500;

#[async_trait]
impl EventStore for Postgres {
    async fn append_event(&self, workspace: String, event: NewEvent, now: Timestamp) -> Result<(), StoreError> {
        let values = args![
            event.id,
            workspace,
            event.name.as_str(),
            event.payload,
            now.as_millis(),
            (!event.deliver_to.is_empty()).then(|| event.deliver_to.join(" ")),
        ];
        self.write(
            "INSERT INTO events (id, workspace, name, payload, created_at, deliver_to) VALUES ($1, $2, $3, $4, $5, $6)",
            values,
        )
        .await
        .map(|_| ())
    }

    async fn find_event(&self, workspace: String, id: String) -> Result<Option<String>, StoreError> {
        let statement = format!("SELECT payload FROM events WHERE {BY_ID}");
        let found = self.row(&statement, &[&workspace, &text(&id)]).await?;
        found.map(|row| row.get(0)).transpose()
    }

    async fn list_events(
        &self,
        workspace: String,
        patterns: Vec<EventPattern>,
        page: PageQuery,
    ) -> Result<Rows<String>, StoreError> {
        let (tx, seq): (i64, i64) = match &page.after {
            None => (-1, 0),
            Some(id) => {
                let place = format!("SELECT tx, seq FROM events WHERE {BY_ID}");
                let place = self.row(&place, &[&workspace, &text(id)]).await?.ok_or(StoreError::BadCursor)?;
                (place.get(0)?, place.get(1)?)
            }
        };
        let names: Vec<_> = EventName::ALL.iter().filter(|name| wanted(&patterns, **name)).collect();
        let names: Vec<_> = names.into_iter().map(|name| name.as_str()).collect();
        let before = self.settled_before().await?;
        let mut found = self.events_after(&workspace, &names, (tx, seq), before, limit(&page)).await?;
        if found.len() <= page.limit as usize
            && let Some(before) = self.settle(before).await?
        {
            found = self.events_after(&workspace, &names, (tx, seq), before, limit(&page)).await?;
        }
        let shown = &found[..found.len().min(page.limit as usize)];
        let next = if found.len() > shown.len() { shown.last() } else { None };
        Ok(Rows {
            next: next.map(|row| row.get(0)).transpose()?,
            data: shown.iter().map(|row| row.get(1)).collect::<Result<_, _>>()?,
        })
    }

    async fn latest_event(&self, workspace: String) -> Result<Option<String>, StoreError> {
        let before = self.settled_before().await?;
        let before = self.settle(before).await?.unwrap_or(before);
        let names: Vec<_> = EventName::ALL.iter().map(|name| name.as_str()).collect();
        let found = self
            .row(
                "SELECT found.id FROM unnest($2::text[]) AS names (name) CROSS JOIN LATERAL
                    (SELECT tx, seq, id FROM events WHERE workspace = $1 AND events.name = names.name AND tx < $3
                     ORDER BY tx DESC, seq DESC LIMIT 1) AS found
                 ORDER BY tx DESC, seq DESC LIMIT 1",
                &[&workspace, &names, &before],
            )
            .await?;
        found.map(|row| row.get(0)).transpose()
    }

    async fn undispatched_events(&self, limit: u32) -> Result<Vec<UndispatchedEvent>, StoreError> {
        let before = self.settled_before().await?;
        let found = self.undispatched(before, i64::from(limit)).await?;
        if found.is_empty()
            && let Some(before) = self.settle(before).await?
        {
            return self.undispatched(before, i64::from(limit)).await;
        }
        Ok(found)
    }

    async fn skip_events(&self, before: Timestamp) -> Result<(), StoreError> {
        let settled = self.settled_before().await?;
        self.write(
            "UPDATE dispatched SET tx = latest.tx, seq = latest.seq FROM dispatched AS mark CROSS JOIN LATERAL
                (SELECT events.tx, events.seq FROM events
                 WHERE (events.tx, events.seq) > (mark.tx, mark.seq) AND created_at < $1
                   AND events.tx < $2
                 ORDER BY events.tx DESC, events.seq DESC LIMIT 1) AS latest
             WHERE (latest.tx, latest.seq) > (dispatched.tx, dispatched.seq)",
            args![before.as_millis(), settled],
        )
        .await
        .map(|_| ())
    }
}

impl Postgres {
    async fn undispatched(&self, before: i64, limit: i64) -> Result<Vec<UndispatchedEvent>, StoreError> {
        self.rows(
            "SELECT found.* FROM dispatched AS mark CROSS JOIN LATERAL
                (SELECT seq, id, name, workspace, created_at, deliver_to FROM events
                 WHERE (events.tx, events.seq) > (mark.tx, mark.seq) AND events.tx < $1
                 ORDER BY events.tx, events.seq LIMIT $2) AS found",
            &[&before, &limit],
        )
        .await?
        .iter()
        .map(|row| {
            Ok(UndispatchedEvent {
                seq: row.get(0)?,
                id: row.get(1)?,
                name: EventName::parse(row.get(2)?),
                workspace: row.get(3)?,
                created_at: row.moment(4)?,
                deliver_to: words(row.get(5)?),
            })
        })
        .collect()
    }

    /// A page of events behind a place.
    async fn events_after(
        &self,
        workspace: &str,
        names: &[&str],
        (tx, seq): (i64, i64),
        before: i64,
        limit: i64,
    ) -> Result<Vec<Row>, StoreError> {
        // Name by name: the index finds the next of each, however far apart they lie. Samples sent by hand are none.
        self.rows(
            "SELECT found.id, found.payload FROM unnest($2::text[]) AS names (name) CROSS JOIN LATERAL
                (SELECT tx, seq, id, payload FROM events
                 WHERE workspace = $1 AND events.name = names.name AND (tx, seq) > ($3, $4) AND tx < $6
                   AND (events.name <> 'webhook.test' OR starts_with(payload, '{\"event\":\"webhook.test'))
                 ORDER BY tx, seq LIMIT $5) AS found
             ORDER BY tx, seq LIMIT $5",
            &[&workspace, &names, &tx, &seq, &limit, &before],
        )
        .await
    }

    /// The transaction before which every event may be read on. Asked before what is read, in a statement of its own: what
    /// commits in between is seen then.
    async fn settled_before(&self) -> Result<i64, StoreError> {
        self.row("SELECT settled_before()", &[]).await?.map_or(Ok(0), |row| row.get(0))
    }

    /// Waits until every event that is committed by now may be read on, so that whoever just changed something reads of
    /// it; gives the new bound. `None`: there was nothing to wait for.
    async fn settle(&self, before: i64) -> Result<Option<i64>, StoreError> {
        let latest = self.row("SELECT max(tx) FROM events WHERE tx >= $1", &[&before]).await?;
        let Some(latest) = latest.map(|row| row.get::<Option<i64>>(0)).transpose()?.flatten() else { return Ok(None) };
        let mut before = self.settled_before().await?;
        for _ in 0..SETTLES_MAX {
            if before > latest {
                break;
            }
            self.link.clock.sleep(SETTLES_AFTER).await;
            before = self.settled_before().await?;
        }
        Ok(Some(before))
    }
}

/// Stores events, in the transaction of the change that they tell of; an agent's are found by the agent too.
pub(super) async fn insert_events(
    tx: &Tx<'_>,
    workspace: &str,
    agent: Option<i64>,
    events: &[&NewEvent],
    now: Timestamp,
) -> Result<(), StoreError> {
    for event in events {
        let deliver_to = (!event.deliver_to.is_empty()).then(|| event.deliver_to.join(" "));
        tx.execute(
            "INSERT INTO events (id, workspace, name, payload, created_at, agent, deliver_to)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[&event.id, &workspace, &event.name.as_str(), &event.payload, &now.as_millis(), &agent, &deliver_to],
        )
        .await?;
    }
    Ok(())
}

/// An event as the database's functions take it.
#[derive(Debug, ToSql)]
#[postgres(name = "new_event")]
pub(super) struct EventItem {
    id: String,
    name: &'static str,
    payload: String,
    deliver_to: Option<String>,
}

impl From<NewEvent> for EventItem {
    fn from(event: NewEvent) -> Self {
        let deliver_to = (!event.deliver_to.is_empty()).then(|| event.deliver_to.join(" "));
        Self { id: event.id, name: event.name.as_str(), payload: event.payload, deliver_to }
    }
}

/// Stores an event of each of these agents, in their order.
pub(super) async fn insert_agents_events(
    tx: &Tx<'_>,
    agents: &[i64],
    workspaces: &[&str],
    events: &[EventItem],
    now: Timestamp,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO events (id, workspace, name, payload, created_at, agent, deliver_to)
         SELECT id, ($2::text[])[ordinality], name, payload, $4, ($3::bigint[])[ordinality], deliver_to
         FROM unnest($1::new_event[]) WITH ORDINALITY AS new ORDER BY ordinality",
        &[&events, &workspaces, &agents, &now.as_millis()],
    )
    .await
    .map(|_| ())
}
