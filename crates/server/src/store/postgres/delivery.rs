//! Deliveries in PostgreSQL: what happens for each of them is one statement, a function of the database.

use std::collections::HashSet;

use async_trait::async_trait;
use openclaw_core::{
    Attempt, Delivery, DeliveryStatus, DeliveryWithAttempts, EventName, EventPattern, IdKind, Timestamp,
};

use super::row::{BY_ID, Row, count, cursor, limit as limit_of, page as page_of, text};
use super::{Postgres, Tx, Work, args};
use crate::store::delivery::LOOKED_AT_MAX;
use crate::store::{
    AttemptOutcome, DeliveryFilter, DeliveryStore, DueDeliveries, DueDelivery, NewDelivery, NewEvent, PageQuery, Rows,
    StoreError,
};

const SELECT: &str =
    "SELECT row, id, event_id, event_name, (SELECT endpoints.id FROM endpoints WHERE endpoints.row = endpoint), status,
            attempt_count, due_at, created_at, ended_at
     FROM deliveries";
/// The workspace's, newest first. Said so, only the index of the workspace will do: the planner might go through
/// everybody's to find the few of a small one.
const THEIRS: &str = "(workspace, row) < ($1, $2) AND workspace >= $1";
const NEWEST_FIRST: &str = "ORDER BY workspace DESC, row DESC";

#[async_trait]
impl DeliveryStore for Postgres {
    async fn deliver_event(
        &self,
        workspace: String,
        event: NewEvent,
        delivery: NewDelivery,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let values = args![
            event.id,
            workspace,
            event.name.as_str(),
            event.payload,
            now.as_millis(),
            (!event.deliver_to.is_empty()).then(|| event.deliver_to.join(" ")),
            delivery.id,
            delivery.endpoint,
        ];
        // Nothing is delivered to an endpoint that is gone; the event is stored all the same.
        self.write(
            "WITH stored AS (
                INSERT INTO events (id, workspace, name, payload, created_at, deliver_to) VALUES ($1, $2, $3, $4, $5, $6)
                RETURNING seq, id, workspace, name
             )
             INSERT INTO deliveries (id, workspace, event, event_id, event_name, endpoint, status, due_at, created_at)
             SELECT $7::text, stored.workspace, seq, stored.id, name, endpoints.row, 'pending', $5::bigint, $5::bigint
             FROM stored, endpoints WHERE endpoints.row = $8 FOR KEY SHARE OF endpoints",
            values,
        )
        .await
        .map(|_| ())
    }

    async fn dispatch(&self, up_to: i64, deliveries: Vec<NewDelivery>, now: Timestamp) -> Result<(), StoreError> {
        let events: Vec<i64> = deliveries.iter().map(|delivery| delivery.event_seq).collect();
        let endpoints: Vec<i64> = deliveries.iter().map(|delivery| delivery.endpoint).collect();
        let ids: Vec<String> = deliveries.into_iter().map(|delivery| delivery.id).collect();
        let values = args![up_to, ids, events, endpoints, now.as_millis()];
        self.write("SELECT dispatch($1, $2, $3, $4, $5)", values).await.map(|_| ())
    }

    async fn due_deliveries(
        &self,
        endpoint: i64,
        now: Timestamp,
        claimed: HashSet<i64>,
        limit: usize,
    ) -> Result<DueDeliveries, StoreError> {
        let claimed: Vec<i64> = claimed.into_iter().collect();
        // One more than is wanted says when to look again.
        let found = self
            .rows(
                "SELECT delivery, due_at, id, workspace, attempt_count, payload FROM due_deliveries($1, $2, $3, $4)",
                &[&endpoint, &claimed, &count(limit as u64 + 1), &now.as_millis()],
            )
            .await?;
        let mut due = DueDeliveries::default();
        for row in &found {
            let at = row.moment(1)?;
            if at > now || due.deliveries.len() == limit {
                due.next_at = Some(at);
                break;
            }
            due.deliveries.push(DueDelivery {
                row: row.get(0)?,
                id: row.get(2)?,
                workspace: row.get(3)?,
                attempt_count: row.number(4)?,
                payload: row.get(5)?,
            });
        }
        Ok(due)
    }

    async fn end_attempt(&self, outcomes: Vec<AttemptOutcome>) -> Result<(), StoreError> {
        let each = &outcomes;
        let values = args![
            column(each, |outcome| outcome.delivery),
            column(each, |outcome| outcome.endpoint),
            column(each, |outcome| outcome.next.status().as_str()),
            column(each, |outcome| outcome.next.due_at().map(Timestamp::as_millis)),
            attempts(each, |attempt| Some(i64::from(attempt.number))),
            attempts(each, |attempt| Some(attempt.started_at.as_millis())),
            attempts(each, |attempt| Some(count(attempt.duration_ms))),
            attempts(each, |attempt| attempt.status_code.map(i64::from)),
            attempts(each, |attempt| attempt.response_body.as_deref().map(text)),
            attempts(each, |attempt| attempt.error.as_deref().map(text)),
            column(each, |outcome| outcome.now.as_millis()),
        ];
        self.write("SELECT end_attempt($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", values).await.map(|_| ())
    }

    async fn list_deliveries(
        &self,
        workspace: String,
        filter: DeliveryFilter,
        page: PageQuery,
    ) -> Result<Rows<Delivery>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let is_dead = filter.status == Some(DeliveryStatus::Dead);
        // Written out, so that the index of the dead is used.
        let which = if is_dead { "status = 'dead' AND" } else { "" };
        let lets_all_through =
            filter.endpoint_id.is_none() && filter.event.is_none() && (is_dead || filter.status.is_none());
        // Of millions it looks at some: a page may be short, and more may follow.
        let last = if lets_all_through {
            None
        } else {
            let statement =
                format!("SELECT row FROM deliveries WHERE {which} {THEIRS} {NEWEST_FIRST} OFFSET $3 LIMIT 1");
            let last = self.row(&statement, &[&workspace, &before, &count(LOOKED_AT_MAX as u64 - 1)]).await?;
            last.map(|row| row.get::<i64>(0)).transpose()?
        };
        let statement = format!(
            "{SELECT} WHERE {which} {THEIRS} AND row >= $3
                AND ($4::text IS NULL OR endpoint = (SELECT row FROM endpoints WHERE endpoints.id = $4))
                AND ($5::text IS NULL OR status = $5) AND ($6::text IS NULL OR event_name = $6)
             {NEWEST_FIRST} LIMIT $7"
        );
        let found = self
            .rows(
                &statement,
                &[
                    &workspace,
                    &before,
                    &last.unwrap_or(i64::MIN),
                    &filter.endpoint_id.as_deref().map(text),
                    &filter.status.map(DeliveryStatus::as_str),
                    &filter.event.as_deref().map(text),
                    &limit_of(&page),
                ],
            )
            .await?;
        let rows = page_of(&found, page.limit, read)?;
        Ok(Rows { next: rows.next.or_else(|| last.map(|last| last.to_string())), ..rows })
    }

    async fn find_delivery(&self, workspace: String, id: String) -> Result<Option<DeliveryWithAttempts>, StoreError> {
        let statement = format!("{SELECT} WHERE {BY_ID}");
        let Some(found) = self.row(&statement, &[&workspace, &text(&id)]).await? else { return Ok(None) };
        let attempts = self
            .rows(
                "SELECT number, started_at, duration_ms, status_code, response_body, error
                 FROM attempts WHERE delivery = $1 ORDER BY number",
                &[&found.get::<i64>(0)?],
            )
            .await?;
        let attempts = attempts.iter().map(read_attempt).collect::<Result<_, _>>()?;
        Ok(Some(DeliveryWithAttempts { delivery: read(&found)?, attempts }))
    }

    async fn retry_delivery(&self, workspace: String, id: String, now: Timestamp) -> Result<bool, StoreError> {
        let changed = self
            .write(
                "UPDATE deliveries SET status = 'pending', due_at = $3, ended_at = NULL
                 WHERE id = $2 AND coalesce(workspace, '') = $1 RETURNING 1",
                args![workspace, text(&id), now.as_millis()],
            )
            .await?;
        Ok(!changed.is_empty())
    }

    async fn recover_deliveries(
        &self,
        endpoint: i64,
        since: Timestamp,
        until: Timestamp,
        patterns: Vec<EventPattern>,
        ids: Vec<String>,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let wanted = |name: &&EventName| patterns.iter().any(|pattern| pattern.matches(**name));
        let names = EventName::ALL.iter().filter(wanted).map(|name| name.as_str()).collect();
        self.transact(&Recovery { endpoint, since, until, names, ids, now }).await
    }
}

/// What an endpoint did not receive, made due while nobody else does the same.
struct Recovery {
    endpoint: i64,
    since: Timestamp,
    until: Timestamp,
    names: Vec<&'static str>,
    ids: Vec<String>,
    now: Timestamp,
}

#[async_trait]
impl Work for Recovery {
    type Done = u64;

    async fn run(&self, tx: &Tx<'_>) -> Result<u64, StoreError> {
        let locked = tx.row("SELECT 1 FROM endpoints WHERE row = $1 FOR NO KEY UPDATE", &[&self.endpoint]).await?;
        if locked.is_none() {
            return Ok(0);
        }
        // Ids sort by time.
        let first_id = |moment| IdKind::Event.id(moment, [0; 10]);
        let recovered = tx
            .one(
                "WITH missed AS (
                    SELECT seq, events.workspace, events.id, name, deliveries.row,
                           row_number() OVER (ORDER BY events.id) AS place
                    FROM endpoints
                        JOIN events ON endpoints.workspace IS NULL OR endpoints.workspace = events.workspace
                        LEFT JOIN deliveries ON event = seq AND endpoint = endpoints.row
                    WHERE endpoints.row = $1 AND events.id >= $2 AND events.id < $3 AND name = ANY ($4)
                      AND deliveries.status IS DISTINCT FROM 'succeeded'
                    ORDER BY events.id LIMIT cardinality($5::text[])
                 ), undelivered AS (
                    UPDATE deliveries SET status = 'pending', due_at = $6, ended_at = NULL
                    FROM missed WHERE deliveries.row = missed.row AND status <> 'succeeded' RETURNING 1
                 ), undispatched AS (
                    INSERT INTO deliveries (id, workspace, event, event_id, event_name, endpoint, status, due_at, created_at)
                    SELECT ($5::text[])[place], workspace, seq, id, name, $1, 'pending', $6, $6
                    FROM missed WHERE row IS NULL ORDER BY place RETURNING 1
                 )
                 SELECT (SELECT count(*) FROM undelivered) + (SELECT count(*) FROM undispatched)",
                &[
                    &self.endpoint,
                    &first_id(self.since),
                    &first_id(self.until),
                    &self.names,
                    &self.ids,
                    &self.now.as_millis(),
                ],
            )
            .await?;
        recovered.number(0)
    }
}

/// A value of each outcome.
fn column<'a, T>(outcomes: &'a [AttemptOutcome], value: impl Fn(&'a AttemptOutcome) -> T) -> Vec<T> {
    outcomes.iter().map(value).collect()
}

/// A value of each attempt that is charged.
fn attempts<T>(outcomes: &[AttemptOutcome], value: impl Fn(&Attempt) -> Option<T>) -> Vec<Option<T>> {
    outcomes.iter().map(|outcome| outcome.attempt.as_ref().and_then(&value)).collect()
}

fn read(row: &Row) -> Result<Delivery, StoreError> {
    Ok(Delivery {
        id: row.get(1)?,
        event_id: row.get(2)?,
        event: row.get(3)?,
        endpoint_id: row.get(4)?,
        status: DeliveryStatus::parse(row.get(5)?).unwrap_or(DeliveryStatus::Pending),
        attempt_count: row.number(6)?,
        next_attempt_at: row.moment_or_none(7)?,
        created_at: row.moment(8)?,
        ended_at: row.moment_or_none(9)?,
    })
}

fn read_attempt(row: &Row) -> Result<Attempt, StoreError> {
    Ok(Attempt {
        number: row.number(0)?,
        started_at: row.moment(1)?,
        duration_ms: row.number(2)?,
        status_code: row.number_or_none(3)?,
        response_body: row.get(4)?,
        error: row.get(5)?,
    })
}
