//! Schedules that the configuration names: the operator's, in the default workspace.

use std::sync::Arc;

use openclaw_core::{CreateScheduleRequest, IdKind, ScheduleSource, Timestamp};

use super::super::{Caller, ServiceError, endpoint, stable_id};
use super::{check, edited, fresh};
use crate::app::App;
use crate::config::{Config, ScheduleConfig};
use crate::store::{NamedSchedule, StoredSchedule};

/// Makes the schedules of the configuration those that it names. One that is as it was goes on as it stood.
pub async fn apply(app: &Arc<App>, config: &Config) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let schedules = config.schedules.iter().map(|(name, named)| {
        let request = request(config, name, named);
        if let Err(error) = check::agent(app, &Caller::Root, &request) {
            tracing::warn!(schedule = %name, %error, "a schedule's agent could not be spawned now");
        }
        let id = stable_id(IdKind::Schedule, name);
        let fresh = fresh(&Caller::Root, ScheduleSource::Config, id, request.clone(), now);
        let edit = move |stored: &StoredSchedule| {
            if stored.request == request { stored.clone() } else { edited(stored, request.clone(), now) }
        };
        NamedSchedule { fresh, edit: Box::new(edit) }
    });
    app.store.replace_config_schedules(schedules.collect()).await?;
    app.schedule_changed.ring();
    Ok(())
}

fn request(config: &Config, name: &str, named: &ScheduleConfig) -> CreateScheduleRequest {
    let deliver_to = named.deliver_to.iter().filter_map(|word| endpoint::named_id(config, word)).collect();
    check::completed(CreateScheduleRequest {
        name: name.to_owned(),
        cron: named.cron.clone(),
        at: named.at.as_deref().and_then(Timestamp::parse),
        every: named.every,
        timezone: named.timezone.clone(),
        agent: named.agent.request(),
        deliver_to: Some(deliver_to),
        overlap: named.overlap,
        catch_up: named.catch_up,
        grace: named.grace,
        jitter: named.jitter,
        enabled: Some(named.enabled),
        metadata: None,
    })
}
