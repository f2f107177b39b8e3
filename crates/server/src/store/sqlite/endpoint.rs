//! Endpoints in SQLite.

use async_trait::async_trait;
use openclaw_core::{DisabledReason, Endpoint, EndpointFormat, EndpointSource, EndpointStatus, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::event::insert_event;
use super::{Sqlite, cursor, rows};
use crate::store::{EndpointEdit, EndpointStore, NewEvent, Owners, PageQuery, Rows, StoreError, StoredEndpoint};

const COLUMNS: &str = "row, id, workspace, url, events, format, template, description, secrets, source, status,
    disabled_reason, failing_since, created_at, updated_at";
/// Of that workspace, or the operator's if those are meant too.
const THEIRS: &str = "(workspace = ?1 OR (?2 AND workspace IS NULL))";

#[async_trait]
impl EndpointStore for Sqlite {
    async fn create_endpoint(&self, endpoint: StoredEndpoint) -> Result<(), StoreError> {
        self.writer.write(move |connection| insert(connection, &endpoint)).await
    }

    async fn find_endpoint(&self, owners: Owners, id: String) -> Result<Option<StoredEndpoint>, StoreError> {
        self.readers.read(move |connection| find(connection, &owners, &id)).await
    }

    async fn list_endpoints(&self, owners: Owners, page: PageQuery) -> Result<Rows<StoredEndpoint>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached(&format!(
                        "SELECT {COLUMNS} FROM endpoints WHERE {THEIRS} AND row < ?3 ORDER BY row DESC LIMIT ?4"
                    ))?
                    .query_map(params![owners.workspace, owners.operator, before, page.limit + 1], |row| {
                        Ok((row.get(0)?, read(row)?))
                    })?
                    .collect::<rusqlite::Result<Vec<_>>>()
                    .map(|found| rows(found, page.limit))
            })
            .await
    }

    async fn all_endpoints(&self) -> Result<Vec<StoredEndpoint>, StoreError> {
        self.readers
            .read(|connection| {
                connection
                    .prepare_cached(&format!("SELECT {COLUMNS} FROM endpoints ORDER BY row"))?
                    .query_map([], read)?
                    .collect()
            })
            .await
    }

    async fn update_endpoint(
        &self,
        owners: Owners,
        id: String,
        edit: EndpointEdit,
    ) -> Result<Option<StoredEndpoint>, StoreError> {
        self.writer
            .write(move |connection| {
                let Some(found) = find(connection, &owners, &id)? else { return Ok(None) };
                let changed = edit(&found);
                update(connection, found.row, &changed)?;
                Ok(Some(changed))
            })
            .await
    }

    async fn delete_endpoint(&self, workspace: String, id: String) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached("DELETE FROM endpoints WHERE workspace = ?1 AND id = ?2")?
                    .execute([&workspace, &id])
                    .map(|deleted| deleted > 0)
            })
            .await
    }

    async fn replace_operator_endpoints(&self, endpoints: Vec<StoredEndpoint>) -> Result<(), StoreError> {
        self.writer
            .write(move |connection| {
                let ids: Vec<&str> = endpoints.iter().map(|stored| stored.endpoint.id.as_str()).collect();
                let kept = serde_json::to_string(&ids).expect("ids serialise");
                connection.execute(
                    "DELETE FROM endpoints WHERE source = ?1 AND id NOT IN (SELECT value FROM json_each(?2))",
                    [EndpointSource::Config.as_str(), &kept],
                )?;
                for stored in &endpoints {
                    let known = connection
                        .prepare_cached("SELECT row FROM endpoints WHERE id = ?1")?
                        .query_row([&stored.endpoint.id], |row| row.get(0))
                        .optional()?;
                    match known {
                        Some(row) => update(connection, row, stored)?,
                        None => insert(connection, stored)?,
                    }
                }
                Ok(())
            })
            .await
    }

    async fn failing_since(&self, row: i64) -> Result<Option<Timestamp>, StoreError> {
        self.readers
            .read(move |connection| {
                connection
                    .prepare_cached("SELECT failing_since FROM endpoints WHERE row = ?1")?
                    .query_row([row], |row| row.get::<_, Option<i64>>(0))
                    .optional()
                    .map(|found| found.flatten().map(Timestamp::from_millis))
            })
            .await
    }

    async fn disable_endpoint(
        &self,
        row: i64,
        reason: DisabledReason,
        events: Vec<(String, NewEvent)>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.writer
            .write(move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE endpoints SET status = ?2, disabled_reason = ?3, updated_at = ?4
                         WHERE row = ?1 AND status = ?5",
                    )?
                    .execute(params![
                        row,
                        EndpointStatus::Disabled.as_str(),
                        reason.as_str(),
                        now.as_millis(),
                        EndpointStatus::Enabled.as_str(),
                    ])?;
                if changed > 0 {
                    for (workspace, event) in &events {
                        insert_event(connection, workspace, event, now)?;
                    }
                }
                Ok(changed > 0)
            })
            .await
    }
}

fn find(connection: &Connection, owners: &Owners, id: &str) -> rusqlite::Result<Option<StoredEndpoint>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM endpoints WHERE {THEIRS} AND id = ?3"))?
        .query_row(params![owners.workspace, owners.operator, id], read)
        .optional()
}

fn insert(connection: &Connection, stored: &StoredEndpoint) -> rusqlite::Result<()> {
    let endpoint = &stored.endpoint;
    connection
        .prepare_cached(
            "INSERT INTO endpoints (id, workspace, url, events, format, template, description, secrets, source, status,
                                    created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            endpoint.id,
            stored.workspace,
            endpoint.url,
            endpoint.events.join(" "),
            endpoint.format.as_str(),
            endpoint.template,
            endpoint.description,
            secrets(stored),
            endpoint.source.as_str(),
            endpoint.status.as_str(),
            endpoint.created_at.as_millis(),
            endpoint.updated_at.as_millis(),
        ])
        .map(|_| ())
}

/// Everything but what never changes: id, workspace, source, age.
fn update(connection: &Connection, row: i64, stored: &StoredEndpoint) -> rusqlite::Result<()> {
    let endpoint = &stored.endpoint;
    connection
        .prepare_cached(
            "UPDATE endpoints SET url = ?2, events = ?3, format = ?4, template = ?5, description = ?6, secrets = ?7,
                                  status = ?8, disabled_reason = ?9, failing_since = ?10, updated_at = ?11
             WHERE row = ?1",
        )?
        .execute(params![
            row,
            endpoint.url,
            endpoint.events.join(" "),
            endpoint.format.as_str(),
            endpoint.template,
            endpoint.description,
            secrets(stored),
            endpoint.status.as_str(),
            endpoint.disabled_reason.map(DisabledReason::as_str),
            stored.failing_since.map(Timestamp::as_millis),
            endpoint.updated_at.as_millis(),
        ])
        .map(|_| ())
}

fn read(row: &Row<'_>) -> rusqlite::Result<StoredEndpoint> {
    let text = |column: usize| row.get::<_, String>(column);
    let moment = |column: usize| Ok::<_, rusqlite::Error>(Timestamp::from_millis(row.get(column)?));
    let endpoint = Endpoint {
        id: text(1)?,
        url: text(3)?,
        events: text(4)?.split(' ').map(str::to_owned).collect(),
        format: EndpointFormat::parse(&text(5)?).unwrap_or_default(),
        template: row.get(6)?,
        description: row.get(7)?,
        source: EndpointSource::parse(&text(9)?).unwrap_or(EndpointSource::Api),
        status: EndpointStatus::parse(&text(10)?).unwrap_or_default(),
        disabled_reason: row.get::<_, Option<String>>(11)?.as_deref().and_then(DisabledReason::parse),
        created_at: moment(13)?,
        updated_at: moment(14)?,
    };
    Ok(StoredEndpoint {
        row: row.get(0)?,
        workspace: row.get(2)?,
        endpoint,
        secrets: serde_json::from_str(&text(8)?).unwrap_or_default(),
        failing_since: row.get::<_, Option<i64>>(12)?.map(Timestamp::from_millis),
    })
}

fn secrets(stored: &StoredEndpoint) -> String {
    serde_json::to_string(&stored.secrets).expect("secrets serialise")
}
