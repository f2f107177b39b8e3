//! Sessions and their messages as they are stored.

use async_trait::async_trait;
use openclaw_core::{Message, MessageStatus, Metadata, Role, Session, Timestamp};

use super::{PageQuery, Rows, StoreError};

/// A change to a session; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct SessionChange {
    /// The new title; `Some(None)` removes it.
    pub title: Option<Option<String>>,
    /// The new notes, whole.
    pub metadata: Option<Metadata>,
}

/// Says how a session is to change, from what it is; may be asked more than once.
pub type SessionEdit = Box<dyn Fn(&Session) -> SessionChange + Send + Sync>;

/// Keeps sessions.
#[async_trait]
pub trait SessionStore {
    /// The session of that name.
    async fn find_session(&self, workspace: String, id: String) -> Result<Option<Session>, StoreError>;

    /// Sessions, newest first.
    async fn list_sessions(&self, workspace: String, page: PageQuery) -> Result<Rows<Session>, StoreError>;

    /// Changes a session by a function of what it is, in one transaction; `None` if there is none.
    async fn update_session(
        &self,
        workspace: String,
        id: String,
        now: Timestamp,
        edit: SessionEdit,
    ) -> Result<Option<Session>, StoreError>;

    /// Deletes a session with its messages; `false` if there is none.
    async fn delete_session(&self, workspace: String, id: String) -> Result<bool, StoreError>;

    /// A session's messages, oldest first or newest first; `None` if there is no such session.
    async fn list_messages(
        &self,
        workspace: String,
        id: String,
        newest_first: bool,
        page: PageQuery,
    ) -> Result<Option<Rows<Message>>, StoreError>;
}

/// The role of a stored word.
pub(super) fn role(word: &str) -> Role {
    if word == Role::User.as_str() { Role::User } else { Role::Assistant }
}

/// The status of a stored word.
pub(super) fn status(word: &str) -> MessageStatus {
    [MessageStatus::Cancelled, MessageStatus::Failed]
        .into_iter()
        .find(|status| status.as_str() == word)
        .unwrap_or(MessageStatus::Complete)
}

/// Metadata as it is stored.
pub(super) fn json(metadata: &Metadata) -> String {
    serde_json::to_string(metadata).expect("a JSON object of text keys serialises")
}
