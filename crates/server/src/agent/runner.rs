//! An agent at work, in a task of its own.
//!
//! The one rule: *commit before every effect*. What came of the last effect and what is intended next wait in `pending`
//! and are stored together, so a step costs one commit, and a crash at any point leaves a journal that says what may
//! have happened. Dropping a runner at any point is such a crash.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use openclaw_core::event::AgentStepFacts;
use openclaw_core::{AgentErrorCode, AgentStepKind, AgentStepStatus, AgentUsage, FinishReason, StopReason, Usage};

use super::heard::Heard;
use super::{AGAIN_AFTER, prompt};
use crate::app::{App, Live, Running, Unbooked};
use crate::provider::{ModelMessage, ModelRequest, Plan};
use crate::service::agent::ending::{self, Found, Outcome};
use crate::service::agent::fold::{Course, Next};
use crate::service::agent::journal::Entry;
use crate::service::agent::{OutputSchema, ring, ring_rest, tell};
use crate::service::usage::estimate_tokens;
use crate::skill::Toolbox;
use crate::store::{AfterProgress, AgentProgress, Appended, EndedAgent, Fence, LastProgress, StoreError, StoredAgent};

/// What a runner knows and has not stored yet.
pub(super) struct Runner {
    pub(super) app: Arc<App>,
    pub(super) live: Arc<Live>,
    pub(super) stored: StoredAgent,
    pub(super) course: Course,
    pub(super) toolbox: Toolbox,
    pub(super) plan: Option<Plan>,
    /// A request to the model without its conversation.
    pub(super) outline: ModelRequest,
    /// What came of the model's reply so far.
    pub(super) heard: Heard,
    /// Its tokens, for whoever ends the agent before they are stored.
    pub(super) unbooked: Arc<Unbooked>,
    pub(super) usage: AgentUsage,
    pub(super) tokens_left: u64,
    journal_length: u64,
    pending: AgentProgress,
}

/// Why a runner stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// The agent is parked, another's, or left to the next start.
    Left,
    /// It ends so.
    Ends(Box<Outcome>),
    /// Its time is up.
    TimeUp,
    /// The gateway met a fault.
    Fault(String),
}

impl Stop {
    /// It ends without its answer; what it found is kept.
    pub(super) fn failed(code: AgentErrorCode, message: impl Into<String>) -> Self {
        Self::Ends(Box::new(Outcome::failed(code, message, Found::InJournal)))
    }
}

/// Moves an agent on until it ends or is parked.
pub(super) async fn run(app: Arc<App>, stored: StoredAgent, running: Running) {
    let mut runner = Runner::new(Arc::clone(&app), stored, Arc::clone(running.unbooked()));
    loop {
        let left_ms = runner.stored.agent.expires_at.as_millis() - app.clock.now().as_millis();
        let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
        let stop = tokio::select! {
            biased;
            () = running.stopped().cancelled() => Stop::Left,
            () = app.tasks.aborting().cancelled() => Stop::Left,
            () = app.clock.sleep(left) => Stop::TimeUp,
            stop = AssertUnwindSafe(runner.work()).catch_unwind() => {
                stop.unwrap_or_else(|_| Stop::Fault("its runner panicked".into()))
            }
        };
        runner.heard.count(&app.metrics);
        if !runner.conclude(stop).await {
            return;
        }
    }
}

/// How an agent ends whose time is up.
pub(super) fn time_up(found: Found) -> Outcome {
    Outcome::failed(AgentErrorCode::Timeout, "its time was up (`timeout`)", found)
}

impl Runner {
    fn new(app: Arc<App>, stored: StoredAgent, unbooked: Arc<Unbooked>) -> Self {
        let agent = &stored.agent;
        let used = agent.usage.tokens() + stored.children_tokens;
        Self {
            live: app.live.load_full(),
            course: Course::new(&agent.task),
            toolbox: Toolbox::default(),
            plan: None,
            outline: ModelRequest::default(),
            heard: Heard::default(),
            unbooked,
            usage: agent.usage,
            tokens_left: agent.budget.max_tokens.saturating_sub(used),
            journal_length: 0,
            pending: AgentProgress::default(),
            stored,
            app,
        }
    }

    async fn work(&mut self) -> Stop {
        match self.steps().await {
            Ok(()) => Stop::Left,
            Err(stop) => stop,
        }
    }

    async fn steps(&mut self) -> Result<(), Stop> {
        if self.plan.is_none() {
            self.begin().await?;
        }
        while !self.app.tasks.draining().is_cancelled() {
            match self.course.next() {
                Next::Ask => self.ask().await?,
                Next::Call => self.call().await?,
                Next::Finish(text, reason) => self.finish(text, reason)?,
                Next::Nothing => return Ok(()),
            }
        }
        // At a boundary: what came of the last effect is kept, the next start goes on from here.
        self.commit(AfterProgress::GoOn).await
    }

    /// Reads the journal, and opens what the agent was granted.
    async fn begin(&mut self) -> Result<(), Stop> {
        if self.stored.journal_length > 0 {
            self.read_journal().await?;
        }
        if self.course.is_asked() {
            // A crash cut off the reply; its vendor has read the prompt all the same.
            let prompt_bytes = self.course.messages.iter().map(ModelMessage::bytes).sum();
            self.use_estimate(Usage { input_tokens: estimate_tokens(prompt_bytes), output_tokens: 0 });
        }
        let agent = &self.stored.agent;
        let plan = self.live.providers.resolve(Some(&agent.model));
        self.plan = Some(plan.map_err(|unknown| Stop::failed(AgentErrorCode::ProviderError, unknown.to_string()))?);
        if !agent.skills.is_empty() {
            let opened = self.live.skills.open(&agent.skills, &self.stored.workspace).await;
            self.toolbox = opened.map_err(|error| Stop::failed(AgentErrorCode::ToolError, error.to_string()))?;
        }
        self.outline = self.outline();
        if !self.course.skills_opened && !self.toolbox.hashes().is_empty() {
            let hashes = self.toolbox.hashes().to_vec();
            self.note(&Entry::Skills { hashes });
        }
        Ok(())
    }

    /// Takes an entry in; it is stored with the next commit.
    pub(super) fn note(&mut self, entry: &Entry) {
        self.course.apply(entry);
        self.pending.entries.push(entry.to_json());
        let (kind, status, tool) = match entry {
            Entry::Answer(answer) => {
                if !answer.content.trim().is_empty() {
                    self.pending.found = Some(self.pending.entries.len() - 1);
                }
                self.pending.answered_by = Some(answer.model.clone());
                let Usage { input_tokens, output_tokens } = answer.usage;
                self.use_up(AgentUsage { input_tokens, output_tokens, steps: 1, tool_calls: 0 });
                (AgentStepKind::Model, AgentStepStatus::Completed, None)
            }
            Entry::Result(outcome) => {
                self.use_up(AgentUsage { steps: 1, tool_calls: 1, ..AgentUsage::default() });
                let status = if outcome.is_error { AgentStepStatus::Failed } else { AgentStepStatus::Completed };
                (AgentStepKind::Tool, status, self.course.latest_tool().map(str::to_owned))
            }
            Entry::Interrupted { .. } => {
                self.use_up(AgentUsage { steps: 1, tool_calls: 1, ..AgentUsage::default() });
                (AgentStepKind::Tool, AgentStepStatus::Interrupted, self.course.latest_tool().map(str::to_owned))
            }
            _ => return,
        };
        let facts = AgentStepFacts { number: self.course.latest_step, kind, status, tool };
        let usage = Usage { input_tokens: self.usage.input_tokens, output_tokens: self.usage.output_tokens };
        self.pending.events.push(tell::step(&self.app, &self.stored, self.app.clock.now(), facts, usage));
    }

    /// Stores what is pending. Afterwards the intended effect may be had; or the runner has to stop.
    pub(super) async fn commit(&mut self, after: AfterProgress) -> Result<(), Stop> {
        if self.pending.entries.is_empty() && matches!(after, AfterProgress::GoOn) {
            return Ok(());
        }
        let expected = self.journal_length + self.pending.entries.len() as u64;
        let fence = Fence { row: self.stored.row, epoch: self.stored.epoch };
        let appended = loop {
            let (progress, after) = (self.pending.clone(), after.clone());
            match self.app.store.append_progress(fence, progress, after, self.app.clock.now()).await {
                // Bounded by the agent's own time.
                Err(StoreError::Overloaded | StoreError::Full | StoreError::Unavailable(_)) => {
                    self.app.clock.sleep(AGAIN_AFTER).await;
                }
                appended => break appended.map_err(|error| Stop::Fault(error.to_string()))?,
            }
        };
        self.pending = AgentProgress::default();
        match appended {
            Appended::Stored { journal_length, tokens_left } => {
                ring(&self.app, &self.stored.agent.id);
                self.tokens_left = tokens_left;
                self.journal_length = journal_length;
                if journal_length == expected { Ok(()) } else { self.read_journal().await }
            }
            Appended::Parked => {
                ring_rest(&self.app, &self.stored.agent.id);
                // What it waits for may be over by now.
                self.app.agents.ready.ring();
                Err(Stop::Left)
            }
            Appended::Fenced => Err(Stop::Left),
        }
    }

    /// Takes the state from the store: after a restart, and when the caller has spoken meanwhile.
    async fn read_journal(&mut self) -> Result<(), Stop> {
        let read = self.app.store.read_journal(self.stored.row, 0).await;
        let journal = read.map_err(|error| Stop::Fault(error.to_string()))?;
        let entries = journal.iter().map(|entry| entry.entry.as_str());
        self.course = Course::of(&self.stored.agent.task, entries).map_err(|error| Stop::Fault(error.to_string()))?;
        self.journal_length = journal.len() as u64;
        Ok(())
    }

    /// The model has said all: it ends with that, or has one more try if it does not fit.
    fn finish(&mut self, text: String, reason: FinishReason) -> Result<(), Stop> {
        if text.trim().is_empty() {
            return Err(Stop::failed(AgentErrorCode::EmptyOutput, "the model ended without saying anything"));
        }
        let stop_reason = match reason {
            FinishReason::Length => StopReason::MaxOutputTokens,
            FinishReason::ContentFilter => StopReason::ContentFilter,
            FinishReason::Stop | FinishReason::ToolCalls => StopReason::EndTurn,
        };
        let Some(schema) = &self.stored.request.output_schema else {
            return Err(Stop::Ends(Box::new(Outcome::completed(stop_reason, text, None))));
        };
        let schema = OutputSchema::new(schema).map_err(Stop::Fault)?;
        match schema.judge(&text) {
            Ok(json) => Err(Stop::Ends(Box::new(Outcome::completed(StopReason::OutputSchemaMet, text, Some(json))))),
            Err(why) if self.course.repairs == 0 => {
                self.note(&Entry::Repair { message: prompt::repair(&why) });
                Ok(())
            }
            Err(why) => {
                let message = format!("the output does not fit `output_schema`: {why}");
                Err(Stop::failed(AgentErrorCode::InvalidOutput, message))
            }
        }
    }

    /// Writes down how it stopped; says whether the agent goes on because its caller spoke meanwhile.
    async fn conclude(&mut self, stop: Stop) -> bool {
        let (outcome, by_runner) = match stop {
            Stop::Left => return false,
            Stop::Ends(outcome) => {
                let last = self.last_progress(&outcome);
                (*outcome, Some(last))
            }
            Stop::TimeUp if self.heard.is_blank() => (time_up(Found::InJournal), None),
            Stop::TimeUp => (time_up(Found::Text(std::mem::take(&mut self.heard).text)), None),
            Stop::Fault(fault) => {
                tracing::error!(agent = self.stored.agent.id, fault, "an agent met a fault of the gateway");
                let why = "the gateway met a fault of its own; its log tells more under this agent's id";
                (Outcome::failed(AgentErrorCode::Interrupted, why, Found::InJournal), None)
            }
        };
        match ending::end(&self.app, self.stored.row, by_runner, outcome).await {
            Ok(EndedAgent::Ended(_) | EndedAgent::Before) => false,
            Ok(EndedAgent::Spoken) => {
                self.commit(AfterProgress::GoOn).await.is_ok() && self.read_journal().await.is_ok()
            }
            Err(error) => {
                tracing::error!(agent = self.stored.agent.id, %error, "the end of an agent could not be stored");
                false
            }
        }
    }

    fn last_progress(&self, outcome: &Outcome) -> LastProgress {
        let agent = (!outcome.asks_journal()).then(|| {
            let mut agent = Box::new(self.stored.clone());
            agent.agent.usage = self.usage;
            agent.journal_length = self.journal_length + self.pending.entries.len() as u64;
            agent
        });
        let (epoch, journal_length) = (self.stored.epoch, self.journal_length);
        LastProgress { epoch, journal_length, progress: self.pending.clone(), agent }
    }

    /// Counts tokens of replies that broke off, as far as they are known.
    pub(super) fn use_estimate(&mut self, Usage { input_tokens, output_tokens }: Usage) {
        if input_tokens + output_tokens > 0 {
            self.use_up(AgentUsage { input_tokens, output_tokens, ..AgentUsage::default() });
            self.mark_estimated();
        }
    }

    /// Some tokens of what is pending are our estimate.
    pub(super) fn mark_estimated(&mut self) {
        self.pending.estimated = true;
    }

    fn use_up(&mut self, usage: AgentUsage) {
        self.usage += usage;
        self.pending.usage += usage;
        self.tokens_left = self.tokens_left.saturating_sub(usage.tokens());
    }
}
