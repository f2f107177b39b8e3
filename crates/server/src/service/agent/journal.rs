//! The words of an agent's journal: intent, effect, outcome, in the order in which they were stored.
//!
//! What is intended is stored before it is done, so that a crash leaves no doubt about what may have happened. Stored
//! journals outlive the gateway that wrote them: an entry is never renamed, only added to.

use openclaw_core::{AgentInput, AgentStatus, FinishReason, RequiredAction, Usage};
use serde::{Deserialize, Serialize};

use crate::provider::ToolCall;

/// One entry. A *call* is named by our own key, `ANSWER.PLACE`, since vendors' ids need not differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Entry {
    /// The skills were opened: names and content hashes of those that are instructions.
    Skills {
        /// Name and hash.
        hashes: Vec<(String, String)>,
    },
    /// The model is about to be asked.
    Ask,
    /// The model answered.
    Answer(Answer),
    /// A tool is about to be called.
    Call {
        /// The call.
        call: String,
    },
    /// What a tool gave.
    Result(Outcome),
    /// A call was open when the gateway stopped, and is not made again.
    Interrupted {
        /// The call.
        call: String,
    },
    /// The agent waits for its caller.
    Await {
        /// What for.
        actions: Vec<RequiredAction>,
    },
    /// The caller spoke.
    Input(AgentInput),
    /// The gateway's own word to the model, beside the results of the open calls.
    Note {
        /// The word.
        message: String,
    },
    /// What is wrong with the output, told to the model once.
    Repair {
        /// The word.
        message: String,
    },
    /// The end.
    End {
        /// How.
        status: AgentStatus,
        /// The error's code.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
}

/// What a model answered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The vendor's name of the model.
    pub model: String,
    /// The text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub content: String,
    /// The tools that it asks for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<ToolCall>,
    /// Tokens.
    pub usage: Usage,
    /// Why it ended.
    pub finish: FinishReason,
}

/// What a tool gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The call.
    pub call: String,
    /// The text.
    pub content: String,
    /// Whether it failed.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_error: bool,
    /// Whether it comes from outside.
    #[serde(default, skip_serializing_if = "is_false")]
    pub untrusted: bool,
}

impl Entry {
    /// As it is stored.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("our own types serialise")
    }

    /// From what is stored.
    pub fn read(json: &str) -> serde_json::Result<Self> {
        serde_json::from_str(json)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde calls")]
fn is_false(value: &bool) -> bool {
    !value
}
