//! Schedules: made, changed, run by hand; and their slots settled.
//!
//! Cast: [`check`] says what a schedule must be; [`rules`] says what becomes of a slot, purely; [`settle()`] has the store
//! settle what is due, as the room `schedule` asks; [`named`] keeps those of the configuration. What a slot spawns is an
//! agent like any other.

mod check;
mod named;
mod rules;
mod settle;

pub use named::apply;
pub use settle::{Look, settle};

use std::sync::Arc;

use openclaw_core::schedule::NEXT_FIRE_TIMES;
use openclaw_core::{
    CreateScheduleRequest, IdKind, Schedule, ScheduleRun, ScheduleSource, Scope, Timestamp, UpdateScheduleRequest,
};
use sha2::{Digest, Sha256};

use super::{Caller, ServiceError, endpoint, idempotency};
use crate::app::App;
use crate::calendar::jitter;
use crate::store::{NextSlot, PageQuery, RanByHand, Rows, ScheduleEdit, StoredSchedule};
use rules::Rules;

/// Makes a schedule; its agents are the key's.
pub async fn create(app: &Arc<App>, caller: &Caller, request: CreateScheduleRequest) -> Result<Schedule, ServiceError> {
    may_spawn(caller)?;
    let request = check::completed(request);
    let now = app.clock.now();
    check_whole(app, caller, &request).await?;
    check::fires(&request, now)?;
    let stored = fresh(caller, ScheduleSource::Api, app.clock.id(IdKind::Schedule), request, now);
    app.store.create_schedule(stored.clone()).await?;
    app.schedule_changed.ring();
    Ok(shown(stored))
}

/// The schedule of that id.
pub async fn get(app: &App, caller: &Caller, id: String) -> Result<Schedule, ServiceError> {
    find(app, caller, &id).await.map(shown)
}

/// The workspace's schedules, newest first.
pub async fn list(app: &App, caller: &Caller, page: PageQuery) -> Result<Rows<Schedule>, ServiceError> {
    caller.require(Scope::Schedules)?;
    let rows = app.store.list_schedules(caller.workspace().to_owned(), page).await?;
    Ok(Rows { data: rows.data.into_iter().map(shown).collect(), next: rows.next })
}

/// Changes a schedule; what is absent stays. Another timing, and going on after a pause, count from now.
pub async fn update(
    app: &Arc<App>,
    caller: &Caller,
    id: String,
    change: UpdateScheduleRequest,
) -> Result<Schedule, ServiceError> {
    may_spawn(caller)?;
    let found = changeable(app, caller, &id).await?;
    let merged = check::merged(&found.request, &change);
    check_whole(app, caller, &merged).await?;
    let now = app.clock.now();
    if check::begins_anew(&found.request, &merged) {
        check::fires(&merged, now)?;
    }
    let edit: ScheduleEdit = Box::new(move |stored| edited(stored, check::merged(&stored.request, &change), now));
    let changed = app.store.update_schedule(caller.workspace().to_owned(), id.clone(), edit).await?;
    app.schedule_changed.ring();
    changed.map(shown).ok_or_else(|| not_found(&id))
}

/// Deletes a schedule and its history; its agents stay, and those that run go on.
pub async fn delete(app: &App, caller: &Caller, id: String) -> Result<(), ServiceError> {
    changeable(app, caller, &id).await?;
    let deleted = app.store.delete_schedule(caller.workspace().to_owned(), id.clone()).await?;
    if deleted { Ok(()) } else { Err(not_found(&id)) }
}

/// Runs a schedule now, paused or not, beside its slots; `overlap` holds for it too.
pub async fn run(
    app: &Arc<App>,
    caller: &Caller,
    id: String,
    idempotency_key: Option<String>,
) -> Result<ScheduleRun, ServiceError> {
    may_spawn(caller)?;
    idempotency::check(idempotency_key.as_deref())?;
    let now = app.clock.now();
    let live = app.live.load();
    let request_hash = Sha256::digest(format!("schedule.run {id}")).into();
    let claim = |key| idempotency::claim(&live.config.storage.retention, key, request_hash, now);
    let claim = idempotency_key.map(claim);
    let rules = Arc::new(Rules::new(app, now));
    match app.store.run_schedule(caller.workspace().to_owned(), id.clone(), claim, now, rules).await? {
        RanByHand::Run(run, settled) => {
            settle::announce(app, &settled);
            Ok(run)
        }
        RanByHand::NoSchedule => Err(not_found(&id)),
        RanByHand::KeyReused => Err(idempotency::key_reused()),
    }
}

/// What became of a schedule's slots, newest first.
pub async fn runs(app: &App, caller: &Caller, id: String, page: PageQuery) -> Result<Rows<ScheduleRun>, ServiceError> {
    let row = find(app, caller, &id).await?.row;
    Ok(app.store.list_schedule_runs(row, page).await?)
}

/// Whoever makes a schedule has agents spawned.
fn may_spawn(caller: &Caller) -> Result<(), ServiceError> {
    caller.require(Scope::Schedules)?;
    caller.require(Scope::Agents)
}

async fn check_whole(app: &App, caller: &Caller, request: &CreateScheduleRequest) -> Result<(), ServiceError> {
    check::request(request)?;
    check::agent(app, caller, request)?;
    let endpoints = request.deliver_to.as_deref().unwrap_or_default();
    endpoint::check_named(app, caller, endpoints, "deliver_to").await
}

async fn find(app: &App, caller: &Caller, id: &str) -> Result<StoredSchedule, ServiceError> {
    caller.require(Scope::Schedules)?;
    let found = app.store.find_schedule(caller.workspace().to_owned(), id.to_owned()).await?;
    found.ok_or_else(|| not_found(id))
}

/// Fails if there is none, or if the configuration file names it.
async fn changeable(app: &App, caller: &Caller, id: &str) -> Result<StoredSchedule, ServiceError> {
    let found = find(app, caller, id).await?;
    if found.source == ScheduleSource::Api {
        return Ok(found);
    }
    let message = format!(
        "the schedule `{id}` is named in the configuration file (`schedules`): change it there; by API it can only be run"
    );
    Err(ServiceError::Conflict { code: "schedule_of_configuration", message, passing: false })
}

/// A new schedule, whose slots are counted from now.
fn fresh(
    caller: &Caller,
    source: ScheduleSource,
    id: String,
    request: CreateScheduleRequest,
    now: Timestamp,
) -> StoredSchedule {
    StoredSchedule {
        row: 0,
        workspace: caller.workspace().to_owned(),
        key_id: caller.key_id().to_owned(),
        source,
        anchor: now,
        next: first_slot(&id, &request, now),
        last_run: None,
        created_at: now,
        updated_at: now,
        id,
        request,
    }
}

/// A schedule with another request: its next slot stays, unless its timing changed or it goes on after a pause.
fn edited(stored: &StoredSchedule, request: CreateScheduleRequest, now: Timestamp) -> StoredSchedule {
    let edited = StoredSchedule { updated_at: now, ..stored.clone() };
    if check::begins_anew(&stored.request, &request) {
        let next = first_slot(&stored.id, &request, now);
        return StoredSchedule { request, anchor: now, next, ..edited };
    }
    let next = edited.next.filter(|_| request.enabled != Some(false));
    StoredSchedule { request, next, ..edited }
}

/// The first slot from now on, where slots are counted from now.
fn first_slot(id: &str, request: &CreateScheduleRequest, now: Timestamp) -> Option<NextSlot> {
    let slot = check::timing(request, now).ok().and_then(|timing| timing.next_after(now));
    next_slot(id, request, slot)
}

/// The slot with the moment at which it fires; none of a schedule that is paused.
fn next_slot(id: &str, request: &CreateScheduleRequest, slot: Option<Timestamp>) -> Option<NextSlot> {
    let slot = slot.filter(|_| request.enabled != Some(false))?;
    let at = slot.plus_millis(jitter(id, slot, request.jitter.unwrap_or_default()));
    Some(NextSlot { slot, at, is_late: false })
}

/// As the API shows it.
fn shown(stored: StoredSchedule) -> Schedule {
    let timing = check::timing(&stored.request, stored.anchor).ok();
    let next = stored.next.map(|next| next.slot);
    let following = next.zip(timing).map(|(next, timing)| timing.upcoming(next, NEXT_FIRE_TIMES - 1));
    let request = check::completed(stored.request);
    Schedule {
        id: stored.id,
        name: request.name,
        cron: request.cron,
        at: request.at,
        every: request.every,
        timezone: request.timezone.unwrap_or_default(),
        agent: request.agent,
        deliver_to: request.deliver_to.unwrap_or_default(),
        overlap: request.overlap.unwrap_or(check::OVERLAP_DEFAULT),
        catch_up: request.catch_up.unwrap_or(check::CATCH_UP_DEFAULT),
        grace: request.grace.unwrap_or_default(),
        jitter: request.jitter.unwrap_or_default(),
        enabled: request.enabled.unwrap_or(true),
        source: stored.source,
        next_fire_times: next.into_iter().chain(following.into_iter().flatten()).collect(),
        last_run: stored.last_run,
        metadata: request.metadata.unwrap_or_default(),
        created_at: stored.created_at,
        updated_at: stored.updated_at,
    }
}

fn not_found(id: &str) -> ServiceError {
    ServiceError::NotFound { code: "schedule_not_found", message: format!("there is no schedule `{id}`") }
}
