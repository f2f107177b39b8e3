//! Deliveries: what became of each event at each endpoint.

use openclaw_core::{
    Delivery, DeliveryStatus, DeliveryWithAttempts, EventName, RetryDeliveriesRequest, RetryDeliveriesResponse, Scope,
    Timestamp,
};

use super::{Caller, ServiceError};
use crate::app::App;
use crate::store::{DeliveryFilter, PageQuery, RetryFilter, Rows};

/// Deliveries that one call makes due at the most; ask again for the rest.
const RETRIED_MAX: usize = 10_000;

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

/// Makes every delivery due now that matches; the dead ones unless another status is named.
pub async fn retry_all(
    app: &App,
    caller: &Caller,
    request: RetryDeliveriesRequest,
) -> Result<RetryDeliveriesResponse, ServiceError> {
    caller.require(Scope::Webhooks)?;
    if let Some(word) = request.event.as_deref().filter(|word| EventName::parse(word).is_none()) {
        return Err(ServiceError::invalid("event_unknown", "event", format!("`{word}` is no event")));
    }
    let now = app.clock.now();
    let filter = RetryFilter {
        status: request.status.unwrap_or(DeliveryStatus::Dead),
        endpoint_id: request.endpoint_id,
        event: request.event,
        since: request.since.unwrap_or(Timestamp::from_millis(0)),
        until: request.until.unwrap_or(now.plus_millis(1)),
    };
    if filter.since > filter.until {
        return Err(ServiceError::invalid("range_invalid", "since", "`since` must lie before `until`"));
    }
    let workspace = caller.workspace().to_owned();
    let (retried, has_more) = app.store.retry_deliveries(workspace, filter, RETRIED_MAX, now).await?;
    app.delivery_due.ring();
    Ok(RetryDeliveriesResponse { retried, has_more })
}

/// Reads a status by its word.
pub fn status(word: &str) -> Result<DeliveryStatus, ServiceError> {
    let message = "`status` must be `pending`, `succeeded` or `dead`";
    DeliveryStatus::parse(word).ok_or_else(|| ServiceError::invalid("status_invalid", "status", message))
}

fn not_found(id: &str) -> ServiceError {
    ServiceError::NotFound { code: "delivery_not_found", message: format!("there is no delivery `{id}`") }
}
