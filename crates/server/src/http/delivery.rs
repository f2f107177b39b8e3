//! Webhook deliveries over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use openclaw_core::{
    Delivery, DeliveryWithAttempts, ErrorEnvelope, Page, RetryDeliveriesRequest, RetryDeliveriesResponse,
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::body::Json;
use super::error::Failure;
use super::page::{PageParams, Params, page};
use crate::app::App;
use crate::service::{Caller, delivery};
use crate::store::DeliveryFilter;

/// Which deliveries to list, as it stands in the URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct FilterParams {
    /// Of that endpoint.
    endpoint_id: Option<String>,
    /// `pending`, `succeeded` or `dead`.
    status: Option<String>,
    /// Of events of that name.
    event: Option<String>,
}

/// List deliveries, newest first.
#[utoipa::path(
    get, path = "/api/v1/webhooks/deliveries", tag = "webhooks", operation_id = "list_deliveries", params(FilterParams, PageParams),
    responses((status = 200, description = "A page of deliveries.", body = Page<Delivery>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(filter): Params<FilterParams>,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<Delivery>>, Failure> {
    let status = filter.status.as_deref().map(delivery::status).transpose()?;
    let filter = DeliveryFilter { endpoint_id: filter.endpoint_id, status, event: filter.event };
    Ok(page(delivery::list(&app, &caller, filter, params.query()?).await?))
}

/// Get a delivery with its attempts.
#[utoipa::path(
    get, path = "/api/v1/webhooks/deliveries/{id}", tag = "webhooks", operation_id = "get_delivery",
    params(("id" = String, Path, description = "The delivery's id, `dlv_…`.")),
    responses((status = 200, description = "The delivery.", body = DeliveryWithAttempts), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<DeliveryWithAttempts>, Failure> {
    Ok(axum::Json(delivery::get(&app, &caller, id).await?))
}

/// Deliver again, now; the event keeps its id and body.
#[utoipa::path(
    post, path = "/api/v1/webhooks/deliveries/{id}/retry", tag = "webhooks", operation_id = "retry_delivery",
    params(("id" = String, Path, description = "The delivery's id, `dlv_…`.")),
    responses((status = 200, description = "The delivery.", body = Delivery), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<Delivery>, Failure> {
    Ok(axum::Json(delivery::retry(&app, &caller, id).await?))
}

/// Deliver again, now, all that match; the dead ones unless another status is named.
#[utoipa::path(
    post, path = "/api/v1/webhooks/deliveries/retry", tag = "webhooks", operation_id = "retry_deliveries", request_body = RetryDeliveriesRequest,
    responses((status = 202, description = "How many are due now; at most 10,000 at once, the oldest first.", body = RetryDeliveriesResponse), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn retry_all(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<RetryDeliveriesRequest>,
) -> Result<(StatusCode, axum::Json<RetryDeliveriesResponse>), Failure> {
    Ok((StatusCode::ACCEPTED, axum::Json(delivery::retry_all(&app, &caller, request).await?)))
}
