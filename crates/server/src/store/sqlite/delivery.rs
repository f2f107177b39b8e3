//! Deliveries in SQLite.

use std::collections::HashSet;

use async_trait::async_trait;
use openclaw_core::{
    Attempt, Delivery, DeliveryStatus, DeliveryWithAttempts, EventName, EventPattern, IdKind, Timestamp,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::event::insert_event;
use super::{Sqlite, cursor, rows};
use crate::store::delivery::LOOKED_AT_MAX;
use crate::store::{
    AttemptOutcome, DeliveryFilter, DeliveryStore, DueDeliveries, DueDelivery, NewDelivery, NewEvent, NextStep,
    PageQuery, Rows, StoreError,
};

const COLUMNS: &str =
    "deliveries.row, deliveries.id, event_id, event_name, endpoints.id, deliveries.status, attempt_count,
    due_at, deliveries.created_at, ended_at";

#[async_trait]
impl DeliveryStore for Sqlite {
    async fn deliver_event(
        &self,
        workspace: String,
        event: NewEvent,
        delivery: NewDelivery,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                insert_event(connection, &workspace, &event, now)?;
                let delivery = NewDelivery { event_seq: connection.last_insert_rowid(), ..delivery.clone() };
                insert(connection, &delivery, now)
            })
            .await
    }

    async fn dispatch(&self, up_to: i64, deliveries: Vec<NewDelivery>, now: Timestamp) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                for delivery in &deliveries {
                    insert(connection, delivery, now)?;
                }
                connection.prepare_cached("UPDATE dispatched SET seq = max(seq, ?1)")?.execute([up_to]).map(|_| ())
            })
            .await
    }

    async fn due_deliveries(
        &self,
        endpoint: i64,
        now: Timestamp,
        claimed: HashSet<i64>,
        limit: usize,
    ) -> Result<DueDeliveries, StoreError> {
        self.readers
            .read(move |connection| {
                // The index alone says who is next, so passing by what is claimed costs next to nothing.
                let mut queue = connection.prepare_cached(QUEUE)?;
                let mut queue = queue.query([endpoint])?;
                let mut due = DueDeliveries::default();
                while let Some(next) = queue.next()? {
                    let (row, at) = (next.get(0)?, Timestamp::from_millis(next.get(1)?));
                    if claimed.contains(&row) {
                        continue;
                    }
                    if at > now || due.deliveries.len() == limit {
                        due.next_at = Some(at);
                        break;
                    }
                    due.deliveries.extend(read_due(connection, row)?);
                }
                Ok(due)
            })
            .await
    }

    async fn end_attempt(&self, outcomes: Vec<AttemptOutcome>) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| outcomes.iter().try_for_each(|outcome| end_attempt(connection, outcome)))
            .await
    }

    async fn list_deliveries(
        &self,
        workspace: String,
        filter: DeliveryFilter,
        page: PageQuery,
    ) -> Result<Rows<Delivery>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        self.readers.read(move |connection| list(connection, &workspace, before, &filter, page.limit)).await
    }

    async fn find_delivery(&self, workspace: String, id: String) -> Result<Option<DeliveryWithAttempts>, StoreError> {
        self.readers
            .read(move |connection| {
                let found = connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM deliveries JOIN endpoints ON endpoints.row = deliveries.endpoint
                         WHERE deliveries.workspace = ?1 AND deliveries.id = ?2"
                    ))?
                    .query_row([&workspace, &id], read)
                    .optional()?;
                let Some((row, delivery)) = found else { return Ok(None) };
                let attempts = connection
                    .prepare_cached(
                        "SELECT number, started_at, duration_ms, status_code, response_body, error
                         FROM attempts WHERE delivery = ?1 ORDER BY number",
                    )?
                    .query_map([row], read_attempt)?
                    .collect::<rusqlite::Result<Vec<_>>>()?;
                Ok(Some(DeliveryWithAttempts { delivery, attempts }))
            })
            .await
    }

    async fn retry_delivery(&self, workspace: String, id: String, now: Timestamp) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "UPDATE deliveries SET status = ?3, due_at = ?4, ended_at = NULL WHERE workspace = ?1 AND id = ?2",
                    )?
                    .execute(params![workspace, id, DeliveryStatus::Pending.as_str(), now.as_millis()])
                    .map(|changed| changed > 0)
            })
            .await
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
        self.writer
            .write(move |connection| {
                let missed = missed(connection, endpoint, since, until, &patterns, ids.len())?;
                for (missed, id) in missed.iter().zip(&ids) {
                    match missed {
                        Missed::Undelivered(row) => {
                            connection
                                .prepare_cached(
                                    "UPDATE deliveries SET status = ?2, due_at = ?3, ended_at = NULL WHERE row = ?1",
                                )?
                                .execute(params![row, DeliveryStatus::Pending.as_str(), now.as_millis()])?;
                        }
                        Missed::Undispatched(event_seq) => {
                            let delivery = NewDelivery { id: id.clone(), event_seq: *event_seq, endpoint };
                            insert(connection, &delivery, now)?;
                        }
                    }
                }
                Ok(missed.len() as u64)
            })
            .await
    }
}

/// A page of what the filter lets through. Of millions it looks at some: a page may be short, and more may follow.
fn list(
    connection: &Connection,
    workspace: &str,
    before: i64,
    filter: &DeliveryFilter,
    limit: u32,
) -> rusqlite::Result<Rows<Delivery>> {
    let index = if filter.status == Some(DeliveryStatus::Dead) {
        "INDEXED BY deliveries_dead JOIN endpoints ON endpoints.row = endpoint WHERE deliveries.status = 'dead' AND"
    } else {
        "INDEXED BY deliveries_in_order JOIN endpoints ON endpoints.row = endpoint WHERE"
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM deliveries {index} deliveries.workspace = ?1 AND deliveries.row < ?2
         ORDER BY deliveries.row DESC"
    ))?;
    let mut queried = statement.query(params![workspace, before])?;
    let mut found = Vec::new();
    let mut looked_at = 0;
    while found.len() <= limit as usize
        && let Some(row) = queried.next()?
    {
        let (number, delivery) = read(row)?;
        looked_at += 1;
        if filter.lets_through(&delivery) {
            found.push((number, delivery));
        }
        if looked_at == LOOKED_AT_MAX && found.len() <= limit as usize {
            return Ok(Rows { next: Some(number.to_string()), ..rows(found, limit) });
        }
    }
    Ok(rows(found, limit))
}

/// Nothing is stored for an endpoint that is gone.
const INSERT: &str =
    "INSERT INTO deliveries (id, workspace, event, event_id, event_name, endpoint, status, due_at, created_at)
     SELECT ?1, events.workspace, seq, events.id, name, endpoints.row, ?4, ?5, ?5 FROM events, endpoints
     WHERE seq = ?2 AND endpoints.row = ?3";

fn insert(connection: &Connection, delivery: &NewDelivery, now: Timestamp) -> rusqlite::Result<()> {
    connection
        .prepare_cached(INSERT)?
        .execute(params![
            delivery.id,
            delivery.event_seq,
            delivery.endpoint,
            DeliveryStatus::Pending.as_str(),
            now.as_millis()
        ])
        .map(|_| ())
}

const QUEUE: &str =
    "SELECT row, due_at FROM deliveries WHERE endpoint = ?1 AND due_at IS NOT NULL ORDER BY due_at, row";

const DUE: &str = "SELECT deliveries.id, deliveries.workspace, attempt_count, payload
     FROM deliveries JOIN events ON events.seq = deliveries.event WHERE deliveries.row = ?1";

/// What is sent; `None` if the event is no longer stored.
fn read_due(connection: &Connection, row: i64) -> rusqlite::Result<Option<DueDelivery>> {
    connection
        .prepare_cached(DUE)?
        .query_row([row], |found| {
            let (id, workspace, attempt_count) = (found.get(0)?, found.get(1)?, found.get(2)?);
            Ok(DueDelivery { row, id, workspace, attempt_count, payload: found.get(3)? })
        })
        .optional()
}

const END: &str =
    "UPDATE deliveries SET status = ?2, due_at = ?3, ended_at = ?4, attempt_count = attempt_count + ?5 WHERE row = ?1";

const ATTEMPT: &str = "INSERT OR REPLACE INTO attempts
    (delivery, number, started_at, duration_ms, status_code, response_body, error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const SUCCEEDS: &str = "UPDATE endpoints SET failing_since = NULL WHERE row = ?1 AND failing_since IS NOT NULL";

const FAILS: &str = "UPDATE endpoints SET failing_since = ?2 WHERE row = ?1 AND failing_since IS NULL";

fn end_attempt(connection: &Connection, outcome: &AttemptOutcome) -> rusqlite::Result<()> {
    let now = outcome.now.as_millis();
    let due_at = outcome.next.due_at().map(Timestamp::as_millis);
    let ended_at = due_at.is_none().then_some(now);
    let counted = i64::from(outcome.attempt.is_some());
    let changed = connection.prepare_cached(END)?.execute(params![
        outcome.delivery,
        outcome.next.status().as_str(),
        due_at,
        ended_at,
        counted
    ])?;
    if changed == 0 {
        return Ok(());
    }
    if let Some(attempt) = &outcome.attempt {
        connection.prepare_cached(ATTEMPT)?.execute(params![
            outcome.delivery,
            attempt.number,
            attempt.started_at.as_millis(),
            attempt.duration_ms,
            attempt.status_code,
            attempt.response_body,
            attempt.error,
        ])?;
    }
    match outcome.next {
        NextStep::Succeed => connection.prepare_cached(SUCCEEDS)?.execute([outcome.endpoint])?,
        _ => connection.prepare_cached(FAILS)?.execute([outcome.endpoint, now])?,
    };
    Ok(())
}

/// What an endpoint did not receive.
enum Missed {
    Undelivered(i64),
    Undispatched(i64),
}

fn missed(
    connection: &Connection,
    endpoint: i64,
    since: Timestamp,
    until: Timestamp,
    patterns: &[EventPattern],
    limit: usize,
) -> rusqlite::Result<Vec<Missed>> {
    let mut statement = connection.prepare_cached(
        "SELECT events.seq, events.name, deliveries.row, deliveries.status
         FROM events LEFT JOIN deliveries ON deliveries.event = events.seq AND deliveries.endpoint = ?1
         WHERE events.id >= ?2 AND events.id < ?3
           AND (SELECT workspace IS NULL OR workspace = events.workspace FROM endpoints WHERE row = ?1)
         ORDER BY events.id",
    )?;
    // Ids sort by time.
    let first_id = |moment| IdKind::Event.id(moment, [0; 10]);
    let mut rows = statement.query(params![endpoint, first_id(since), first_id(until)])?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let delivery: Option<i64> = row.get(2)?;
        let received = row.get::<_, Option<String>>(3)?.as_deref() == Some(DeliveryStatus::Succeeded.as_str());
        let name = EventName::parse(row.get_ref(1)?.as_str()?);
        let wanted = name.is_some_and(|name| patterns.iter().any(|pattern| pattern.matches(name)));
        match delivery {
            _ if received || !wanted => {}
            Some(row) => found.push(Missed::Undelivered(row)),
            None => found.push(Missed::Undispatched(row.get(0)?)),
        }
    }
    Ok(found)
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Delivery)> {
    let moment =
        |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_millis));
    let delivery = Delivery {
        id: row.get(1)?,
        event_id: row.get(2)?,
        event: row.get(3)?,
        endpoint_id: row.get(4)?,
        status: DeliveryStatus::parse(&row.get::<_, String>(5)?).unwrap_or(DeliveryStatus::Pending),
        attempt_count: row.get(6)?,
        next_attempt_at: moment(7)?,
        created_at: moment(8)?.unwrap_or_default(),
        ended_at: moment(9)?,
    };
    Ok((row.get(0)?, delivery))
}

fn read_attempt(row: &Row<'_>) -> rusqlite::Result<Attempt> {
    Ok(Attempt {
        number: row.get(0)?,
        started_at: Timestamp::from_millis(row.get(1)?),
        duration_ms: row.get(2)?,
        status_code: row.get(3)?,
        response_body: row.get(4)?,
        error: row.get(5)?,
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;
    use crate::config::Synchronous;
    use crate::store::sqlite::{connect, migrate};

    #[test]
    fn what_runs_for_each_delivery_is_prepared_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(&folder.path().join("openclaw.db"), Synchronous::Normal).unwrap();
        migrate::run(&mut connection).unwrap();
        let endpoint =
            "INSERT INTO endpoints VALUES (1, 'whe_1', NULL, 'u', '*', 'openclaw', NULL, NULL, '[]', 'config',
             'enabled', NULL, NULL, 0, 0)";
        connection.execute(endpoint, []).unwrap();
        let now = Timestamp::from_millis(1);
        for (number, next) in
            [NextStep::Succeed, NextStep::Retry(now), NextStep::Die].iter().cycle().take(9).enumerate()
        {
            let row = i64::try_from(number).unwrap() + 1;
            let event = NewEvent {
                id: format!("evt_{row}"),
                name: EventName::MessageSent,
                payload: "{}".into(),
                deliver_to: Vec::new(),
            };
            insert_event(&connection, "default", &event, now).unwrap();
            insert(&connection, &NewDelivery { id: format!("dlv_{row}"), event_seq: row, endpoint: 1 }, now).unwrap();
            insert(&connection, &NewDelivery { id: "dlv_0".into(), event_seq: row, endpoint: 2 }, now).unwrap();
            let queued: i64 = connection.prepare_cached(QUEUE).unwrap().query_row([1], |row| row.get(0)).unwrap();
            assert!(queued > 0 && read_due(&connection, row).unwrap().is_some());
            let attempt = Attempt {
                number: 1,
                started_at: now,
                duration_ms: 1,
                status_code: Some(200),
                response_body: None,
                error: None,
            };
            let outcome = AttemptOutcome { delivery: row, endpoint: 1, attempt: Some(attempt), next: *next, now };
            end_attempt(&connection, &outcome).unwrap();
        }
        for statement in [INSERT, QUEUE, DUE, END, ATTEMPT, SUCCEEDS, FAILS] {
            let prepared_anew = connection.prepare_cached(statement).unwrap().get_status(StatementStatus::RePrepare);
            assert_eq!(prepared_anew, 0, "{statement}");
        }
        let stored: i64 = connection.query_row("SELECT count(*) FROM deliveries", [], |row| row.get(0)).unwrap();
        assert_eq!(stored, 9, "nothing for an endpoint that is not there");
    }

    #[test]
    fn what_is_rare_is_found_page_by_page_and_what_is_dead_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let mut connection = connect(&folder.path().join("openclaw.db"), Synchronous::Normal).unwrap();
        migrate::run(&mut connection).unwrap();
        let many = "INSERT INTO endpoints VALUES (1, 'whe_1', NULL, 'u', '*', 'openclaw', NULL, NULL, '[]', 'config',
                        'enabled', NULL, NULL, 0, 0);
             WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 10000)
             INSERT INTO deliveries SELECT i, 'dlv_' || i, 'w', i, 'evt_' || i, iif(i = 1, 'system.error', 'message.sent'), 1,
                        iif(i = 1, 'dead', 'succeeded'), 1, NULL, 0, 0 FROM n;";
        connection.execute_batch(many).unwrap();
        let rare = DeliveryFilter { event: Some("system.error".into()), ..DeliveryFilter::default() };
        let first = list(&connection, "w", i64::MAX, &rare, 20).unwrap();
        assert_eq!((first.data.len(), first.next.as_deref()), (0, Some("2")));
        let second = list(&connection, "w", 2, &rare, 20).unwrap();
        assert_eq!((second.data.len(), second.next), (1, None));

        let dead = DeliveryFilter { status: Some(DeliveryStatus::Dead), ..DeliveryFilter::default() };
        let found = list(&connection, "w", i64::MAX, &dead, 20).unwrap();
        assert_eq!((found.data.len(), found.next), (1, None));
        let all = list(&connection, "w", i64::MAX, &DeliveryFilter::default(), 20).unwrap();
        assert_eq!((all.data.len(), all.next.as_deref()), (20, Some("9982")));
    }
}
