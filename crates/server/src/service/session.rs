//! Sessions: read, changed, deleted.

use openclaw_core::session::{SESSION_ID_BYTES_MAX, SessionStatus};
use openclaw_core::{METADATA_BYTES_MAX, Message, Metadata, Scope, Session, UpdateSessionRequest};

use super::{Caller, ServiceError};
use crate::app::App;
use crate::store::{PageQuery, Rows, SessionChange};

const TITLE_CHARS_MAX: usize = 200;

/// The session of that name.
pub async fn get(app: &App, caller: &Caller, id: String) -> Result<Session, ServiceError> {
    caller.require(Scope::Sessions)?;
    app.store.find_session(caller.workspace().to_owned(), id.clone()).await?.ok_or_else(|| not_found(&id))
}

/// The workspace's sessions, newest first.
pub async fn list(app: &App, caller: &Caller, page: PageQuery) -> Result<Rows<Session>, ServiceError> {
    caller.require(Scope::Sessions)?;
    Ok(app.store.list_sessions(caller.workspace().to_owned(), page).await?)
}

/// Sets title and notes.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: String,
    request: UpdateSessionRequest,
) -> Result<Session, ServiceError> {
    caller.require(Scope::Sessions)?;
    check_metadata(request.metadata.as_ref())?;
    if request.title.as_ref().is_some_and(|title| title.chars().count() > TITLE_CHARS_MAX) {
        let message = format!("`title` must have at most {TITLE_CHARS_MAX} characters");
        return Err(ServiceError::invalid("title_too_long", "title", message));
    }
    let edit = move |session: &Session| SessionChange {
        title: request.title.map(|title| Some(title).filter(|title| !title.is_empty())),
        metadata: request.metadata.map(|patch| merged(&session.metadata, patch)),
    };
    app.store
        .update_session(caller.workspace().to_owned(), id.clone(), app.clock.now(), Box::new(edit))
        .await?
        .ok_or_else(|| not_found(&id))
}

/// Deletes a session with its messages; what was booked for it stays booked.
pub async fn delete(app: &App, caller: &Caller, id: String) -> Result<(), ServiceError> {
    let session = get(app, caller, id.clone()).await?;
    if session.status == SessionStatus::Running {
        let message = "a message of this session is being answered: wait for it, or hang up on it, then delete".into();
        return Err(ServiceError::Conflict { code: "session_busy", message, passing: true });
    }
    app.store.delete_session(caller.workspace().to_owned(), id).await?;
    Ok(())
}

/// A session's messages, oldest first or newest first.
pub async fn list_messages(
    app: &App,
    caller: &Caller,
    id: String,
    newest_first: bool,
    page: PageQuery,
) -> Result<Rows<Message>, ServiceError> {
    caller.require(Scope::Sessions)?;
    app.store
        .list_messages(caller.workspace().to_owned(), id.clone(), newest_first, page)
        .await?
        .ok_or_else(|| not_found(&id))
}

/// Fails unless a caller may name a session so.
pub(super) fn check_id(id: &str) -> Result<(), ServiceError> {
    let unaddressable = id == "." || id == "..";
    if id.is_empty() || id.len() > SESSION_ID_BYTES_MAX || id.chars().any(char::is_control) || unaddressable {
        let message = format!(
            "`session_id` must have 1 to {SESSION_ID_BYTES_MAX} bytes without control characters, and be neither `.` nor `..`, which no URL can name"
        );
        return Err(ServiceError::invalid("session_id_invalid", "session_id", message));
    }
    Ok(())
}

/// Fails if the caller's notes are too large to keep.
pub(super) fn check_metadata(metadata: Option<&Metadata>) -> Result<(), ServiceError> {
    let Some(metadata) = metadata else { return Ok(()) };
    let bytes = serde_json::to_string(metadata).map_or(usize::MAX, |text| text.len());
    if bytes > METADATA_BYTES_MAX {
        let message = format!("`metadata` has {bytes} bytes of JSON, at most {METADATA_BYTES_MAX} are kept");
        return Err(ServiceError::invalid("metadata_too_large", "metadata", message));
    }
    Ok(())
}

/// Keys of the patch set; `null` removes (RFC 7396, at the top level).
fn merged(metadata: &Metadata, patch: Metadata) -> Metadata {
    let mut merged = metadata.clone();
    for (key, value) in patch {
        if value.is_null() {
            merged.remove(&key);
        } else {
            merged.insert(key, value);
        }
    }
    merged
}

fn not_found(id: &str) -> ServiceError {
    ServiceError::NotFound {
        code: "session_not_found",
        message: format!("there is no session `{id}`; a session is made by its first message"),
    }
}
