//! A journal as its steps, for people to read.

use openclaw_core::{AgentStep, AgentStepKind, AgentStepStatus, AgentToolCall, Timestamp};

use super::journal::{Answer, Entry, Outcome};
use crate::provider::ToolCall;
use crate::store::{JournalEntry, StoredAgent};

/// Every step of an agent, in order.
pub(super) fn of(stored: &StoredAgent, journal: &[JournalEntry]) -> serde_json::Result<Vec<AgentStep>> {
    let mut list = List::default();
    for entry in journal {
        list.apply(&Entry::read(&entry.entry)?, entry.at);
    }
    if stored.agent.status.is_ended() {
        list.cut_off(stored.agent.ended_at);
    }
    Ok(list.steps)
}

#[derive(Default)]
struct List {
    steps: Vec<AgentStep>,
    answers: u64,
    /// The calls of the latest answer by their keys, with the places of their steps once they began.
    calls: Vec<(String, ToolCall, Option<usize>)>,
}

impl List {
    fn apply(&mut self, entry: &Entry, at: Timestamp) {
        match entry {
            Entry::Ask => {
                // A model that was asked before and did not answer was cut off by a restart.
                if let Some(step) = self.steps.last_mut().filter(|step| step.status == AgentStepStatus::Running) {
                    step.status = AgentStepStatus::Interrupted;
                    step.ended_at = Some(at);
                }
                self.begin(AgentStepKind::Model, at);
            }
            Entry::Answer(answer) => self.answered(answer, at),
            Entry::Call { call } => self.called(call, at),
            Entry::Result(outcome) => self.gave(outcome, at),
            Entry::Interrupted { call } => {
                let place = self.place(call, at);
                if let Some(step) = place.and_then(|place| self.steps.get_mut(place)) {
                    step.status = AgentStepStatus::Interrupted;
                    step.ended_at = Some(at);
                }
            }
            Entry::Skills { .. }
            | Entry::Await { .. }
            | Entry::Input(_)
            | Entry::Note { .. }
            | Entry::Repair { .. }
            | Entry::End { .. } => {}
        }
    }

    fn begin(&mut self, kind: AgentStepKind, at: Timestamp) -> &mut AgentStep {
        self.steps.push(AgentStep {
            number: self.steps.len() as u64 + 1,
            kind,
            status: AgentStepStatus::Running,
            started_at: at,
            ended_at: None,
            model: None,
            content: None,
            tool_calls: None,
            usage: None,
            tool: None,
            call_id: None,
            arguments: None,
            result: None,
            is_error: None,
        });
        self.steps.last_mut().expect("one was just pushed")
    }

    fn answered(&mut self, answer: &Answer, at: Timestamp) {
        self.answers += 1;
        let calls = answer.calls.iter().zip(1..);
        self.calls = calls.map(|(call, place)| (format!("{}.{place}", self.answers), call.clone(), None)).collect();
        let Some(step) = self.steps.last_mut() else { return };
        let shown = |call: &ToolCall| AgentToolCall {
            id: call.id.clone(),
            name: call.name.clone(),
            arguments: call.arguments.clone(),
        };
        step.status = AgentStepStatus::Completed;
        step.ended_at = Some(at);
        step.model = Some(answer.model.clone());
        step.content = Some(answer.content.clone()).filter(|content| !content.is_empty());
        step.tool_calls = Some(answer.calls.iter().map(shown).collect()).filter(|calls: &Vec<_>| !calls.is_empty());
        step.usage = Some(answer.usage);
    }

    fn called(&mut self, key: &str, at: Timestamp) {
        let Some(index) = self.calls.iter().position(|(call, _, _)| call == key) else { return };
        if self.calls[index].2.is_some() {
            return;
        }
        let call = self.calls[index].1.clone();
        let step = self.begin(AgentStepKind::Tool, at);
        step.tool = Some(call.name);
        step.call_id = Some(call.id);
        step.arguments = Some(call.arguments);
        self.calls[index].2 = Some(self.steps.len() - 1);
    }

    /// The place of a call's step; a call that never began (it was denied, or answered by the caller) gets one now.
    fn place(&mut self, key: &str, at: Timestamp) -> Option<usize> {
        self.called(key, at);
        self.calls.iter().find(|(call, _, _)| call == key).and_then(|(_, _, place)| *place)
    }

    fn gave(&mut self, outcome: &Outcome, at: Timestamp) {
        let place = self.place(&outcome.call, at);
        let Some(step) = place.and_then(|place| self.steps.get_mut(place)) else { return };
        step.status = if outcome.is_error { AgentStepStatus::Failed } else { AgentStepStatus::Completed };
        step.ended_at = Some(at);
        step.result = Some(outcome.content.clone());
        step.is_error = Some(outcome.is_error);
    }

    /// The agent ended while these were under way.
    fn cut_off(&mut self, at: Option<Timestamp>) {
        for step in self.steps.iter_mut().filter(|step| step.status == AgentStepStatus::Running) {
            step.status = AgentStepStatus::Interrupted;
            step.ended_at = at;
        }
    }
}
