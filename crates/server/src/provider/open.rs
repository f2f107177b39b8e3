//! Opens a reply: asks the candidates of a plan, with retries, until one begins to answer.
//!
//! Before the first text or call of a tool nothing has reached the caller, so a failure that may pass is met by asking
//! again, then by asking the next candidate. From then on the stream is the caller's, and what breaks then is told. Dropping
//! [`Plan::open`] gives up the call that is under way and closes its connection.

use std::sync::Arc;

use futures_util::{StreamExt, stream};
use tracing::warn;

use super::health::Health;
use super::retry::wait_before;
use super::{ModelEvent, ModelRequest, ModelStream, Provider, ProviderError, ProviderErrorKind};
use crate::clock::Clock;

/// What to ask, in order; never empty.
#[derive(Clone)]
pub struct Plan {
    candidates: Vec<Candidate>,
    clock: Clock,
}

/// One model of one provider.
#[derive(Clone)]
pub(super) struct Candidate {
    pub(super) name: Arc<str>,
    pub(super) provider: Arc<dyn Provider>,
    /// The vendor's name of the model.
    pub(super) model: String,
    pub(super) max_retries: u32,
    pub(super) health: Arc<Health>,
}

/// A reply that has begun.
pub struct Opened {
    /// The provider that answers, by its name in the configuration.
    pub provider: String,
    /// The vendor's name of the model that was asked.
    pub model: String,
    /// The reply from its first event on.
    pub stream: ModelStream,
}

/// No candidate began to answer: how the first of them, which the caller asked for, failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{provider}: {error}")]
pub struct OpenError {
    /// The provider, by its name in the configuration.
    pub provider: String,
    /// The vendor's name of the model.
    pub model: String,
    /// Its latest failure.
    pub error: ProviderError,
}

impl Plan {
    pub(super) fn new(candidates: Vec<Candidate>, clock: Clock) -> Self {
        debug_assert!(!candidates.is_empty(), "a plan holds the model that was asked for");
        Self { candidates, clock }
    }

    /// The vendor's name of the model that the caller asked for.
    pub fn asked(&self) -> &str {
        &self.candidates[0].model
    }

    /// Every provider and model in the order in which they are asked.
    pub fn candidates(&self) -> impl Iterator<Item = (&str, &str)> {
        self.candidates.iter().map(|candidate| (&*candidate.name, candidate.model.as_str()))
    }

    /// Asks until a reply begins; `request.model` is replaced by each candidate's. The next candidate is asked only where
    /// the one before cannot be reached, fails or does not accept our key: a refused request would be refused again.
    pub async fn open(&self, request: &mut ModelRequest) -> Result<Opened, OpenError> {
        let mut first_failure = None;
        for candidate in &self.candidates {
            request.model.clone_from(&candidate.model);
            match candidate.open(request, &self.clock).await {
                Ok(stream) => {
                    let (provider, model) = (candidate.name.to_string(), request.model.clone());
                    return Ok(Opened { provider, model, stream });
                }
                Err(error) => {
                    let another_may_answer = error.is_transient() || error.kind == ProviderErrorKind::Unauthorized;
                    first_failure.get_or_insert_with(|| candidate.failed(error));
                    if !another_may_answer {
                        break;
                    }
                }
            }
        }
        Err(first_failure.expect("a plan holds a candidate, and none has answered"))
    }
}

impl Candidate {
    /// Whether both stand for one model of one provider.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.model == other.model
    }

    async fn open(&self, request: &ModelRequest, clock: &Clock) -> Result<ModelStream, ProviderError> {
        let mut retries = 0;
        loop {
            let error = match self.begin(request, clock).await {
                Ok(stream) => return Ok(stream),
                Err(error) => error,
            };
            self.health.note(Err(&error), clock);
            let may_pass = error.is_transient() && retries < self.max_retries;
            let wait = if may_pass {
                wait_before(retries, error.retry_after, u16::from_ne_bytes(clock.random()))
            } else {
                None
            };
            // The vendor's words go to the caller, not into the log: they may quote what was said.
            let (provider, model, kind) = (&self.name, &self.model, error.kind);
            let Some(wait) = wait else {
                warn!(%provider, model, ?kind, retries, "the provider {provider} gave no reply");
                return Err(error);
            };
            let wait_ms = wait.as_millis();
            warn!(%provider, model, ?kind, retries, wait_ms, "the provider {provider} failed; asking again in {wait_ms} ms");
            clock.sleep(wait).await;
            retries += 1;
        }
    }

    /// Asks once and reads up to the first text, call or end; holds no more than one [`ModelEvent::Progress`] beside it.
    async fn begin(&self, request: &ModelRequest, clock: &Clock) -> Result<ModelStream, ProviderError> {
        let mut rest = self.provider.stream(request).await?;
        let mut progress = None;
        let first = loop {
            match rest.next().await {
                Some(Ok(event @ ModelEvent::Progress { .. })) => progress = Some(event),
                Some(event) => break event?,
                None => return Err(ProviderError::new(ProviderErrorKind::Broken, "the reply ended before it began")),
            }
        };
        let (health, clock) = (Arc::clone(&self.health), clock.clone());
        let held = progress.into_iter().chain([first]).map(Ok);
        let whole = stream::iter(held).chain(rest).inspect(move |event| health.note(event.as_ref(), &clock));
        Ok(Box::pin(whole))
    }

    fn failed(&self, error: ProviderError) -> OpenError {
        OpenError { provider: self.name.to_string(), model: self.model.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ToolCall;
    use async_trait::async_trait;
    use futures_util::FutureExt;
    use openclaw_core::{FinishReason, ProviderHealth, Timestamp, Usage};
    use std::sync::Mutex;
    use std::time::Duration;

    type Outcome = Result<Vec<Result<ModelEvent, ProviderError>>, ProviderError>;

    /// Answers each call with the next outcome of its script.
    struct Scripted(Mutex<Vec<Outcome>>);

    #[async_trait]
    impl Provider for Scripted {
        async fn stream(&self, _: &ModelRequest) -> Result<ModelStream, ProviderError> {
            let events = self.0.lock().expect("no panic").remove(0)?;
            Ok(Box::pin(stream::iter(events)))
        }
    }

    fn candidate(name: &str, max_retries: u32, script: Vec<Outcome>) -> Candidate {
        let provider = Arc::new(Scripted(Mutex::new(script)));
        Candidate { name: name.into(), provider, model: format!("{name}-1"), max_retries, health: Arc::default() }
    }

    fn error(kind: ProviderErrorKind) -> ProviderError {
        ProviderError::new(kind, format!("{kind:?}"))
    }

    fn text(text: &str) -> ModelEvent {
        ModelEvent::Text(text.into())
    }

    fn progress() -> ModelEvent {
        ModelEvent::Progress { model: "m".into(), usage: Usage::default() }
    }

    fn done() -> ModelEvent {
        ModelEvent::Done { model: "m".into(), usage: None, finish_reason: FinishReason::Stop }
    }

    /// Opens a plan, moving the clock on by 10 s whenever it waits; gives the outcome and how often it waited.
    fn open(candidates: Vec<Candidate>, clock: &Clock) -> (Result<Opened, OpenError>, u32) {
        let plan = Plan::new(candidates, clock.clone());
        let mut request = ModelRequest::default();
        let mut opening = Box::pin(plan.open(&mut request));
        for waits in 0..10 {
            if let Some(outcome) = (&mut opening).now_or_never() {
                return (outcome, waits);
            }
            clock.advance(Duration::from_secs(10));
        }
        panic!("it waits for ever");
    }

    fn read(opened: Opened) -> Vec<Result<ModelEvent, ProviderError>> {
        opened.stream.collect().now_or_never().expect("everything is there")
    }

    #[test]
    fn what_breaks_before_the_first_text_is_asked_again_and_what_breaks_later_is_told() {
        let clock = Clock::manual(Timestamp::default());
        let broken = error(ProviderErrorKind::Broken);
        let script = vec![
            Err(error(ProviderErrorKind::Failed)),
            Ok(vec![Ok(progress()), Err(broken.clone())]),
            Ok(vec![Ok(progress()), Ok(progress()), Ok(text("a")), Ok(progress()), Err(broken.clone())]),
        ];
        let one = candidate("one", 2, script);
        let health = Arc::clone(&one.health);
        let (opened, waits) = open(vec![one, candidate("two", 0, vec![])], &clock);
        let opened = opened.expect("the third call answers");
        assert_eq!((opened.provider.as_str(), opened.model.as_str(), waits), ("one", "one-1", 2));
        assert_eq!(read(opened), [Ok(progress()), Ok(text("a")), Ok(progress()), Err(broken)]);
        assert_eq!(health.read(), (ProviderHealth::Down, Some(clock.now())));
    }

    #[test]
    fn a_reply_begins_with_its_first_call_too() {
        let clock = Clock::manual(Timestamp::default());
        let call = ModelEvent::ToolCall(ToolCall { id: "1".into(), name: "look".into(), arguments: "{}".into() });
        let broken = error(ProviderErrorKind::Broken);
        let script = vec![Ok(vec![Ok(progress()), Ok(call.clone()), Err(broken.clone())])];
        let (opened, waits) = open(vec![candidate("one", 2, script)], &clock);
        let events = read(opened.expect("it has begun"));
        assert_eq!((events, waits), (vec![Ok(progress()), Ok(call), Err(broken)], 0));
    }

    #[test]
    fn the_next_candidate_is_asked_once_retries_are_spent_or_are_of_no_use() {
        let clock = Clock::manual(Timestamp::default());
        let long =
            ProviderError { retry_after: Some(Duration::from_secs(61)), ..error(ProviderErrorKind::RateLimited) };
        for (first, retries, waits_expected) in [
            (vec![Err(error(ProviderErrorKind::Unreachable)); 2], 1, 1),
            (vec![Err(error(ProviderErrorKind::Unauthorized))], 5, 0),
            (vec![Err(long)], 5, 0),
        ] {
            let two = candidate("two", 0, vec![Ok(vec![Ok(done())])]);
            let health = Arc::clone(&two.health);
            let (opened, waits) = open(vec![candidate("one", retries, first), two], &clock);
            let opened = opened.expect("the second answers");
            assert_eq!((opened.model.as_str(), waits), ("two-1", waits_expected));
            assert_eq!(read(opened), [Ok(done())]);
            assert_eq!(health.read().0, ProviderHealth::Up);
        }
    }

    #[test]
    fn a_refusal_goes_straight_to_the_caller() {
        let clock = Clock::manual(Timestamp::default());
        let one = candidate("one", 5, vec![Err(error(ProviderErrorKind::Refused))]);
        let (opened, waits) = open(vec![one, candidate("two", 0, vec![])], &clock);
        let failure = opened.err().expect("refused");
        assert_eq!((failure.provider.as_str(), failure.error.kind, waits), ("one", ProviderErrorKind::Refused, 0));
    }

    #[test]
    fn when_all_fail_the_caller_is_told_of_the_model_that_was_asked_for() {
        let clock = Clock::manual(Timestamp::default());
        let one = candidate("one", 0, vec![Err(error(ProviderErrorKind::Failed))]);
        let two = candidate("two", 0, vec![Ok(vec![])]);
        let failure = open(vec![one, two], &clock).0.err().expect("both fail");
        assert_eq!(failure.to_string(), "one: Failed");
    }
}
