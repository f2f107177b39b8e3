//! A vendor's own words, made fit for callers: found in its JSON, freed of the key, cut to a bound.

use std::sync::Arc;

use serde_json::Value;

/// The most characters of a vendor's message that are passed on.
const CHARACTERS_MAX: usize = 500;

/// What stands in the place of a key.
const KEY_MARK: &str = "[key]";

/// Cleans messages of one provider, whose key must never get out.
#[derive(Clone, Default)]
pub(super) struct Cleaner {
    key: Option<Arc<str>>,
}

impl Cleaner {
    /// Cleans of that key, if there is one.
    pub(super) fn new(key: Option<&str>) -> Self {
        Self { key: key.filter(|key| !key.is_empty()).map(Into::into) }
    }

    /// The message without the key, in at most 500 characters.
    pub(super) fn clean(&self, message: &str) -> String {
        let message = match &self.key {
            Some(key) => message.replace(&**key, KEY_MARK),
            None => message.to_owned(),
        };
        match message.char_indices().nth(CHARACTERS_MAX) {
            Some((end, _)) => format!("{}…", &message[..end]),
            None => message,
        }
    }
}

/// The message in the body of a vendor's refusal, in any of the shapes that vendors and compatible servers use.
pub(super) fn find_message(body: &str) -> Option<String> {
    let body = body.trim();
    let message = match serde_json::from_str::<Value>(body) {
        Ok(json) => message_in(&json)?.to_owned(),
        // A page for browsers tells nothing; a plain line does.
        Err(_) if body.starts_with('<') => return None,
        Err(_) => body.to_owned(),
    };
    (!message.is_empty()).then_some(message)
}

/// `{"error": {"message"}}` (Anthropic, OpenAI), `{"error": "…"}` (Ollama), `{"message"}` (vLLM), `{"detail"}` (FastAPI).
fn message_in(json: &Value) -> Option<&str> {
    match json {
        Value::String(message) => Some(message),
        Value::Object(members) => {
            ["error", "message", "detail"].iter().find_map(|name| message_in(members.get(*name)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_is_found_in_every_known_shape() {
        for (body, message) in [
            (r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, Some("Overloaded")),
            (r#"{"error":"model \"x\" not found"}"#, Some("model \"x\" not found")),
            (r#"{"object":"error","message":"too long","code":400}"#, Some("too long")),
            (r#"{"detail":"Not Found"}"#, Some("Not Found")),
            ("404 page not found\n", Some("404 page not found")),
            ("<html><body>Bad gateway</body></html>", None),
            (r#"{"code":3}"#, None),
            ("", None),
        ] {
            assert_eq!(find_message(body).as_deref(), message, "{body}");
        }
    }

    #[test]
    fn a_message_loses_the_key_and_what_is_beyond_the_bound() {
        let cleaner = Cleaner::new(Some("sk-canary"));
        assert_eq!(cleaner.clean("bad key sk-canary, sk-canary!"), "bad key [key], [key]!");
        let long = cleaner.clean(&"很".repeat(1000));
        assert_eq!(long.chars().count(), CHARACTERS_MAX + 1);
        assert_eq!(Cleaner::new(Some("")).clean("as it is"), "as it is");
    }
}
