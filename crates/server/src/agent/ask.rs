//! Asking the model: within the limits, and once more where a reply breaks off.

use std::time::Duration;

use futures_util::StreamExt;
use openclaw_core::{AgentErrorCode, Usage};

use super::prompt;
use super::runner::{Runner, Stop};
use crate::provider::{ModelEvent, ModelMessage, ModelRequest, ProviderError, ProviderErrorKind};
use crate::service::agent::journal::{Answer, Entry};
use crate::service::event;
use crate::store::AfterProgress;

/// How often a reply that broke off in its middle is asked for again: nobody has seen any of it.
const BROKEN_TRIES: u32 = 3;
const BROKEN_WAIT: Duration = Duration::from_secs(1);
/// How many bytes count as a token, where no vendor has counted.
const TOKEN_BYTES: u64 = 4;

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
        let request = self.request()?;
        let answer = self.answer(&request).await?;
        self.note(&Entry::Answer(answer));
        self.heard.clear();
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

    fn request(&self) -> Result<ModelRequest, Stop> {
        let asked = &self.stored.request;
        let messages = self.course.messages.clone();
        let system = prompt::system(asked, &self.toolbox);
        let bytes: usize =
            messages.iter().map(ModelMessage::bytes).sum::<usize>() + system.as_ref().map_or(0, String::len);
        let estimate = tokens(bytes);
        if estimate >= self.tokens_left {
            return Err(self.out_of_tokens());
        }
        // What is left bounds the reply, where it is less than the reply may have anyway.
        let left = u32::try_from(self.tokens_left - estimate).unwrap_or(u32::MAX);
        let usual = asked.max_output_tokens.unwrap_or(self.live.config.models.max_tokens);
        let max_tokens = if left < usual { Some(left) } else { asked.max_output_tokens };
        let tools = prompt::tools(&self.toolbox);
        Ok(ModelRequest {
            messages,
            system,
            tools,
            temperature: asked.temperature,
            max_tokens,
            ..ModelRequest::default()
        })
    }

    async fn answer(&mut self, request: &ModelRequest) -> Result<Answer, Stop> {
        let mut tries = 1;
        loop {
            self.heard.clear();
            let failure = match self.hear(request).await {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            if !(failure.begun && failure.error.is_transient() && tries < BROKEN_TRIES) {
                return Err(self.gave_up(failure).await);
            }
            tries += 1;
            self.app.clock.sleep(BROKEN_WAIT).await;
        }
    }

    /// Reads one reply to its end.
    async fn hear(&mut self, request: &ModelRequest) -> Result<Answer, Failure> {
        let plan = self.plan.clone().expect("a runner resolves its model before it asks");
        let opened = plan.open(request.clone()).await;
        let mut opened =
            opened.map_err(|failure| Failure { provider: failure.provider, error: failure.error, begun: false })?;
        let mut calls = Vec::new();
        loop {
            let error = match opened.stream.next().await {
                Some(Ok(ModelEvent::Text(text))) => {
                    self.heard.push_str(&text);
                    continue;
                }
                Some(Ok(ModelEvent::ToolCall(call))) => {
                    calls.push(call);
                    continue;
                }
                Some(Ok(ModelEvent::Progress { .. })) => continue,
                Some(Ok(ModelEvent::Done { model, usage, finish_reason })) => {
                    let prompt = request.messages.iter().map(ModelMessage::bytes).sum();
                    let estimate = || Usage { input_tokens: tokens(prompt), output_tokens: tokens(self.heard.len()) };
                    let usage = usage.unwrap_or_else(estimate);
                    self.app.metrics.tokens(&model, usage);
                    let content = self.heard.clone();
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

/// Tokens that a text is likely to have.
fn tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(TOKEN_BYTES)
}
