//! Deliveries: what became of each event at each endpoint.

use openclaw_core::{Delivery, DeliveryStatus, DeliveryWithAttempts, Scope};

use super::{Caller, ServiceError};
use crate::app::App;
use crate::store::{DeliveryFilter, PageQuery, Rows};

/// The workspace's deliveries, newest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    filter: DeliveryFilter,
    page: PageQuery,
) -> Result<Rows<Delivery>, ServiceError> {
    caller.require(Scope::Webhooks)?;
    Ok(app.store.list_deliveries(caller.workspace().to_owned(), filter, page).await?)
}

/// A delivery with its attempts.
pub async fn get(app: &App, caller: &Caller, id: String) -> Result<DeliveryWithAttempts, ServiceError> {
    caller.require(Scope::Webhooks)?;
    app.store.find_delivery(caller.workspace().to_owned(), id.clone()).await?.ok_or_else(|| not_found(&id))
}

/// Makes a delivery due now, also one that was received or given up.
pub async fn retry(app: &App, caller: &Caller, id: String) -> Result<Delivery, ServiceError> {
    caller.require(Scope::Webhooks)?;
    let workspace = caller.workspace().to_owned();
    if !app.store.retry_delivery(workspace, id.clone(), app.clock.now()).await? {
        return Err(not_found(&id));
    }
    app.delivery_due.ring();
    Ok(get(app, caller, id).await?.delivery)
}

/// Reads a status by its word.
pub fn status(word: &str) -> Result<DeliveryStatus, ServiceError> {
    let message = "`status` must be `pending`, `succeeded` or `dead`";
    DeliveryStatus::parse(word).ok_or_else(|| ServiceError::invalid("status_invalid", "status", message))
}

fn not_found(id: &str) -> ServiceError {
    ServiceError::NotFound { code: "delivery_not_found", message: format!("there is no delivery `{id}`") }
}
