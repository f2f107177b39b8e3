//! Making the calls that a model asks for: reads side by side, everything else in order.
//!
//! Order of events: calls that a crash cut off are settled (a read is made again, any other is told as interrupted);
//! what cannot run has its result at once; what needs the caller's word waits for it, before any call of the answer is
//! made; then the rest runs.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::join_all;
use openclaw_core::{AgentErrorCode, RequiredAction, RequiredActionKind, ToolApproval};
use serde_json::{Map, Value};

use super::control::{self, Steering};
use super::prompt;
use super::runner::{Runner, Stop};
use crate::config;
use crate::provider::ToolCall;
use crate::service::agent::fold::{Call, CallState};
use crate::service::agent::journal::{Entry, Outcome};
use crate::service::agent::tell;
use crate::skill::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::store::AfterProgress;

/// How often in a row the very same calls are made before the model is warned; once more ends the agent.
const REPEATS_MAX: u32 = 3;

/// What a call comes to.
enum Way {
    /// A tool.
    Tool(Arc<dyn Tool>),
    /// The runner itself.
    Steer(Steering),
}

impl Runner {
    /// Makes the open calls of the latest answer, or the next of them.
    pub(super) async fn call(&mut self) -> Result<(), Stop> {
        self.check_repeats()?;
        self.settle();
        self.ask_caller().await?;
        let open: Vec<Call> = self.open_calls();
        let Some(first) = open.first() else { return Ok(()) };
        let side_by_side = open.iter().all(|call| self.is_harmless(&call.call));
        let batch = if side_by_side { open } else { vec![first.clone()] };
        self.check_steps(batch.len() as u64)?;
        for call in &batch {
            // A read that a crash cut off has begun already.
            if call.state != CallState::Begun {
                self.note(&Entry::Call { call: call.key.to_string() });
            }
        }
        if let [call] = batch.as_slice()
            && let Some(Way::Steer(Steering::Wait)) = self.way(&call.call)
        {
            return self.await_children(call).await;
        }
        self.commit(AfterProgress::GoOn).await?;
        let outcomes = join_all(batch.iter().map(|call| self.make(call))).await;
        for outcome in outcomes {
            self.note(&Entry::Result(outcome));
        }
        Ok(())
    }

    fn check_repeats(&mut self) -> Result<(), Stop> {
        let fresh = self.course.calls.iter().all(|call| call.state == CallState::Asked);
        if !fresh || self.course.repeats < REPEATS_MAX {
            return Ok(());
        }
        if self.course.repeats > REPEATS_MAX {
            let times = self.course.repeats;
            let message = format!("it made the very same call {times} times in a row, the last time after a warning");
            return Err(Stop::failed(AgentErrorCode::LoopDetected, message));
        }
        self.note(&Entry::Note { message: prompt::repeated(REPEATS_MAX) });
        Ok(())
    }

    /// Gives every call its result that needs nothing to be done, or must not be made.
    fn settle(&mut self) {
        for call in self.course.calls.clone() {
            let key = call.key.to_string();
            let entry = match &call.state {
                CallState::Begun if !self.is_harmless(&call.call) && !self.is_wait(&call.call) => {
                    Entry::Interrupted { call: key }
                }
                CallState::Answered(content, is_error) => {
                    let content = content.clone();
                    Entry::Result(Outcome { call: key, content, is_error: *is_error, untrusted: false })
                }
                CallState::Asked => match self.refusal(&call.call) {
                    Some(content) => Entry::Result(Outcome { call: key, content, is_error: true, untrusted: false }),
                    None => continue,
                },
                _ => continue,
            };
            self.note(&entry);
        }
    }

    /// Parks the agent if calls need a word of its caller.
    async fn ask_caller(&mut self) -> Result<(), Stop> {
        let waits = |call: &&Call| matches!(call.state, CallState::Asked | CallState::Awaited);
        let actions: Vec<RequiredAction> =
            self.course.calls.iter().filter(waits).filter_map(|call| self.required(call)).collect();
        if actions.is_empty() {
            return Ok(());
        }
        self.note(&Entry::Await { actions: actions.clone() });
        let event = tell::requires_action(&self.app, &self.stored, self.app.clock.now(), &actions);
        self.commit(AfterProgress::AwaitCaller { actions, event }).await
    }

    fn required(&self, call: &Call) -> Option<RequiredAction> {
        let ToolCall { name, arguments, .. } = &call.call;
        let arguments = object(arguments).unwrap_or_default();
        let asks = matches!(self.way(&call.call), Some(Way::Steer(Steering::Ask)));
        let (kind, tool, arguments, question) = if asks {
            (RequiredActionKind::Question, None, None, Some(control::question(&arguments)))
        } else if self.approval(name) == ToolApproval::AlwaysAsk {
            (RequiredActionKind::Approval, Some(name.clone()), Some(Value::Object(arguments)), None)
        } else {
            return None;
        };
        Some(RequiredAction { id: call.key.to_string(), kind, tool, arguments, question })
    }

    fn open_calls(&self) -> Vec<Call> {
        let open = |call: &&Call| matches!(call.state, CallState::Asked | CallState::Approved | CallState::Begun);
        self.course.calls.iter().filter(open).cloned().collect()
    }

    /// Makes one call. Whatever happens in it is its result.
    async fn make(&self, call: &Call) -> Outcome {
        let arguments = object(&call.call.arguments).unwrap_or_default();
        let output = match self.way(&call.call) {
            Some(Way::Tool(tool)) => self.invoke(&*tool, call, arguments).await,
            Some(Way::Steer(Steering::Spawn)) => self.spawn_child(call, arguments).await,
            Some(Way::Steer(Steering::Wait | Steering::Ask)) | None => ToolOutput::error("This tool cannot be called."),
        };
        let ToolOutput { content, is_error, untrusted } = output;
        Outcome { call: call.key.to_string(), content, is_error, untrusted }
    }

    async fn invoke(&self, tool: &dyn Tool, call: &Call, arguments: Map<String, Value>) -> ToolOutput {
        let agent_id = self.stored.agent.id.clone();
        let invocation = ToolInvocation {
            idempotency_key: format!("{agent_id}:{}", call.key),
            workspace: self.stored.workspace.clone(),
            agent_id,
            arguments,
        };
        let seconds = self.live.config.agents.tool_timeout_seconds;
        let calling = AssertUnwindSafe(tool.call(&invocation)).catch_unwind();
        match self.app.clock.timeout(Duration::from_secs(seconds), calling).await {
            Ok(Ok(output)) => output,
            Ok(Err(_)) => ToolOutput::error("The tool failed by a fault of the gateway."),
            Err(_) => ToolOutput::error(format!("The tool took longer than {seconds} seconds and was stopped.")),
        }
    }

    /// Why a call cannot be made, for the model.
    fn refusal(&self, call: &ToolCall) -> Option<String> {
        if self.way(call).is_none() {
            let known: Vec<_> = prompt::tools(&self.toolbox).into_iter().map(|tool| tool.name).collect();
            return Some(format!("There is no tool `{}`. The tools are: {}.", call.name, known.join(", ")));
        }
        if let Err(error) = object(&call.arguments) {
            return Some(format!("The arguments are wrong: {error}."));
        }
        let denied = self.approval(&call.name) == ToolApproval::Deny;
        denied.then(|| format!("The tool `{}` is denied by policy.", call.name))
    }

    /// What the agent's policy says of a tool: its caller's word goes before the operator's, but for the operator's `deny`.
    fn approval(&self, tool: &str) -> ToolApproval {
        let asked = self.stored.request.approvals.as_ref().and_then(|approvals| approvals.get(tool)).copied();
        match self.live.config.skills.approvals.get(tool) {
            Some(config::ToolApproval::Deny) => ToolApproval::Deny,
            Some(config::ToolApproval::AlwaysAsk) => asked.unwrap_or(ToolApproval::AlwaysAsk),
            Some(config::ToolApproval::AlwaysAllow) | None => asked.unwrap_or(ToolApproval::AlwaysAllow),
        }
    }

    fn way(&self, call: &ToolCall) -> Option<Way> {
        if let Some(tool) = self.toolbox.find(&call.name) {
            return Some(Way::Tool(Arc::clone(tool)));
        }
        control::steering(&self.toolbox, &call.name).map(Way::Steer)
    }

    /// Whether a call may run beside others, and again after a crash: it reads, or finds what it made before.
    fn is_harmless(&self, call: &ToolCall) -> bool {
        match self.way(call) {
            Some(Way::Tool(tool)) => tool.effect() == Effect::ReadOnly,
            Some(Way::Steer(steering)) => steering == Steering::Spawn,
            None => false,
        }
    }

    fn is_wait(&self, call: &ToolCall) -> bool {
        matches!(self.way(call), Some(Way::Steer(Steering::Wait)))
    }
}

/// Arguments as a model wrote them; nothing at all stands for no arguments.
fn object(arguments: &str) -> Result<Map<String, Value>, serde_json::Error> {
    if arguments.trim().is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(arguments)
}
