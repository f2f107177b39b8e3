//! What a chat request must be, and how its refusals read.

use openclaw_core::{ChatContext, ChatRequest, User};

use super::super::session::{check_id, check_metadata};
use super::ServiceError;
use crate::provider::UnknownModel;

const CHANNEL_CHARS_MAX: usize = 64;
const USER_CHARS_MAX: usize = 256;
/// The range that vendors take.
const TEMPERATURE_MAX: f64 = 2.0;

/// Fails unless the request can be answered, naming the field that is wrong.
pub(super) fn request(request: &ChatRequest) -> Result<(), ServiceError> {
    if request.message.trim().is_empty() {
        return Err(ServiceError::invalid("message_empty", "message", "`message` must not be empty"));
    }
    request.session_id.as_deref().map_or(Ok(()), check_id)?;
    request.context.as_ref().map_or(Ok(()), context)?;
    request.user.as_ref().map_or(Ok(()), user)?;
    request.channel.as_deref().map_or(Ok(()), |channel| text("channel", channel, CHANNEL_CHARS_MAX))?;
    check_metadata(request.metadata.as_ref())
}

/// Tells of a model that nobody offers, with the names near to it.
pub(super) fn model(unknown: &UnknownModel) -> ServiceError {
    ServiceError::invalid("model_not_found", "context.model", unknown.to_string())
}

/// Tells that as many messages wait as may.
pub(super) fn busy(session_id: &str, queue_max: usize) -> ServiceError {
    let message = format!(
        "session `{session_id}` is answering a message and {queue_max} more wait (`sessions.queue_max`): send this one later"
    );
    ServiceError::Conflict { code: "session_busy", message, passing: true }
}

/// Tells that another gateway has answered in the session for as long as a call may take.
pub(super) fn answered_elsewhere(session_id: &str) -> ServiceError {
    let message = format!("session `{session_id}` is answering a message in another gateway: send this one later");
    ServiceError::Conflict { code: "session_busy", message, passing: true }
}

fn context(context: &ChatContext) -> Result<(), ServiceError> {
    if context.temperature.is_some_and(|temperature| !(0.0..=TEMPERATURE_MAX).contains(&temperature)) {
        let message = "`context.temperature` must lie between 0 and 2";
        return Err(ServiceError::invalid("temperature_invalid", "context.temperature", message));
    }
    if context.max_tokens == Some(0) {
        let message = "`context.max_tokens` must be at least 1";
        return Err(ServiceError::invalid("max_tokens_invalid", "context.max_tokens", message));
    }
    Ok(())
}

fn user(user: &User) -> Result<(), ServiceError> {
    text("user.id", &user.id, USER_CHARS_MAX)?;
    user.username.as_deref().map_or(Ok(()), |username| text("user.username", username, USER_CHARS_MAX))
}

/// Fails unless a text has 1 to so many characters.
pub(in super::super) fn text(param: &str, text: &str, chars_max: usize) -> Result<(), ServiceError> {
    if text.is_empty() || text.chars().count() > chars_max {
        let message = format!("`{param}` must have 1 to {chars_max} characters");
        return Err(ServiceError::invalid("text_invalid", param, message));
    }
    Ok(())
}
