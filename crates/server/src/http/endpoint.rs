//! Webhook endpoints over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use openclaw_core::{
    CreateEndpointRequest, CreatedEndpoint, DeliveryWithAttempts, Endpoint, EndpointWithQueue, ErrorEnvelope, Page,
    RecoverRequest, RecoverResponse, RotateSecretRequest, TestEndpointRequest, UpdateEndpointRequest,
};

use super::body::Json;
use super::error::Failure;
use super::page::{PageParams, Params, page};
use crate::app::App;
use crate::service::{Caller, delivery, endpoint};

/// Make a webhook endpoint; its secret is shown this once.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints", tag = "webhooks", operation_id = "create_endpoint", request_body = CreateEndpointRequest,
    responses((status = 201, description = "The endpoint.", body = CreatedEndpoint), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<CreateEndpointRequest>,
) -> Result<(StatusCode, axum::Json<CreatedEndpoint>), Failure> {
    Ok((StatusCode::CREATED, axum::Json(endpoint::create(&app, &caller, request).await?)))
}

/// List webhook endpoints, newest first.
#[utoipa::path(
    get, path = "/api/v1/webhooks/endpoints", tag = "webhooks", operation_id = "list_endpoints", params(PageParams),
    responses((status = 200, description = "A page of endpoints.", body = Page<Endpoint>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<Endpoint>>, Failure> {
    Ok(page(endpoint::list(&app, &caller, params.query()?).await?))
}

/// Get a webhook endpoint, and what waits for it.
#[utoipa::path(
    get, path = "/api/v1/webhooks/endpoints/{id}", tag = "webhooks", operation_id = "get_endpoint",
    params(("id" = String, Path, description = "The endpoint's id, `whe_…`.")),
    responses((status = 200, description = "The endpoint.", body = EndpointWithQueue), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<EndpointWithQueue>, Failure> {
    Ok(axum::Json(endpoint::get(&app, &caller, id).await?))
}

/// Change a webhook endpoint; enabling it sends what has waited.
#[utoipa::path(
    patch, path = "/api/v1/webhooks/endpoints/{id}", tag = "webhooks", operation_id = "update_endpoint",
    params(("id" = String, Path, description = "The endpoint's id, `whe_…`.")), request_body = UpdateEndpointRequest,
    responses((status = 200, description = "The endpoint.", body = Endpoint), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<UpdateEndpointRequest>,
) -> Result<axum::Json<Endpoint>, Failure> {
    Ok(axum::Json(endpoint::update(&app, &caller, id, request).await?))
}

/// Delete a webhook endpoint with its deliveries.
#[utoipa::path(
    delete, path = "/api/v1/webhooks/endpoints/{id}", tag = "webhooks", operation_id = "delete_endpoint",
    params(("id" = String, Path, description = "The endpoint's id, `whe_…`.")),
    responses((status = 204, description = "It is gone."), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    endpoint::delete(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a `webhook.test`, or a sample of another event, to an endpoint, whatever it subscribes to.
///
/// A sample is delivered as such an event would be, and kept as a test: nobody else is told, no list of events has it.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/test", tag = "webhooks", operation_id = "test_endpoint",
    params(("id" = String, Path, description = "The endpoint's id, `whe_…`.")), request_body = Option<TestEndpointRequest>,
    responses((status = 202, description = "The delivery, to be looked at.", body = DeliveryWithAttempts), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn test(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    request: Option<Json<TestEndpointRequest>>,
) -> Result<(StatusCode, axum::Json<DeliveryWithAttempts>), Failure> {
    let event = request.and_then(|Json(request)| request.event);
    let delivery_id = endpoint::test(&app, &caller, id, event.as_deref()).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(delivery::get(&app, &caller, delivery_id).await?)))
}

/// Replace an endpoint's secret; the old one signs too until the overlap ends.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/rotate-secret", tag = "webhooks", operation_id = "rotate_secret",
    params(("id" = String, Path, description = "The endpoint's id, `whe_…`.")), request_body = RotateSecretRequest,
    responses((status = 200, description = "The new secret, shown this once.", body = CreatedEndpoint), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn rotate_secret(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<RotateSecretRequest>,
) -> Result<axum::Json<CreatedEndpoint>, Failure> {
    Ok(axum::Json(endpoint::rotate_secret(&app, &caller, id, request).await?))
}

/// Deliver again what an endpoint did not receive in a span.
#[utoipa::path(
    post, path = "/api/v1/webhooks/endpoints/{id}/recover", tag = "webhooks", operation_id = "recover_endpoint",
    params(("id" = String, Path, description = "The endpoint's id, `whe_…`.")), request_body = RecoverRequest,
    responses((status = 202, description = "How many are due now; at most 10,000 at once.", body = RecoverResponse), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn recover(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(request): Json<RecoverRequest>,
) -> Result<(StatusCode, axum::Json<RecoverResponse>), Failure> {
    Ok((StatusCode::ACCEPTED, axum::Json(endpoint::recover(&app, &caller, id, request).await?)))
}
