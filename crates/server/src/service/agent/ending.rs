//! The end of an agent, by its runner or by another's hand: once, with all that is below it.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::{AgentError, AgentErrorCode, AgentStatus, StopReason};
use serde_json::Value;

use super::journal::Entry;
use super::{ring_rest, tell};
use crate::app::App;
use crate::store::{
    AgentEnd, AgentEnding, AgentEnds, EndAgent, EndedAgent, EndedTree, Hint, LastProgress, StoreError, StoredAgent,
};

/// How often an end is offered to a store that has too much to do, and how long apart.
const END_TRIES: u32 = 10;
const END_WAIT: Duration = Duration::from_secs(1);

/// How an agent ends.
#[derive(Clone, Debug)]
pub struct Outcome {
    status: AgentStatus,
    stop_reason: Option<StopReason>,
    output: Found,
    output_json: Option<Value>,
    partial: bool,
    error: Option<AgentError>,
}

/// What an agent found.
#[derive(Clone, Debug)]
pub enum Found {
    /// This.
    Text(String),
    /// The latest text that its journal holds, if any.
    InJournal,
}

impl Outcome {
    /// With an answer; partial if it was cut off.
    pub fn completed(reason: StopReason, output: String, output_json: Option<Value>) -> Self {
        let partial = matches!(reason, StopReason::MaxOutputTokens | StopReason::ContentFilter);
        Self {
            status: AgentStatus::Completed,
            stop_reason: Some(reason),
            output: Found::Text(output),
            output_json,
            partial,
            error: None,
        }
    }

    /// Without its answer; what was found is kept.
    pub fn failed(code: AgentErrorCode, message: impl Into<String>, found: Found) -> Self {
        Self::without(AgentStatus::Failed, code, message.into(), found)
    }

    /// Stopped; what was found is kept.
    pub fn cancelled(code: AgentErrorCode, message: impl Into<String>, found: Found) -> Self {
        Self::without(AgentStatus::Cancelled, code, message.into(), found)
    }

    /// Whether what it found is to be read from the journal.
    pub fn asks_journal(&self) -> bool {
        matches!(self.output, Found::InJournal)
    }

    fn without(status: AgentStatus, code: AgentErrorCode, message: String, output: Found) -> Self {
        let error = Some(AgentError::new(code, message));
        Self { status, stop_reason: None, output, output_json: None, partial: true, error }
    }

    fn end(&self, app: &App, stored: &StoredAgent, found: Option<&str>, now: openclaw_core::Timestamp) -> AgentEnd {
        let output = match &self.output {
            Found::Text(text) => Some(text.clone()),
            Found::InJournal => found.and_then(text_of),
        };
        let output = output.filter(|text| !text.trim().is_empty());
        let ending = AgentEnding {
            stop_reason: self.stop_reason,
            partial: self.partial && output.is_some(),
            output,
            output_json: self.output_json.clone(),
            error: self.error.clone(),
        };
        let code = self.error.as_ref().map(|error| error.code.clone());
        let cut_off = app.agents.unbooked(stored);
        AgentEnd {
            status: self.status,
            entry: Entry::End { status: self.status, code }.to_json(),
            event: tell::ended(app, stored, now, self.status, &ending, cut_off),
            ending,
            cut_off,
        }
    }
}

/// Ends an agent so, and cancels what is below it; wakes a parent that waited for it, and whoever waits for any of them.
pub async fn end(
    app: &Arc<App>,
    row: i64,
    by_runner: Option<LastProgress>,
    outcome: Outcome,
) -> Result<EndedAgent, StoreError> {
    let mut tries = 1;
    let ended = loop {
        let now = app.clock.now();
        let end = EndAgent { row, by_runner: by_runner.clone(), ends: ends(app, row, outcome.clone(), now), now };
        match app.store.end_agent(end).await {
            Err(StoreError::Overloaded | StoreError::Full | StoreError::Unavailable(_)) if tries < END_TRIES => {
                app.clock.sleep(END_WAIT).await;
            }
            ended => break ended?,
        }
        tries += 1;
    };
    if let EndedAgent::Ended(tree) = &ended {
        announce(app, tree);
    }
    Ok(ended)
}

/// Stops the runners of agents that ended, and wakes whoever waits for any of them.
pub fn announce(app: &App, tree: &EndedTree) {
    for (row, id, status) in &tree.agents {
        if !app.agents.stop(*row) {
            app.store.hint(Hint::AgentsEnded);
        }
        app.metrics.agent_ended(status.as_str());
        ring_rest(app, id);
    }
    if tree.woken {
        app.agents.ready.ring();
    }
}

/// How an agent ends so, and those below it.
pub fn ends(app: &Arc<App>, row: i64, outcome: Outcome, now: openclaw_core::Timestamp) -> AgentEnds {
    let app = Arc::clone(app);
    let below = Outcome::cancelled(AgentErrorCode::ByParent, "its parent ended", Found::InJournal);
    Box::new(move |stored, found| {
        let outcome = if stored.row == row { &outcome } else { &below };
        outcome.end(&app, stored, found, now)
    })
}

fn text_of(entry: &str) -> Option<String> {
    match Entry::read(entry).ok()? {
        Entry::Answer(answer) => Some(answer.content),
        _ => None,
    }
}
