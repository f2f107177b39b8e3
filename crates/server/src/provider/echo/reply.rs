//! A reply under way: its words and calls one by one, with the waits and failures that were asked for.

use std::time::Duration;

use openclaw_core::{FinishReason, Usage};

use super::directive::Directive;
use crate::clock::Clock;
use crate::provider::{ModelEvent, ProviderError, ProviderErrorKind};

/// A reply that has begun.
pub(super) struct Reply {
    /// The model that it names.
    pub(super) model: String,
    /// Words, then calls; each counts as a token.
    pub(super) pieces: Vec<ModelEvent>,
    /// How many of them have been sent.
    pub(super) sent: usize,
    /// Words and calls of the prompt.
    pub(super) input_tokens: u64,
    /// The most pieces to send.
    pub(super) output_tokens_max: usize,
    /// What it is to be like.
    pub(super) directive: Directive,
    /// Whether its end has been told.
    pub(super) over: bool,
    /// The clock of its waits.
    pub(super) clock: Clock,
    /// How long a silence lasts.
    pub(super) idle_timeout: Duration,
}

impl Reply {
    /// The next piece, or the end; none after it.
    pub(super) async fn next(&mut self) -> Option<Result<ModelEvent, ProviderError>> {
        if self.over {
            return None;
        }
        let sent = self.sent;
        let left = self.pieces.get(sent).filter(|_| sent < self.output_tokens_max).cloned();
        let reached = |after: Option<usize>| after.is_some_and(|after| sent >= after || left.is_none());
        if reached(self.directive.fail_after) {
            self.over = true;
            return Some(Err(ProviderError::new(ProviderErrorKind::Broken, "echo was told to break off")));
        }
        if reached(self.directive.stall_after) {
            self.over = true;
            self.clock.sleep(self.idle_timeout).await;
            return Some(Err(ProviderError::new(ProviderErrorKind::TimedOut, "echo was told to fall silent")));
        }
        let Some(piece) = left else {
            self.over = true;
            return Some(Ok(self.done()));
        };
        if sent > 0 {
            wait(&self.clock, self.directive.pause).await;
        }
        self.sent += 1;
        Some(Ok(piece))
    }

    fn done(&self) -> ModelEvent {
        let ended = match self.pieces.last() {
            _ if self.sent < self.pieces.len() => FinishReason::Length,
            Some(ModelEvent::ToolCall(_)) => FinishReason::ToolCalls,
            _ => FinishReason::Stop,
        };
        ModelEvent::Done {
            model: self.model.clone(),
            usage: Some(Usage { input_tokens: self.input_tokens, output_tokens: self.sent as u64 }),
            finish_reason: self.directive.finish.unwrap_or(ended),
        }
    }
}

/// Waits, without a timer where there is nothing to wait for.
pub(super) async fn wait(clock: &Clock, time: Duration) {
    if !time.is_zero() {
        clock.sleep(time).await;
    }
}
