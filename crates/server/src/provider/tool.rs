//! Tools: what a model may ask for, its calls, their outcomes, and how much of that one reply may hold.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ProviderError, ProviderErrorKind};

/// The most calls of one reply: what the vendors themselves allow as tools of a request.
pub(super) const CALLS_MAX: usize = 128;

/// The most bytes of one reply's calls, names and ids among them: far more than any vendor's longest reply.
const CALL_BYTES_MAX: usize = 1024 * 1024;

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

fn hold(holds: bool, message: impl FnOnce() -> String) -> Result<(), ProviderError> {
    if holds { Ok(()) } else { Err(ProviderError::new(ProviderErrorKind::Broken, message())) }
}
