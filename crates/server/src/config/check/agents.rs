//! Rules of `agents`.

use super::Findings;
use crate::config::AgentsConfig;

pub(super) fn check(agents: &AgentsConfig, findings: &mut Findings) {
    if agents.timeout_seconds > agents.timeout_seconds_max {
        findings.fault("agents.timeout_seconds", "is more than `agents.timeout_seconds_max`");
    }
    if agents.steps > agents.steps_max {
        findings.fault("agents.steps", "is more than `agents.steps_max`");
    }
}
