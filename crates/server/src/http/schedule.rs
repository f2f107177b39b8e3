//! Schedules over HTTP.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use openclaw_core::{CreateScheduleRequest, ErrorEnvelope, Page, Schedule, ScheduleRun, UpdateScheduleRequest};

use super::body::{Json, idempotency_key};
use super::error::Failure;
use super::page::{PageParams, Params, page};
use crate::app::App;
use crate::service::{Caller, schedule};

/// Make a schedule; the answer shows its next five slots.
#[utoipa::path(
    post, path = "/api/v1/schedules", tag = "schedules", operation_id = "create_schedule", request_body = CreateScheduleRequest,
    responses((status = 201, description = "The schedule.", body = Schedule), (status = "4XX", description = "Refused; a line that never fires is.", body = ErrorEnvelope))
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    caller: Caller,
    Json(request): Json<CreateScheduleRequest>,
) -> Result<(StatusCode, axum::Json<Schedule>), Failure> {
    Ok((StatusCode::CREATED, axum::Json(schedule::create(&app, &caller, request).await?)))
}

/// List schedules, newest first.
#[utoipa::path(
    get, path = "/api/v1/schedules", tag = "schedules", operation_id = "list_schedules", params(PageParams),
    responses((status = 200, description = "A page of schedules.", body = Page<Schedule>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    caller: Caller,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<Schedule>>, Failure> {
    Ok(page(schedule::list(&app, &caller, params.query()?).await?))
}

/// Get a schedule, its next five slots, and what became of the latest.
#[utoipa::path(
    get, path = "/api/v1/schedules/{id}", tag = "schedules", operation_id = "get_schedule",
    params(("id" = String, Path, description = "The schedule's id, `sch_…`.")),
    responses((status = 200, description = "The schedule.", body = Schedule), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn get(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<axum::Json<Schedule>, Failure> {
    Ok(axum::Json(schedule::get(&app, &caller, id).await?))
}

/// Change a schedule, pause it (`enabled: false`) or let it go on.
#[utoipa::path(
    patch, path = "/api/v1/schedules/{id}", tag = "schedules", operation_id = "update_schedule",
    params(("id" = String, Path, description = "The schedule's id, `sch_…`.")), request_body = UpdateScheduleRequest,
    responses((status = 200, description = "The schedule.", body = Schedule), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn update(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Json(change): Json<UpdateScheduleRequest>,
) -> Result<axum::Json<Schedule>, Failure> {
    Ok(axum::Json(schedule::update(&app, &caller, id, change).await?))
}

/// Delete a schedule and its history; its agents stay.
#[utoipa::path(
    delete, path = "/api/v1/schedules/{id}", tag = "schedules", operation_id = "delete_schedule",
    params(("id" = String, Path, description = "The schedule's id, `sch_…`.")),
    responses((status = 204, description = "It is gone."), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<StatusCode, Failure> {
    schedule::delete(&app, &caller, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Run a schedule now, paused or not, beside its slots.
#[utoipa::path(
    post, path = "/api/v1/schedules/{id}/run", tag = "schedules", operation_id = "run_schedule",
    params(
        ("id" = String, Path, description = "The schedule's id, `sch_…`."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key gives the same run for 24 hours; up to 255 characters."),
    ),
    responses((status = 202, description = "The run: fired, or waiting or skipped as `overlap` says.", body = ScheduleRun), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn run(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<(StatusCode, axum::Json<ScheduleRun>), Failure> {
    let run = schedule::run(&app, &caller, id, idempotency_key(&headers)?).await?;
    Ok((StatusCode::ACCEPTED, axum::Json(run)))
}

/// List what became of a schedule's slots, newest first.
#[utoipa::path(
    get, path = "/api/v1/schedules/{id}/runs", tag = "schedules", operation_id = "list_schedule_runs",
    params(("id" = String, Path, description = "The schedule's id, `sch_…`."), PageParams),
    responses((status = 200, description = "A page of runs; every slot is in one.", body = Page<ScheduleRun>), (status = "4XX", description = "Refused.", body = ErrorEnvelope))
)]
pub(super) async fn runs(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Params(params): Params<PageParams>,
) -> Result<axum::Json<Page<ScheduleRun>>, Failure> {
    Ok(page(schedule::runs(&app, &caller, id, params.query()?).await?))
}
