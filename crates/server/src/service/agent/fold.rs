//! Where an agent stands: its journal, folded entry by entry. Pure; any beginning of a journal is a state to go on from.

use std::sync::Arc;

use openclaw_core::{AgentDecision, AgentInput, FinishReason};

use super::journal::{Answer, Entry, Outcome};
use crate::provider::{ModelMessage, ToolCall, ToolResult, data};

/// What a model is told of a call that was cut off and is not made again.
const INTERRUPTED: &str = "This call was cut off when the gateway stopped. It may have had its effect or not, and it \
                           was not made again. Find out before you repeat it.";

/// The state of an agent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// The conversation as the model is shown it.
    pub messages: Vec<ModelMessage>,
    /// The calls of the latest answer, until all have their results.
    pub calls: Vec<Call>,
    /// How often in a row the model asked for the very same calls.
    pub repeats: u32,
    /// How often the model was told that its output is wrong.
    pub repairs: u32,
    /// Whether its skills were opened before.
    pub skills_opened: bool,
    /// The number of the step that was over last, counted in the order in which they began.
    pub latest_step: u64,
    latest_tool: Option<String>,
    /// Why the latest answer ended.
    finish: Option<FinishReason>,
    /// A word of the gateway that goes with the results of the open calls.
    warning: Option<String>,
    /// Words for the model that it is shown when it is asked next.
    words: Vec<String>,
    /// The number of the model call under way.
    asked: Option<u64>,
    /// Steps that began.
    begun: u64,
    answers: u64,
    ended: bool,
}

/// A call of the latest answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// `ANSWER.PLACE`, unique in the agent.
    pub key: Arc<str>,
    /// As the model wrote it.
    pub call: ToolCall,
    /// Where it stands.
    pub state: CallState,
    /// The number of its step, once it began.
    step: u64,
}

/// Where a call stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallState {
    /// The model asked for it.
    Asked,
    /// It waits for the caller's word.
    Awaited,
    /// The caller approved it.
    Approved,
    /// The caller's word: a denial or an answer, which is its result.
    Answered(String, bool),
    /// It is being made, or was when the gateway stopped.
    Begun,
    /// It is over.
    Over(ToolResult),
}

/// What comes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The model is asked.
    Ask,
    /// The open calls are made.
    Call,
    /// The model has said all: its last text, and why it ended.
    Finish(String, FinishReason),
    /// Nothing.
    Nothing,
}

impl Course {
    /// The beginning: a task.
    pub fn new(task: &str) -> Self {
        Self { messages: vec![ModelMessage::User(task.to_owned())], ..Self::default() }
    }

    /// Where a whole journal leads. Entries that cannot be read are an error: going on without them would be guessing.
    pub fn of<'a>(task: &str, journal: impl IntoIterator<Item = &'a str>) -> serde_json::Result<Self> {
        let mut course = Self::new(task);
        for entry in journal {
            course.apply(&Entry::read(entry)?);
        }
        Ok(course)
    }

    /// Takes one entry in.
    pub fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Skills { .. } => self.skills_opened = true,
            Entry::Ask => {
                self.messages.extend(self.words.drain(..).map(ModelMessage::User));
                self.begun += 1;
                self.asked = Some(self.begun);
            }
            Entry::Answer(answer) => self.answered(answer),
            Entry::Call { call } => self.begin(call),
            Entry::Result(outcome) => self.over(&outcome.call, outcome),
            Entry::Interrupted { call } => {
                let content = INTERRUPTED.to_owned();
                self.over(call, &Outcome { call: call.clone(), content, is_error: true, untrusted: false });
            }
            Entry::Await { actions } => {
                for action in actions {
                    self.set(&action.id, CallState::Awaited);
                }
            }
            Entry::Input(input) => self.heard(input),
            Entry::Note { message } => self.warning = Some(message.clone()),
            Entry::Repair { message } => {
                self.repairs += 1;
                self.words.push(message.clone());
            }
            Entry::End { .. } => self.ended = true,
        }
    }

    /// What comes next.
    pub fn next(&self) -> Next {
        if self.ended {
            return Next::Nothing;
        }
        if !self.calls.is_empty() {
            return Next::Call;
        }
        match (self.messages.last(), self.finish) {
            (Some(ModelMessage::Assistant { content, .. }), Some(finish))
                if self.words.is_empty() && self.asked.is_none() =>
            {
                Next::Finish(content.clone(), finish)
            }
            _ => Next::Ask,
        }
    }

    /// The text of the latest answer that has one.
    pub fn text(&self) -> Option<&str> {
        self.messages.iter().rev().find_map(|message| match message {
            ModelMessage::Assistant { content, .. } if !content.trim().is_empty() => Some(content.as_str()),
            _ => None,
        })
    }

    /// Whether the model was asked and has not answered.
    pub fn is_asked(&self) -> bool {
        self.asked.is_some()
    }

    /// The tool whose call was over last.
    pub fn latest_tool(&self) -> Option<&str> {
        self.latest_tool.as_deref()
    }

    fn answered(&mut self, answer: &Answer) {
        self.latest_step = self.asked.take().unwrap_or_default();
        self.answers += 1;
        self.finish = Some(answer.finish);
        let same = self.latest_calls().is_some_and(|before| same_calls(before, &answer.calls));
        self.repeats = if same { self.repeats + 1 } else { 1 };
        let calls = answer.calls.iter().zip(1..).map(|(call, place)| Call {
            key: format!("{}.{place}", self.answers).into(),
            call: call.clone(),
            state: CallState::Asked,
            step: 0,
        });
        self.calls = calls.collect();
        self.messages
            .push(ModelMessage::Assistant { content: answer.content.clone(), tool_calls: answer.calls.clone() });
    }

    fn latest_calls(&self) -> Option<&[ToolCall]> {
        self.messages.iter().rev().find_map(|message| match message {
            ModelMessage::Assistant { tool_calls, .. } => Some(tool_calls.as_slice()),
            _ => None,
        })
    }

    fn set(&mut self, key: &str, state: CallState) {
        if let Some(call) = self.calls.iter_mut().find(|call| *call.key == *key) {
            call.state = state;
        }
    }

    fn begin(&mut self, key: &str) {
        let Some(call) = self.calls.iter_mut().find(|call| *call.key == *key) else { return };
        call.state = CallState::Begun;
        if call.step == 0 {
            self.begun += 1;
            call.step = self.begun;
        }
    }

    fn heard(&mut self, input: &AgentInput) {
        let Some(action) = &input.action_id else {
            self.words.extend(input.message.clone());
            return;
        };
        let state = match (input.decision, &input.message) {
            (Some(AgentDecision::Approve), message) => {
                self.words.extend(message.clone());
                CallState::Approved
            }
            (Some(AgentDecision::Deny), message) => CallState::Answered(denied(message.as_deref()), true),
            (None, message) => CallState::Answered(message.clone().unwrap_or_default(), false),
        };
        self.set(action, state);
    }

    fn over(&mut self, key: &str, outcome: &Outcome) {
        let Some(index) = self.calls.iter().position(|call| *call.key == *key) else { return };
        if self.calls[index].step == 0 {
            self.begin(key);
        }
        self.latest_step = self.calls[index].step;
        let call = &self.calls[index].call;
        self.latest_tool = Some(call.name.clone());
        let result = ToolResult {
            call_id: call.id.clone(),
            content: if outcome.untrusted {
                data::marked(&call.name, &outcome.content)
            } else {
                outcome.content.clone()
            },
            is_error: outcome.is_error,
        };
        self.calls[index].state = CallState::Over(result);
        if self.calls.iter().all(|call| matches!(call.state, CallState::Over(_))) {
            let results = self.calls.drain(..).filter_map(|call| match call.state {
                CallState::Over(result) => Some(result),
                _ => None,
            });
            let mut results: Vec<ToolResult> = results.collect();
            if let (Some(warning), Some(last)) = (self.warning.take(), results.last_mut()) {
                last.content = format!("{}\n\n{warning}", last.content);
            }
            self.messages.push(ModelMessage::ToolResults(results));
        }
    }
}

fn same_calls(before: &[ToolCall], now: &[ToolCall]) -> bool {
    let what = |call: &ToolCall| (call.name.clone(), call.arguments.clone());
    !now.is_empty() && before.iter().map(what).eq(now.iter().map(what))
}

fn denied(message: Option<&str>) -> String {
    match message {
        Some(message) if !message.is_empty() => format!("Denied: {message}"),
        _ => "Denied.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use openclaw_core::{AgentStatus, RequiredAction, RequiredActionKind, Usage};
    use proptest::prelude::*;

    use super::*;

    /// Plays a runner whose every choice is drawn: a whole journal as one might be written, crashes and words included.
    fn journal(choices: &[u8]) -> Vec<Entry> {
        let mut course = Course::new("task");
        let mut journal = Vec::new();
        for choice in choices {
            let entry = match (course.next(), course.asked, choice % 8) {
                (Next::Nothing, ..) => break,
                (_, _, 7) => Entry::Input(AgentInput { message: Some("word".into()), ..AgentInput::default() }),
                (Next::Ask, None, _) | (Next::Ask, Some(_), 6) => Entry::Ask,
                (Next::Ask, Some(_), calls) => answer(usize::from(calls.saturating_sub(2))),
                (Next::Call, _, which) => step(&course, which),
                (Next::Finish(..), _, 0) => Entry::Repair { message: "again".into() },
                (Next::Finish(..), ..) => Entry::End { status: AgentStatus::Completed, code: None },
            };
            course.apply(&entry);
            journal.push(entry);
        }
        journal
    }

    fn answer(calls: usize) -> Entry {
        let call = |n| ToolCall { id: format!("id_{n}"), name: format!("tool_{n}"), arguments: "{}".into() };
        let finish = if calls > 0 { FinishReason::ToolCalls } else { FinishReason::Stop };
        let calls = (0..calls).map(call).collect();
        Entry::Answer(Answer { model: "m".into(), content: "said".into(), calls, usage: Usage::default(), finish })
    }

    fn step(course: &Course, which: u8) -> Entry {
        let open = course.calls.iter().find(|call| !matches!(call.state, CallState::Over(_))).expect("one is open");
        let call = open.key.to_string();
        let outcome = |call, content: &str| {
            Entry::Result(Outcome {
                call,
                content: content.into(),
                is_error: false,
                untrusted: which.is_multiple_of(2),
            })
        };
        let word =
            |decision| AgentInput { action_id: Some(open.key.to_string()), decision, message: Some("so".into()) };
        match &open.state {
            CallState::Asked if which == 0 => {
                let kind = RequiredActionKind::Approval;
                let action = RequiredAction { id: call, kind, tool: None, arguments: None, question: None };
                Entry::Await { actions: vec![action] }
            }
            CallState::Awaited => Entry::Input(word((which < 4).then_some(AgentDecision::Approve))),
            CallState::Answered(content, _) => outcome(call, content),
            CallState::Begun if which == 1 => Entry::Interrupted { call },
            CallState::Begun => outcome(call, "result"),
            _ => Entry::Call { call },
        }
    }

    /// What every vendor demands of a conversation: each call has its result, and nobody answers to nothing.
    fn check(course: &Course) {
        for (index, message) in course.messages.iter().enumerate() {
            let next = course.messages.get(index + 1);
            match message {
                ModelMessage::Assistant { tool_calls, .. } if !tool_calls.is_empty() => match next {
                    Some(ModelMessage::ToolResults(results)) => {
                        let asked = tool_calls.iter().map(|call| &call.id);
                        assert!(asked.eq(results.iter().map(|result| &result.call_id)), "a result for each, in order");
                    }
                    Some(other) => panic!("calls are followed by {other:?}"),
                    None => assert_eq!(course.calls.len(), tool_calls.len(), "the last calls are open"),
                },
                ModelMessage::Assistant { .. } => {
                    assert!(matches!(next, None | Some(ModelMessage::User(_))), "an answer is followed by {next:?}");
                }
                ModelMessage::User(_) | ModelMessage::ToolResults(_) => {}
            }
        }
        match course.next() {
            Next::Call => assert!(!course.calls.is_empty()),
            Next::Ask => assert!(course.calls.is_empty()),
            Next::Finish(text, _) => assert_eq!(Some(text.as_str()), course.text()),
            Next::Nothing => {}
        }
    }

    proptest! {
        #[test]
        fn any_beginning_of_a_journal_is_a_state_to_go_on_from(choices in prop::collection::vec(any::<u8>(), 0..200)) {
            let journal = journal(&choices);
            let stored: Vec<String> = journal.iter().map(Entry::to_json).collect();
            let mut course = Course::new("task");
            check(&course);
            for (length, entry) in (1..).zip(&journal) {
                course.apply(entry);
                check(&course);
                let again = Course::of("task", stored[..length].iter().map(String::as_str)).expect("it reads back");
                prop_assert_eq!(&again, &course, "what is stored leads to where it stood");
            }
        }
    }
}
