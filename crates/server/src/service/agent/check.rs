//! What a spawn request must be, and how its refusals read.

use openclaw_core::SpawnAgentRequest;
use openclaw_core::agent::{TASK_BYTES_MAX, ToolApprovals};

use super::super::idempotency;
use super::super::session::{check_id, check_metadata};
use super::{OutputSchema, ServiceError};
use crate::config::AgentsConfig;
use crate::store::SpawnedAgent;

const LABEL_CHARS_MAX: usize = 100;
/// Skills of one agent, and tools that its approvals name.
const NAMES_MAX: usize = 64;
/// The range that vendors take.
const TEMPERATURE_MAX: f64 = 2.0;

/// Fails unless the request can be taken, naming the field that is wrong.
pub(super) fn request(request: &SpawnAgentRequest, config: &AgentsConfig) -> Result<(), ServiceError> {
    if request.task.trim().is_empty() {
        return Err(ServiceError::invalid("task_empty", "task", "`task` must not be empty"));
    }
    size("task", &request.task)?;
    size("instructions", request.instructions.as_deref().unwrap_or_default())?;
    if request.label.as_ref().is_some_and(|label| label.chars().count() > LABEL_CHARS_MAX) {
        let message = format!("`label` must have at most {LABEL_CHARS_MAX} characters");
        return Err(ServiceError::invalid("text_invalid", "label", message));
    }
    timeout(request.timeout, config)?;
    steps(request, config)?;
    if request.temperature.is_some_and(|temperature| !(0.0..=TEMPERATURE_MAX).contains(&temperature)) {
        let message = "`temperature` must lie between 0 and 2";
        return Err(ServiceError::invalid("temperature_invalid", "temperature", message));
    }
    if request.max_output_tokens == Some(0) {
        let message = "`max_output_tokens` must be at least 1";
        return Err(ServiceError::invalid("max_output_tokens_invalid", "max_output_tokens", message));
    }
    names("skills", request.skills.as_ref().map_or(0, Vec::len))?;
    names("approvals", request.approvals.as_ref().map_or(0, ToolApprovals::len))?;
    request.session_id.as_deref().map_or(Ok(()), check_id)?;
    check_metadata(request.metadata.as_ref())?;
    match &request.output_schema {
        Some(schema) => OutputSchema::new(schema).map(drop).map_err(|why| {
            ServiceError::invalid("output_schema_invalid", "output_schema", format!("`output_schema` {why}"))
        }),
        None => Ok(()),
    }
}

/// Fails if words to an agent are longer than a task may be.
pub(super) fn message(message: Option<&str>) -> Result<(), ServiceError> {
    size("message", message.unwrap_or_default())
}

/// Tells why the store took no agent.
pub(in super::super) fn refused(refusal: &SpawnedAgent, config: &AgentsConfig) -> ServiceError {
    let conflict = |code, message, passing| ServiceError::Conflict { code, message, passing };
    match refusal {
        SpawnedAgent::KeyReused => idempotency::key_reused(),
        SpawnedAgent::ParentEnded => {
            conflict("parent_ended", "the parent has ended: it takes no more children".into(), false)
        }
        SpawnedAgent::TooDeep => {
            let message = format!("an agent may stand at most {} deep (`agents.depth_max`)", config.depth_max);
            ServiceError::invalid("depth_exceeded", "parent_id", message)
        }
        SpawnedAgent::TooManyChildren => {
            let most = config.children_max;
            let message = format!("the parent has {most} living children (`agents.children_max`): wait for one to end");
            conflict("children_exceeded", message, true)
        }
        SpawnedAgent::TooManyDescendants => {
            let message = format!("its tree has {} agents (`agents.descendants_max`)", config.descendants_max);
            conflict("descendants_exceeded", message, false)
        }
        SpawnedAgent::QueueFull | SpawnedAgent::New(_) | SpawnedAgent::Before(_) => ServiceError::Overloaded {
            code: "agents_queue_full",
            message: format!("{} agents wait in line (`agents.queue_max`): spawn this one later", config.queue_max),
        },
    }
}

fn timeout(seconds: Option<u64>, config: &AgentsConfig) -> Result<(), ServiceError> {
    let most = config.timeout_seconds_max;
    if seconds.is_some_and(|seconds| seconds == 0 || seconds > most) {
        let message =
            format!("`timeout` must be 1 to {most} seconds (`agents.timeout_seconds_max`); 0 is no time at all");
        return Err(ServiceError::invalid("timeout_invalid", "timeout", message));
    }
    Ok(())
}

fn steps(request: &SpawnAgentRequest, config: &AgentsConfig) -> Result<(), ServiceError> {
    let budget = request.budget.unwrap_or_default();
    if budget.max_steps.is_some_and(|steps| steps > config.steps_max) {
        let message = format!("`budget.max_steps` must be at most {} (`agents.steps_max`)", config.steps_max);
        return Err(ServiceError::invalid("budget_invalid", "budget.max_steps", message));
    }
    if budget.max_tokens.is_some_and(|tokens| tokens > config.tokens_max) {
        let message = format!("`budget.max_tokens` must be at most {} (`agents.tokens_max`)", config.tokens_max);
        return Err(ServiceError::invalid("budget_invalid", "budget.max_tokens", message));
    }
    Ok(())
}

fn size(param: &str, text: &str) -> Result<(), ServiceError> {
    if text.len() > TASK_BYTES_MAX {
        let message = format!("`{param}` has {} bytes, at most {TASK_BYTES_MAX} are taken", text.len());
        return Err(ServiceError::invalid("text_too_long", param, message));
    }
    Ok(())
}

fn names(param: &str, count: usize) -> Result<(), ServiceError> {
    if count > NAMES_MAX {
        let message = format!("`{param}` must name at most {NAMES_MAX}");
        return Err(ServiceError::invalid("list_too_long", param, message));
    }
    Ok(())
}
