//! Rules of `schedules`.

use openclaw_core::schedule::{NAME_CHARS_MAX, TIMEZONE_DEFAULT};
use openclaw_core::{IdKind, Timestamp};

use super::Findings;
use crate::calendar::{Timing, TimingWords};
use crate::config::{Config, ScheduleConfig};

/// A moment before every slot: a line that has none after it never fires.
const BEFORE_ALL: Timestamp = Timestamp::from_millis(0);

pub(super) fn check(config: &Config, findings: &mut Findings) {
    for (name, schedule) in &config.schedules {
        let path = format!("schedules.{name}");
        if name.trim().is_empty() || name.chars().count() > NAME_CHARS_MAX {
            findings.fault(&path, format!("is no name: it must have 1 to {NAME_CHARS_MAX} characters"));
        }
        if schedule.agent.task.trim().is_empty() {
            findings.fault(format!("{path}.agent.task"), "must not be empty");
        }
        check_timing(&path, schedule, findings);
        for (index, word) in schedule.deliver_to.iter().enumerate() {
            let is_named = config.webhooks.endpoints.iter().any(|endpoint| endpoint.is_called(word));
            if !is_named && !IdKind::Endpoint.matches(word) {
                findings.fault_with_help(
                    format!("{path}.deliver_to[{index}]"),
                    "names no endpoint",
                    "write the `name` or `url` of one of `webhooks.endpoints`, or the id `whe_…` of one made by API",
                );
            }
        }
    }
}

fn check_timing(path: &str, schedule: &ScheduleConfig, findings: &mut Findings) {
    let at = schedule.at.as_deref().map(Timestamp::parse);
    if at == Some(None) {
        return findings.fault(format!("{path}.at"), "must be a time like 2026-04-17T01:15:30Z");
    }
    let timezone = schedule.timezone.as_deref().unwrap_or(TIMEZONE_DEFAULT);
    let words = TimingWords { cron: schedule.cron.as_deref(), at: at.flatten(), every: schedule.every, timezone };
    if let Err(error) = Timing::read(words, BEFORE_ALL).and_then(|timing| timing.check_fires(BEFORE_ALL)) {
        findings.fault(format!("{path}.{}", error.field), error.problem);
    }
}
