//! What of a conversation a model is shown.

use openclaw_core::Role;

use super::super::usage::TOKEN_BYTES;
use crate::provider::ModelMessage;
use crate::store::HistoryBounds;

/// The configured bounds in the store's measure.
pub(super) fn bounds(config: &crate::config::SessionsConfig) -> HistoryBounds {
    HistoryBounds {
        messages_max: config.history_messages_max,
        bytes_max: config.history_tokens_max.saturating_mul(TOKEN_BYTES),
    }
}

/// The conversation so far and the new message. A user's message that never got a reply is left out, so that turns
/// alternate, as vendors expect.
pub(super) fn conversation(history: Vec<(Role, String)>, message: &str) -> Vec<ModelMessage> {
    let mut shown: Vec<ModelMessage> = Vec::with_capacity(history.len() + 1);
    for (role, content) in history {
        let last_is_user = matches!(shown.last(), Some(ModelMessage::User(_)));
        match role {
            Role::User => {
                if last_is_user {
                    shown.pop();
                }
                shown.push(ModelMessage::User(content));
            }
            Role::Assistant if last_is_user => shown.push(ModelMessage::answer(content)),
            Role::Assistant => {}
        }
    }
    if matches!(shown.last(), Some(ModelMessage::User(_))) {
        shown.pop();
    }
    shown.push(ModelMessage::User(message.to_owned()));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use Role::{Assistant, User};

    fn shown(history: &[(Role, &str)]) -> Vec<String> {
        let history = history.iter().map(|(role, text)| (*role, (*text).to_owned())).collect();
        let words = |message| match message {
            ModelMessage::User(text) | ModelMessage::Assistant { content: text, .. } => text,
            ModelMessage::ToolResults(_) => panic!("a chat has no tools"),
        };
        conversation(history, "now").into_iter().map(words).collect()
    }

    #[test]
    fn turns_alternate_and_end_with_the_message() {
        assert_eq!(shown(&[]), ["now"]);
        assert_eq!(shown(&[(User, "a"), (Assistant, "b")]), ["a", "b", "now"]);
        assert_eq!(shown(&[(User, "lost"), (User, "a"), (Assistant, "b")]), ["a", "b", "now"]);
        assert_eq!(shown(&[(Assistant, "cut at the bound"), (User, "a"), (Assistant, "b")]), ["a", "b", "now"]);
        assert_eq!(shown(&[(User, "a"), (Assistant, "b"), (User, "lost")]), ["a", "b", "now"]);
    }
}
