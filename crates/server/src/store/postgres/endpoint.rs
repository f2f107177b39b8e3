//! Endpoints in PostgreSQL.

use async_trait::async_trait;
use openclaw_core::{DisabledReason, Endpoint, EndpointFormat, EndpointSource, EndpointStatus, Timestamp};
use tokio_postgres::types::ToSql;

use super::event::insert_events;
use super::row::{Row, cursor, limit, page as page_of, text};
use super::{Args, Postgres, Tx, Work, args};
use crate::store::{EndpointEdit, EndpointStore, NewEvent, Owners, PageQuery, Rows, StoreError, StoredEndpoint};

const SELECT: &str = "SELECT row, id, workspace, url, events, format, template, description, secrets, source, status,
    disabled_reason, failing_since, created_at, updated_at FROM endpoints";
/// Of that workspace, or the operator's if those are meant too.
const THEIRS: &str = "(workspace = $1 OR ($2 AND workspace IS NULL))";
const INSERT: &str =
    "INSERT INTO endpoints (id, workspace, url, events, format, template, description, secrets, source, status,
                            created_at, updated_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
/// Deliveries of an endpoint that goes which are deleted at once: other writes wait for a moment only.
const DELETED_AT_ONCE: usize = 1000;

#[async_trait]
impl EndpointStore for Postgres {
    async fn create_endpoint(&self, endpoint: StoredEndpoint) -> Result<(), StoreError> {
        self.write(INSERT, values(&endpoint)).await.map(|_| ())
    }

    async fn find_endpoint(&self, owners: Owners, id: String) -> Result<Option<StoredEndpoint>, StoreError> {
        let statement = format!("{SELECT} WHERE {THEIRS} AND id = $3");
        let found = self.row(&statement, &[&owners.workspace, &owners.operator, &text(&id)]).await?;
        found.as_ref().map(read).transpose()
    }

    async fn list_endpoints(&self, owners: Owners, page: PageQuery) -> Result<Rows<StoredEndpoint>, StoreError> {
        let before = cursor(&page)?.unwrap_or(i64::MAX);
        let statement = format!("{SELECT} WHERE {THEIRS} AND row < $3 ORDER BY row DESC LIMIT $4");
        let found = self.rows(&statement, &[&owners.workspace, &owners.operator, &before, &limit(&page)]).await?;
        page_of(&found, page.limit, read)
    }

    async fn all_endpoints(&self) -> Result<Vec<StoredEndpoint>, StoreError> {
        self.rows(&format!("{SELECT} ORDER BY row"), &[]).await?.iter().map(read).collect()
    }

    async fn update_endpoint(
        &self,
        owners: Owners,
        id: String,
        edit: EndpointEdit,
    ) -> Result<Option<StoredEndpoint>, StoreError> {
        self.transact(&Change { owners, id: text(&id), edit }).await
    }

    async fn delete_endpoint(&self, workspace: String, id: String) -> Result<bool, StoreError> {
        let id = text(&id);
        let found = "SELECT row FROM endpoints WHERE workspace = $1 AND id = $2";
        let Some(found) = self.row(found, &[&workspace, &id]).await? else { return Ok(false) };
        self.delete_deliveries_of(found.get(0)?).await?;
        let deleted = self
            .write("DELETE FROM endpoints WHERE workspace = $1 AND id = $2 RETURNING 1", args![workspace, id])
            .await?;
        Ok(!deleted.is_empty())
    }

    async fn replace_operator_endpoints(&self, endpoints: Vec<StoredEndpoint>) -> Result<(), StoreError> {
        let ids = endpoints.iter().map(|stored| stored.endpoint.id.clone()).collect();
        let replacing = Replacing { ids, endpoints };
        let going = "SELECT row FROM endpoints WHERE source = $1 AND id <> ALL ($2)";
        for row in self.rows(going, &[&EndpointSource::Config.as_str(), &replacing.ids]).await? {
            self.delete_deliveries_of(row.get(0)?).await?;
        }
        self.transact(&replacing).await
    }

    async fn failing_since(&self, row: i64) -> Result<Option<Timestamp>, StoreError> {
        let found = self.row("SELECT failing_since FROM endpoints WHERE row = $1", &[&row]).await?;
        found.map_or(Ok(None), |row| row.moment_or_none(0))
    }

    async fn disable_endpoint(
        &self,
        row: i64,
        reason: DisabledReason,
        events: Vec<(String, NewEvent)>,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.transact(&Disabling { row, reason, events, now }).await
    }
}

impl Postgres {
    /// Deletes an endpoint's deliveries ahead of it, bit by bit: millions at once would be cut off by the statement timeout.
    async fn delete_deliveries_of(&self, endpoint: i64) -> Result<(), StoreError> {
        loop {
            let deleted = self
                .write(
                    "DELETE FROM deliveries WHERE row = ANY (ARRAY
                        (SELECT row FROM deliveries WHERE endpoint = $1 LIMIT $2)) RETURNING 1",
                    args![endpoint, i64::try_from(DELETED_AT_ONCE).unwrap_or(i64::MAX)],
                )
                .await?;
            if deleted.len() < DELETED_AT_ONCE {
                return Ok(());
            }
        }
    }
}

/// An endpoint's change, while nobody else changes it.
struct Change {
    owners: Owners,
    id: String,
    edit: EndpointEdit,
}

#[async_trait]
impl Work for Change {
    type Done = Option<StoredEndpoint>;

    async fn run(&self, tx: &Tx<'_>) -> Result<Option<StoredEndpoint>, StoreError> {
        let statement = format!("{SELECT} WHERE {THEIRS} AND id = $3 FOR NO KEY UPDATE");
        let found = tx.row(&statement, &[&self.owners.workspace, &self.owners.operator, &self.id]).await?;
        let Some(found) = found.as_ref().map(read).transpose()? else { return Ok(None) };
        let changed = (self.edit)(&found);
        let endpoint = &changed.endpoint;
        // Everything but what never changes: id, workspace, source, age.
        tx.execute(
            "UPDATE endpoints SET url = $2, events = $3, format = $4, template = $5, description = $6, secrets = $7,
                                  status = $8, disabled_reason = $9, failing_since = $10, updated_at = $11
             WHERE row = $1",
            &[
                &found.row,
                &text(&endpoint.url),
                &endpoint.events.join(" "),
                &endpoint.format.as_str(),
                &endpoint.template.as_deref().map(text),
                &endpoint.description.as_deref().map(text),
                &secrets(&changed),
                &endpoint.status.as_str(),
                &endpoint.disabled_reason.map(DisabledReason::as_str),
                &changed.failing_since.map(Timestamp::as_millis),
                &endpoint.updated_at.as_millis(),
            ],
        )
        .await?;
        Ok(Some(changed))
    }
}

/// The operator's endpoints as the configuration has them; several gateways may begin with it at once.
struct Replacing {
    ids: Vec<String>,
    endpoints: Vec<StoredEndpoint>,
}

#[async_trait]
impl Work for Replacing {
    type Done = ();

    async fn run(&self, tx: &Tx<'_>) -> Result<(), StoreError> {
        tx.execute(
            "DELETE FROM endpoints WHERE row IN
                (SELECT row FROM endpoints WHERE source = $1 AND id <> ALL ($2) ORDER BY row FOR UPDATE)",
            &[&EndpointSource::Config.as_str(), &self.ids],
        )
        .await?;
        let statement = format!(
            "{INSERT} ON CONFLICT (id) DO UPDATE
                SET url = excluded.url, events = excluded.events, format = excluded.format, template = excluded.template,
                    description = excluded.description, secrets = excluded.secrets, status = excluded.status,
                    disabled_reason = $13, failing_since = $14, updated_at = excluded.updated_at"
        );
        for stored in &self.endpoints {
            let mut values = values(stored);
            values.push(Box::new(stored.endpoint.disabled_reason.map(DisabledReason::as_str)));
            values.push(Box::new(stored.failing_since.map(Timestamp::as_millis)));
            let values: Vec<_> = values.iter().map(|value| &**value as &(dyn ToSql + Sync)).collect();
            tx.execute(&statement, &values).await?;
        }
        Ok(())
    }
}

/// An endpoint that is sent no more, unless somebody disabled it before.
struct Disabling {
    row: i64,
    reason: DisabledReason,
    events: Vec<(String, NewEvent)>,
    now: Timestamp,
}

#[async_trait]
impl Work for Disabling {
    type Done = bool;

    async fn run(&self, tx: &Tx<'_>) -> Result<bool, StoreError> {
        let changed = tx
            .execute(
                "UPDATE endpoints SET status = $2, disabled_reason = $3, updated_at = $4 WHERE row = $1 AND status = $5",
                &[
                    &self.row,
                    &EndpointStatus::Disabled.as_str(),
                    &self.reason.as_str(),
                    &self.now.as_millis(),
                    &EndpointStatus::Enabled.as_str(),
                ],
            )
            .await?;
        if changed > 0 {
            for (workspace, event) in &self.events {
                insert_events(tx, workspace, None, &[event], self.now).await?;
            }
        }
        Ok(changed > 0)
    }
}

/// What [`INSERT`] stores.
fn values(stored: &StoredEndpoint) -> Args {
    let endpoint = &stored.endpoint;
    args![
        endpoint.id.clone(),
        stored.workspace.clone(),
        text(&endpoint.url),
        endpoint.events.join(" "),
        endpoint.format.as_str(),
        endpoint.template.as_deref().map(text),
        endpoint.description.as_deref().map(text),
        secrets(stored),
        endpoint.source.as_str(),
        endpoint.status.as_str(),
        endpoint.created_at.as_millis(),
        endpoint.updated_at.as_millis(),
    ]
}

fn read(row: &Row) -> Result<StoredEndpoint, StoreError> {
    let endpoint = Endpoint {
        id: row.get(1)?,
        url: row.get(3)?,
        events: row.get::<&str>(4)?.split(' ').map(str::to_owned).collect(),
        format: EndpointFormat::parse(row.get(5)?).unwrap_or_default(),
        template: row.get(6)?,
        description: row.get(7)?,
        source: EndpointSource::parse(row.get(9)?).unwrap_or(EndpointSource::Api),
        status: EndpointStatus::parse(row.get(10)?).unwrap_or_default(),
        disabled_reason: row.get::<Option<&str>>(11)?.and_then(DisabledReason::parse),
        created_at: row.moment(13)?,
        updated_at: row.moment(14)?,
    };
    Ok(StoredEndpoint {
        row: row.get(0)?,
        workspace: row.get(2)?,
        endpoint,
        secrets: serde_json::from_str(row.get(8)?).unwrap_or_default(),
        failing_since: row.moment_or_none(12)?,
    })
}

fn secrets(stored: &StoredEndpoint) -> String {
    serde_json::to_string(&stored.secrets).expect("secrets serialise")
}
