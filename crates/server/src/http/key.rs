//! Keys over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use openclaw_core::{CreateKeyRequest, CreatedKey, ErrorEnvelope, Key, Page};

use super::body::Json;
use super::error::Failure;
use super::page::{PageParams, Params, page};
use crate::app::App;
use crate::service::{Caller, key};

/// Make a key; its secret is shown this once.
#[utoipa::path(
    post, path = "/api/v1/keys", tag = "keys", operation_id = "create_key", request_body = CreateKeyRequest,
    responses((status = 201, description = "The key.", body = CreatedKey), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<CreateKeyRequest>,
) -> Result<(StatusCode, axum::Json<CreatedKey>), Failure> {
    Ok((StatusCode::CREATED, axum::Json(key::create(&app, &caller, request).await?)))
}

/// List keys, newest first; never their secrets.
#[utoipa::path(
    get, path = "/api/v1/keys", tag = "keys", operation_id = "list_keys", params(PageParams),
    responses((status = 200, description = "A page of keys.", body = Page<Key>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<Key>>, Failure> {
    Ok(page(key::list(&app, &caller, params.query()?).await?))
}

/// Revoke a key; it stops working within a second.
#[utoipa::path(
    delete, path = "/api/v1/keys/{id}", tag = "keys", operation_id = "revoke_key",
    params(("id" = String, Path, description = "The key's id, `key_…`.")),
    responses((status = 204, description = "It is revoked."), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    key::revoke(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
