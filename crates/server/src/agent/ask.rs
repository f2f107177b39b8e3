//! Asking the model: within the limits, and once more where a reply breaks off.

use std::time::Duration;

use futures_util::StreamExt;
use openclaw_core::{AgentErrorCode, Usage};

use super::heard::Heard;
use super::prompt;
use super::runner::{Runner, Stop};
use crate::provider::{ModelEvent, ModelRequest, ProviderError, ProviderErrorKind};
use crate::service::agent::journal::{Answer, Entry};
use crate::service::event;
use crate::service::usage::estimate_tokens;
use crate::store::AfterProgress;

/// How often a reply that broke off in its middle is asked for again: nobody has seen any of it.
const BROKEN_TRIES: u32 = 3;
const BROKEN_WAIT: Duration = Duration::from_secs(1);

/// Why there is no answer.
struct Failure {
    provider: String,
    error: ProviderError,
    /// Whether the reply had begun.
    begun: bool,
}

impl Runner {
    /// Asks the model what to do next.
    pub(super) async fn ask(&mut self) -> Result<(), Stop> {
        self.check_steps(1)?;
        if self.tokens_left == 0 {
            return Err(self.out_of_tokens());
        }
        self.note(&Entry::Ask);
        self.commit(AfterProgress::GoOn).await?;
        let mut request = self.request()?;
        let answer = self.answer(&mut request).await;
        self.take_back(request);
        self.note(&Entry::Answer(answer?));
        Ok(())
    }

    /// Fails if that many steps more would be too many.
    pub(super) fn check_steps(&self, more: u64) -> Result<(), Stop> {
        let most = self.stored.agent.budget.max_steps;
        if self.usage.steps + more > most {
            let message = format!("it took {} steps of {most} (`budget.max_steps`)", self.usage.steps);
            return Err(Stop::failed(AgentErrorCode::MaxSteps, message));
        }
        Ok(())
    }

    fn out_of_tokens(&self) -> Stop {
        let most = self.stored.agent.budget.max_tokens;
        let used = self.usage.tokens();
        let message = format!("it used {used} tokens of {most}, its children's set aside (`budget.max_tokens`)");
        Stop::failed(AgentErrorCode::BudgetExceeded, message)
    }

    /// What every request of the agent has in common.
    pub(super) fn outline(&self) -> ModelRequest {
        let asked = &self.stored.request;
        ModelRequest {
            system: prompt::system(asked, &self.toolbox),
            tools: prompt::tools(&self.toolbox),
            temperature: asked.temperature,
            ..ModelRequest::default()
        }
    }

    /// The outline with the conversation so far, which the course lends to it: a long one is not copied at each step.
    fn request(&mut self) -> Result<ModelRequest, Stop> {
        let asked = &self.stored.request;
        self.outline.messages = std::mem::take(&mut self.course.messages);
        let mut request = std::mem::take(&mut self.outline);
        let estimate = estimate_tokens(request.bytes());
        if estimate >= self.tokens_left {
            self.take_back(request);
            return Err(self.out_of_tokens());
        }
        // What is left bounds the reply, where it is less than the reply may have anyway.
        let left = u32::try_from(self.tokens_left - estimate).unwrap_or(u32::MAX);
        let usual = asked.max_output_tokens.unwrap_or(self.live.config.models.max_tokens);
        request.max_tokens = if left < usual { Some(left) } else { asked.max_output_tokens };
        Ok(request)
    }

    /// Gives the course its conversation back. A runner that is dropped before is not asked again.
    fn take_back(&mut self, mut request: ModelRequest) {
        self.course.messages = std::mem::take(&mut request.messages);
        self.outline = request;
    }

    async fn answer(&mut self, request: &mut ModelRequest) -> Result<Answer, Stop> {
        let mut tries = 1;
        // Also of an earlier asking that failed, after which the caller spoke.
        let mut lost = self.unbooked.at(self.usage.steps);
        loop {
            self.heard = Heard::default();
            let failure = match self.hear(request, lost).await {
                Ok(answer) => {
                    self.use_estimate(lost);
                    return Ok(answer);
                }
                Err(failure) => failure,
            };
            self.heard.count(&self.app.metrics);
            lost = self.unbooked.at(self.usage.steps);
            if !(failure.begun && failure.error.is_transient() && tries < BROKEN_TRIES) {
                return Err(self.gave_up(failure).await);
            }
            tries += 1;
            self.app.clock.sleep(BROKEN_WAIT).await;
        }
    }

    /// Reads one reply to its end; `lost` was used by replies before it that broke off.
    async fn hear(&mut self, request: &mut ModelRequest, lost: Usage) -> Result<Answer, Failure> {
        let plan = self.plan.clone().expect("a runner resolves its model before it asks");
        let opened = plan.open(request).await;
        let mut opened =
            opened.map_err(|failure| Failure { provider: failure.provider, error: failure.error, begun: false })?;
        let mut calls = Vec::new();
        self.heard = Heard::new(opened.model, request.bytes());
        loop {
            self.unbooked.note(self.usage.steps, lost + self.heard.usage());
            let error = match opened.stream.next().await {
                Some(Ok(ModelEvent::Text(text))) => {
                    self.heard.text.push_str(&text);
                    continue;
                }
                Some(Ok(ModelEvent::ToolCall(call))) => {
                    self.heard.calls_bytes += call.name.len() + call.arguments.len();
                    calls.push(call);
                    continue;
                }
                Some(Ok(ModelEvent::Progress { model, usage })) => {
                    self.heard.learn(model, usage);
                    continue;
                }
                Some(Ok(ModelEvent::Done { model, usage, finish_reason })) => {
                    if usage.is_none() {
                        self.mark_estimated();
                    }
                    let usage = usage.unwrap_or_else(|| self.heard.usage());
                    self.unbooked.note(self.usage.steps, lost + usage);
                    self.app.metrics.tokens(&model, usage);
                    let content = std::mem::take(&mut self.heard).text;
                    return Ok(Answer { model, content, calls, usage, finish: finish_reason });
                }
                Some(Err(error)) => error,
                None => ProviderError::new(ProviderErrorKind::Broken, "the reply broke off before its end"),
            };
            return Err(Failure { provider: opened.provider, error, begun: true });
        }
    }

    async fn gave_up(&self, failure: Failure) -> Stop {
        let Failure { provider, error, .. } = failure;
        if error.is_too_long() {
            let message = format!("the conversation is longer than the model takes: {provider}: {error}");
            return Stop::failed(AgentErrorCode::ContextOverflow, message);
        }
        if matches!(error.kind, ProviderErrorKind::Unreachable | ProviderErrorKind::Unauthorized) {
            let told = format!("the provider {provider} gives no replies: {error}");
            event::announce_fault(&self.app, "provider_down", told).await;
        }
        Stop::failed(AgentErrorCode::ProviderError, format!("{provider}: {error}"))
    }
}
