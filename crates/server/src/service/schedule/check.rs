//! What a schedule must be, whoever makes or changes it.

use openclaw_core::schedule::{
    GRACE_SECONDS_DEFAULT, GRACE_SECONDS_MAX, JITTER_SECONDS_MAX, NAME_CHARS_MAX, TIMEZONE_DEFAULT,
};
use openclaw_core::{CatchUp, CreateScheduleRequest, Overlap, Timestamp, UpdateScheduleRequest};

use super::super::agent::spawn::{Spawner, prepare};
use super::super::session::check_metadata;
use super::super::{Caller, ServiceError};
use crate::app::App;
use crate::calendar::{Timing, TimingError, TimingWords};

/// What happens to a slot while the agent before it runs, if nobody says.
pub(super) const OVERLAP_DEFAULT: Overlap = Overlap::Skip;
/// What happens to slots that were missed, if nobody says.
pub(super) const CATCH_UP_DEFAULT: CatchUp = CatchUp::Latest;

/// The request with the defaults filled in.
pub(super) fn completed(request: CreateScheduleRequest) -> CreateScheduleRequest {
    CreateScheduleRequest {
        timezone: request.timezone.or_else(|| Some(TIMEZONE_DEFAULT.to_owned())),
        deliver_to: request.deliver_to.or_else(|| Some(Vec::new())),
        overlap: request.overlap.or(Some(OVERLAP_DEFAULT)),
        catch_up: request.catch_up.or(Some(CATCH_UP_DEFAULT)),
        grace: request.grace.or(Some(GRACE_SECONDS_DEFAULT)),
        jitter: request.jitter.or(Some(0)),
        enabled: request.enabled.or(Some(true)),
        ..request
    }
}

/// A request after a change to it.
pub(super) fn merged(request: &CreateScheduleRequest, change: &UpdateScheduleRequest) -> CreateScheduleRequest {
    let (old, change) = (request.clone(), change.clone());
    let is_timed = change.cron.is_some() || change.at.is_some() || change.every.is_some();
    let (cron, at, every) =
        if is_timed { (change.cron, change.at, change.every) } else { (old.cron, old.at, old.every) };
    CreateScheduleRequest {
        name: change.name.unwrap_or(old.name),
        cron,
        at,
        every,
        timezone: change.timezone.or(old.timezone),
        agent: change.agent.unwrap_or(old.agent),
        deliver_to: change.deliver_to.or(old.deliver_to),
        overlap: change.overlap.or(old.overlap),
        catch_up: change.catch_up.or(old.catch_up),
        grace: change.grace.or(old.grace),
        jitter: change.jitter.or(old.jitter),
        enabled: change.enabled.or(old.enabled),
        metadata: change.metadata.or(old.metadata),
    }
}

/// Whether a schedule's slots are counted anew: its timing changed, or it goes on after a pause.
pub(super) fn begins_anew(old: &CreateScheduleRequest, new: &CreateScheduleRequest) -> bool {
    let timing = |request: &CreateScheduleRequest| {
        (request.cron.clone(), request.at, request.every, request.timezone.clone(), request.jitter)
    };
    new.enabled != Some(false) && (old.enabled == Some(false) || timing(old) != timing(new))
}

/// When its slots are.
pub(super) fn timing(request: &CreateScheduleRequest, anchor: Timestamp) -> Result<Timing, TimingError> {
    let timezone = request.timezone.as_deref().unwrap_or(TIMEZONE_DEFAULT);
    let words = TimingWords { cron: request.cron.as_deref(), at: request.at, every: request.every, timezone };
    Timing::read(words, anchor)
}

/// The first slot from now on; fails, naming the field, if there is none.
pub(super) fn fires(request: &CreateScheduleRequest, now: Timestamp) -> Result<Timestamp, ServiceError> {
    timing(request, now).and_then(|timing| timing.check_fires(now)).map_err(|error| wrong_timing(&error))
}

/// Fails unless the request can be taken, naming the field that is wrong.
pub(super) fn request(request: &CreateScheduleRequest) -> Result<(), ServiceError> {
    if request.name.trim().is_empty() || request.name.chars().count() > NAME_CHARS_MAX {
        let message = format!("`name` must have 1 to {NAME_CHARS_MAX} characters");
        return Err(ServiceError::invalid("name_invalid", "name", message));
    }
    timing(request, Timestamp::default()).map_err(|error| wrong_timing(&error))?;
    for (param, seconds, most) in [
        ("grace", request.grace.unwrap_or_default(), GRACE_SECONDS_MAX),
        ("jitter", request.jitter.unwrap_or_default(), JITTER_SECONDS_MAX),
    ] {
        if seconds > most {
            let message = format!("`{param}` must be at most {most} seconds");
            return Err(ServiceError::invalid("seconds_invalid", param, message));
        }
    }
    check_metadata(request.metadata.as_ref())
}

/// Fails unless such an agent could be spawned now.
pub(super) fn agent(app: &App, caller: &Caller, request: &CreateScheduleRequest) -> Result<(), ServiceError> {
    for (param, is_there, why) in [
        ("agent.parent_id", request.agent.parent_id.is_some(), "a schedule's agent has no parent"),
        ("agent.callback", request.agent.callback.is_some(), "name the endpoints in `deliver_to`"),
    ] {
        if is_there {
            return Err(ServiceError::invalid("field_unwanted", param, format!("`{param}` must be absent: {why}")));
        }
    }
    let spawner = Spawner { workspace: caller.workspace(), key_id: caller.key_id(), ..Spawner::default() };
    prepare(app, &app.live.load(), spawner, request.agent.clone()).map(drop).map_err(of_agent)
}

/// The same refusal, with the field as it is called here.
fn of_agent(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::Invalid { code, param, message } => {
            ServiceError::Invalid { code, param: param.map(|param| format!("agent.{param}")), message }
        }
        other => other,
    }
}

fn wrong_timing(error: &TimingError) -> ServiceError {
    let code = match error.field {
        "cron" => "cron_invalid",
        "timezone" => "timezone_unknown",
        _ => "time_invalid",
    };
    ServiceError::invalid(code, error.field, error.to_string())
}
