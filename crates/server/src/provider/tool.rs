//! Tools: what a model may ask for, its calls, their outcomes, and how much of that one reply may hold.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ModelMessage, ProviderError, ProviderErrorKind};

/// The most calls of one reply: what the vendors themselves allow as tools of a request.
pub(super) const CALLS_MAX: usize = 128;

/// The most bytes of one reply's calls, names and ids among them: far more than a vendor's longest reply has.
const CALL_BYTES_MAX: usize = 1024 * 1024;

/// The most characters of a tool's name that vendors accept.
const NAME_CHARACTERS_MAX: usize = 64;

/// A tool that a model may ask for.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolDefinition {
    /// Letters, digits, `_` and `-`, at most 64: all vendors accept these.
    pub name: String,
    /// When and how to use it, for the model.
    pub description: String,
    /// JSON Schema of an object.
    pub parameters: Value,
}

/// A model's wish to have a tool called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    /// Names the call within its conversation.
    pub id: String,
    /// The tool, which need not be one that was offered.
    pub name: String,
    /// JSON text of an object, as the model wrote it; may be invalid, which who calls the tool judges.
    pub arguments: String,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolResult {
    /// The call's id.
    pub call_id: String,
    /// What the model is told; of an error, it says so by itself, for not every vendor has a mark for errors.
    pub content: String,
    /// Whether the call failed.
    pub is_error: bool,
}

impl ToolCall {
    /// The arguments fit to be shown to a vendor again, which refuses all but objects: any other are shown as `{}`.
    pub(super) fn arguments_object(&self) -> &RawValue {
        let written = serde_json::from_str::<&RawValue>(&self.arguments).ok();
        written
            .filter(|json| json.get().starts_with('{'))
            .unwrap_or_else(|| serde_json::from_str("{}").expect("this is JSON"))
    }
}

/// How much one reply's calls hold so far.
#[derive(Debug, Default)]
pub(super) struct CallBounds {
    calls: usize,
    bytes: usize,
}

impl CallBounds {
    /// Counts a call that begins.
    pub(super) fn begin(&mut self) -> Result<(), ProviderError> {
        self.calls += 1;
        hold(self.calls <= CALLS_MAX, || format!("the model asked for more than {CALLS_MAX} tools in one reply"))
    }

    /// Counts bytes of a call.
    pub(super) fn grow(&mut self, bytes: usize) -> Result<(), ProviderError> {
        self.bytes += bytes;
        hold(self.bytes <= CALL_BYTES_MAX, || format!("the model's calls of tools exceed {CALL_BYTES_MAX} bytes"))
    }

    /// Whether the reply holds calls.
    pub(super) fn any(&self) -> bool {
        self.calls > 0
    }
}

/// Gives each call of a conversation an id of its own, as vendors demand of what they are shown.
#[derive(Debug, Default)]
pub(super) struct CallIds {
    taken: HashSet<String>,
}

impl CallIds {
    /// Leaves out the ids in a conversation so far.
    pub(super) fn new(conversation: &[ModelMessage]) -> Self {
        let calls = conversation.iter().flat_map(ModelMessage::calls);
        Self { taken: calls.map(|call| call.id.clone()).collect() }
    }

    /// The vendor's id, or one of ours where it has none or uses one twice.
    pub(super) fn take(&mut self, id: String) -> String {
        if !id.is_empty() && self.taken.insert(id.clone()) {
            return id;
        }
        let mut number = self.taken.len();
        loop {
            number += 1;
            let made = format!("call_made_{number}");
            if self.taken.insert(made.clone()) {
                return made;
            }
        }
    }
}

/// A name or id fit to be shown to a vendor again, which refuses other characters and longer words; models, and other
/// vendors, make up such.
pub(super) fn accepted(word: &str) -> Cow<'_, str> {
    let refused = |character: char| !character.is_ascii_alphanumeric() && !matches!(character, '_' | '-');
    if !word.contains(refused) && (1..=NAME_CHARACTERS_MAX).contains(&word.len()) {
        return word.into();
    }
    let mut word = word.replace(refused, "_");
    word.truncate(NAME_CHARACTERS_MAX);
    if word.is_empty() { "_".into() } else { word.into() }
}

fn hold(holds: bool, message: impl FnOnce() -> String) -> Result<(), ProviderError> {
    if holds { Ok(()) } else { Err(ProviderError::new(ProviderErrorKind::Broken, message())) }
}

/// For the vendors' own tests: a conversation with calls, badly written ones among them, and their results.
#[cfg(test)]
pub(super) fn conversation_with_calls() -> super::ModelRequest {
    let call = |id: &str, name: &str, arguments: &str| ToolCall {
        id: id.into(),
        name: name.into(),
        arguments: arguments.into(),
    };
    let result =
        |id: &str, content: &str, is_error| ToolResult { call_id: id.into(), content: content.into(), is_error };
    let tool_calls =
        vec![call("call:1", "web_fetch", r#"{"url": "页"}"#), call("call_2", "no such tool", r#"{"cut":"#)];
    let results = vec![result("call:1", "Hello", false), result("call_2", "unknown tool", true)];
    super::ModelRequest {
        model: "m".into(),
        messages: vec![
            ModelMessage::User("look".into()),
            ModelMessage::Assistant { content: String::new(), tool_calls },
            ModelMessage::ToolResults(results),
            ModelMessage::Assistant { content: "And now?".into(), tool_calls: vec![call("call_3", "now", "")] },
            ModelMessage::ToolResults(vec![result("call_3", "", false)]),
            ModelMessage::User("as JSON, please".into()),
        ],
        tools: vec![ToolDefinition {
            name: "web_fetch".into(),
            description: "Reads a page.".into(),
            parameters: serde_json::json!({"type": "object", "properties": {"url": {"type": "string"}}}),
        }],
        ..super::ModelRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(id: &str, arguments: &str) -> ToolCall {
        ToolCall { id: id.into(), name: "look".into(), arguments: arguments.into() }
    }

    #[test]
    fn a_vendor_is_shown_an_object_whatever_the_model_wrote() {
        for (written, shown) in [
            (r#" {"b": 1,"a":{}} "#, r#"{"b": 1,"a":{}}"#),
            ("{}", "{}"),
            ("", "{}"),
            ("[1]", "{}"),
            (r#"{"cut":"#, "{}"),
            (r#"{"a":1}{"b":2}"#, "{}"),
        ] {
            assert_eq!(call("1", written).arguments_object().get(), shown, "{written:?}");
        }
    }

    #[test]
    fn every_call_of_a_conversation_gets_an_id_of_its_own() {
        let tool_calls = vec![call("call_0", "{}"), call("call_made_3", "{}")];
        let mut ids = CallIds::new(&[ModelMessage::Assistant { content: String::new(), tool_calls }]);
        let taken = ["call_9", "call_0", "", "call_9"].map(|id| ids.take(id.into()));
        assert_eq!(taken, ["call_9", "call_made_4", "call_made_5", "call_made_6"]);
    }

    #[test]
    fn words_that_vendors_refuse_are_made_acceptable() {
        assert_eq!(accepted("web_fetch-2"), "web_fetch-2");
        assert_eq!(accepted("functions.get weather:0"), "functions_get_weather_0");
        assert_eq!(accepted("工具"), "__");
        assert_eq!(accepted(""), "_");
        assert_eq!(accepted(&"a".repeat(65)).len(), 64);
    }

    #[test]
    fn a_reply_holds_a_bounded_number_and_size_of_calls() {
        let mut bounds = CallBounds::default();
        for _ in 0..CALLS_MAX {
            bounds.begin().expect("as many as are allowed");
        }
        let error = bounds.begin().expect_err("one more");
        assert_eq!((error.kind, error.message.contains("128")), (ProviderErrorKind::Broken, true));
        bounds.grow(CALL_BYTES_MAX).expect("as many as are allowed");
        let error = bounds.grow(1).expect_err("one more");
        assert_eq!((error.kind, error.message.contains("1048576")), (ProviderErrorKind::Broken, true));
    }
}
