//! Endpoints as they are stored, with their secrets.

use async_trait::async_trait;
use openclaw_core::{DisabledReason, Endpoint, Timestamp};
use serde::{Deserialize, Serialize};

use super::{NewEvent, PageQuery, Rows, StoreError};

/// An endpoint, its secrets, and how it has been doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEndpoint {
    /// The engine's own handle; 0 before it is stored.
    pub row: i64,
    /// Whose it is; `None`: the operator's, who is told of every workspace.
    pub workspace: Option<String>,
    /// The endpoint as it may be shown.
    pub endpoint: Endpoint,
    /// Its secrets, the primary first.
    pub secrets: Vec<StoredSecret>,
    /// When it began to fail, if its latest delivery failed.
    pub failing_since: Option<Timestamp>,
}

/// A secret that signs.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredSecret {
    /// The secret.
    pub secret: String,
    /// When it stops signing, if it was replaced: milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until_ms: Option<i64>,
}

impl std::fmt::Debug for StoredSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredSecret").field("until_ms", &self.until_ms).finish_non_exhaustive()
    }
}

/// Says what an endpoint becomes, from what it is; may be asked more than once.
pub type EndpointEdit = Box<dyn Fn(&StoredEndpoint) -> StoredEndpoint + Send + Sync>;

/// Whose endpoints are meant: a workspace's, and the operator's own beside them if the caller is the operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owners {
    /// The workspace.
    pub workspace: String,
    /// Whether those of the configuration file are meant too.
    pub operator: bool,
}

/// Keeps endpoints.
#[async_trait]
pub trait EndpointStore {
    /// Stores a new endpoint.
    async fn create_endpoint(&self, endpoint: StoredEndpoint) -> Result<(), StoreError>;

    /// Their endpoint of that id.
    async fn find_endpoint(&self, owners: Owners, id: String) -> Result<Option<StoredEndpoint>, StoreError>;

    /// Their endpoints, newest first.
    async fn list_endpoints(&self, owners: Owners, page: PageQuery) -> Result<Rows<StoredEndpoint>, StoreError>;

    /// Every endpoint of everybody, by their handles.
    async fn all_endpoints(&self) -> Result<Vec<StoredEndpoint>, StoreError>;

    /// Changes their endpoint by a function of what it is; `None` if there is none.
    async fn update_endpoint(
        &self,
        owners: Owners,
        id: String,
        edit: EndpointEdit,
    ) -> Result<Option<StoredEndpoint>, StoreError>;

    /// Deletes the workspace's endpoint with its deliveries; `false` if there is none.
    async fn delete_endpoint(&self, workspace: String, id: String) -> Result<bool, StoreError>;

    /// Makes the operator's endpoints those of the configuration, known by their ids; others of the operator go.
    async fn replace_operator_endpoints(&self, endpoints: Vec<StoredEndpoint>) -> Result<(), StoreError>;

    /// When an endpoint began to fail; `None` if its latest delivery was received.
    async fn failing_since(&self, row: i64) -> Result<Option<Timestamp>, StoreError>;

    /// Disables an enabled endpoint and stores the events that tell of it; `false` if it was not enabled.
    async fn disable_endpoint(
        &self,
        row: i64,
        reason: DisabledReason,
        events: Vec<(String, NewEvent)>,
        now: Timestamp,
    ) -> Result<bool, StoreError>;
}
