//! A turn at work, in a task of its own.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use openclaw_core::event::{MessageEvent, SessionEvent};
use openclaw_core::{ChatContext, ChatRequest, ChatResponse, EventName, FinishReason, IdKind, MessageStatus, Usage};
use serde::Serialize;
use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};

use super::super::{event, idempotency, usage};
use super::{Caller, Received, ServiceError, Timing, Update, Wanted, check, history};
use crate::app::{App, Live};
use crate::provider::{ModelEvent, ModelRequest, ModelStream, Plan, ProviderError, ProviderErrorKind};
use crate::store::{BegunTurn, EndTurn, Ending, NewReply, NewTurn, OpenedTurn, StoreError};

/// How often a session in which another gateway answers is looked at.
const BUSY_LOOK_EVERY: Duration = Duration::from_millis(50);

/// Where a message comes from when its caller does not say.
const CHANNEL_DEFAULT: &str = "api";
/// How often an ending is offered to a store that has too much to do, and how long apart: some ten seconds in all.
const END_TRIES: u32 = 10;
const END_WAIT: Duration = Duration::from_secs(1);
/// How long a vendor may take to close an answer that is whole.
const LAST_BYTES_WAIT: Duration = Duration::from_secs(1);

/// A message on its way to a reply.
pub(super) struct Turn {
    app: Arc<App>,
    live: Arc<Live>,
    plan: Plan,
    workspace: String,
    key_id: String,
    session_id: String,
    message_id: String,
    reply_id: String,
    request: ChatRequest,
    channel: String,
    idempotency_key: Option<String>,
    began: Instant,
    wanted: Wanted,
    updates: mpsc::Sender<Update>,
    /// The channel's message that this answers.
    received: Option<Received>,
}

/// What has come of the reply so far.
#[derive(Default)]
struct Progress {
    content: String,
    provider: Option<String>,
    model: Option<String>,
    usage: Option<Usage>,
    provider_wait: Duration,
}

impl Turn {
    /// Gathers what the turn needs; nothing happens yet.
    #[expect(clippy::too_many_arguments, reason = "the one place where a turn is put together")]
    pub(super) fn new(
        app: &Arc<App>,
        caller: &Caller,
        live: Arc<Live>,
        plan: Plan,
        session_id: String,
        request: ChatRequest,
        idempotency_key: Option<String>,
        began: Instant,
        wanted: Wanted,
        updates: mpsc::Sender<Update>,
    ) -> Self {
        Self {
            live,
            plan,
            workspace: caller.workspace().to_owned(),
            key_id: caller.key_id().to_owned(),
            session_id,
            message_id: app.clock.id(IdKind::Message),
            reply_id: app.clock.id(IdKind::Message),
            channel: request.channel.clone().unwrap_or_else(|| CHANNEL_DEFAULT.to_owned()),
            request,
            idempotency_key,
            began,
            wanted,
            updates,
            received: None,
            app: Arc::clone(app),
        }
    }

    /// The same for a message that a channel received and that has its id already.
    pub(super) fn of_channel(mut self, received: Option<Received>) -> Self {
        if let Some(received) = &received {
            self.message_id.clone_from(&received.message_id);
        }
        self.received = received;
        self
    }

    /// Stores the message, says so by `stored`, then answers it to the end.
    pub(super) async fn run(self, stored: oneshot::Sender<Result<String, ServiceError>>) {
        let opened = match self.begin_in_turn().await {
            Ok(BegunTurn::Begun(opened)) => opened,
            Ok(BegunTurn::Replayed(answer)) => return self.replay(&answer, stored).await,
            Ok(BegunTurn::InProgress) => {
                let message = "the same call is being answered now: ask again in a second".into();
                let code = "idempotency_in_progress";
                let _ = stored.send(Err(ServiceError::Conflict { code, message, passing: true }));
                return;
            }
            Ok(BegunTurn::KeyReused) => {
                let _ = stored.send(Err(idempotency::key_reused()));
                return;
            }
            Ok(BegunTurn::Busy) => {
                let _ = stored.send(Err(check::answered_elsewhere(&self.session_id)));
                return;
            }
            Err(error) => {
                let _ = stored.send(Err(error));
                return;
            }
        };
        self.app.event_stored.ring();
        self.app.metrics.turn_begun();
        let _ = stored.send(Ok(self.reply_id.clone()));
        self.answer(opened).await;
    }

    /// Begins once no other gateway answers in the session, which is looked at again and again for as long as a call may take.
    async fn begin_in_turn(&self) -> Result<BegunTurn, ServiceError> {
        let limit = Duration::from_secs(self.live.config.gateway.api.request_timeout_seconds);
        loop {
            let begun = self.begin().await?;
            if !matches!(begun, BegunTurn::Busy) || self.began.elapsed() > limit {
                return Ok(begun);
            }
            tokio::select! {
                () = self.app.clock.sleep(BUSY_LOOK_EVERY) => {}
                () = self.updates.closed() => return Ok(begun),
                () = self.app.tasks.draining().cancelled() => return Ok(begun),
            }
        }
    }

    async fn begin(&self) -> Result<BegunTurn, ServiceError> {
        let now = self.app.clock.now();
        let retention = &self.live.config.storage.retention;
        let claim = |key: &String| idempotency::claim(retention, key.clone(), request_hash(&self.request), now);
        let claim = self.idempotency_key.as_ref().map(claim);
        let created = SessionEvent { session_id: self.session_id.clone(), channel: self.channel.clone() };
        let received = self.message_event(&self.message_id, &self.request.message);
        Ok(self
            .app
            .store
            .begin_turn(NewTurn {
                workspace: self.workspace.clone(),
                key_id: self.key_id.clone(),
                session_id: self.session_id.clone(),
                message_id: self.message_id.clone(),
                content: self.request.message.clone(),
                channel: self.channel.clone(),
                user: self.request.user.clone(),
                metadata: self.request.metadata.clone(),
                model: self.plan.asked().to_owned(),
                session_created: event::new(&self.app, EventName::SessionCreated, now, created),
                message_received: event::new(&self.app, EventName::MessageReceived, now, received),
                history: history::bounds(&self.live.config.sessions),
                idempotency: claim,
                may_be_stored: self.received.is_some(),
                now,
            })
            .await?)
    }

    /// Gives the stored answer of the same call again.
    async fn replay(self, answer: &str, stored: oneshot::Sender<Result<String, ServiceError>>) {
        let Ok(response) = serde_json::from_str::<ChatResponse>(answer) else {
            let _ = stored.send(Err(ServiceError::Internal("a stored answer cannot be read".into())));
            return;
        };
        let _ = stored.send(Ok(response.id.clone()));
        if self.wanted == Wanted::Pieces {
            let _ = self.updates.send(Update::Text(response.content.clone())).await;
        }
        let timing = Timing { gateway: self.began.elapsed(), provider: Duration::ZERO };
        let _ = self.updates.send(Update::Done(Box::new(response), timing)).await;
    }

    /// Asks the model and ends the turn, whatever happens meanwhile.
    async fn answer(self, opened: OpenedTurn) {
        let session = opened.session;
        let request = self.model_request(opened);
        let prompt_bytes = request.bytes();
        let mut progress = Progress::default();
        let limit = Duration::from_secs(self.live.config.gateway.api.request_timeout_seconds);
        let outcome = tokio::select! {
            biased;
            outcome = AssertUnwindSafe(self.relay(request, &mut progress)).catch_unwind() => outcome
                .unwrap_or_else(|_| Err(Cut::Fault("a provider panicked".into()))),
            () = self.updates.closed() => Err(Cut::HungUp),
            () = self.app.tasks.aborting().cancelled() => Err(Cut::ShutDown),
            () = self.app.clock.sleep(limit.saturating_sub(self.began.elapsed())) => Err(Cut::TooLong(limit)),
        };
        if let Err(Cut::Vendor(provider, error)) = &outcome
            && matches!(error.kind, ProviderErrorKind::Unreachable | ProviderErrorKind::Unauthorized)
        {
            event::announce_fault(
                &self.app,
                "provider_down",
                format!("the provider {provider} gives no replies: {error}"),
            )
            .await;
        }
        let update = self.end(session, prompt_bytes, progress, outcome).await;
        let _ = self.updates.send(update).await;
    }

    /// Passes the reply on as it comes. Dropping the future closes the vendor's connection.
    async fn relay(&self, mut request: ModelRequest, progress: &mut Progress) -> Result<FinishReason, Cut> {
        let clock = &self.app.clock;
        let asked = clock.instant();
        let opened = self.plan.open(&mut request).await;
        progress.provider_wait += asked.elapsed();
        let mut opened = opened.map_err(|failure| Cut::Vendor(failure.provider, failure.error))?;
        progress.provider = Some(opened.provider.clone());
        progress.model = Some(opened.model.clone());
        loop {
            let asked = clock.instant();
            let event = opened.stream.next().await;
            progress.provider_wait += asked.elapsed();
            match event {
                Some(Ok(ModelEvent::Text(text))) => {
                    progress.content.push_str(&text);
                    if self.wanted == Wanted::Pieces {
                        self.updates.send(Update::Text(text)).await.map_err(|_| Cut::HungUp)?;
                    }
                }
                // No tools were offered, so nobody could call one.
                Some(Ok(ModelEvent::ToolCall(_))) => {}
                Some(Ok(ModelEvent::Progress { model, usage })) => {
                    progress.model = Some(model);
                    progress.usage = Some(usage);
                }
                Some(Ok(ModelEvent::Done { model, usage, finish_reason })) => {
                    progress.model = Some(model);
                    progress.usage = usage;
                    self.let_end(opened.stream);
                    return Ok(finish_reason);
                }
                Some(Err(error)) => return Err(Cut::Vendor(opened.provider, error)),
                None => {
                    let message = "the reply broke off before its end";
                    let error = ProviderError::new(ProviderErrorKind::Broken, message);
                    return Err(Cut::Vendor(opened.provider, error));
                }
            }
        }
    }

    /// Lets the vendor close its answer in good order, so that the connection is used again; nobody waits for it.
    fn let_end(&self, mut stream: ModelStream) {
        if stream.next().now_or_never().is_some() {
            return;
        }
        let clock = self.app.clock.clone();
        self.app.tasks.spawn(async move {
            let _ = clock.timeout(LAST_BYTES_WAIT, stream.next()).await;
        });
    }

    /// Books the ending and says how it ended.
    async fn end(
        &self,
        session: i64,
        prompt_bytes: usize,
        progress: Progress,
        outcome: Result<FinishReason, Cut>,
    ) -> Update {
        let now = self.app.clock.now();
        let whole = outcome.is_ok();
        let estimated = !whole || progress.usage.is_none();
        let usage = booked_usage(&progress, prompt_bytes, whole);
        let model = progress.model.unwrap_or_else(|| self.plan.asked().to_owned());
        let (ending, status) = match &outcome {
            Ok(_) => (Ending::Completed, MessageStatus::Complete),
            Err(Cut::Vendor(..) | Cut::Fault(_)) => (Ending::Failed, MessageStatus::Failed),
            Err(Cut::HungUp | Cut::ShutDown | Cut::TooLong(_)) => (Ending::Cancelled, MessageStatus::Cancelled),
        };
        let response = outcome.as_ref().ok().map(|finish_reason| ChatResponse {
            id: self.reply_id.clone(),
            session_id: self.session_id.clone(),
            content: progress.content.clone(),
            model: model.clone(),
            usage,
            timestamp: now,
            finish_reason: *finish_reason,
        });
        let message_sent = response.as_ref().map(|response| {
            let sent = MessageEvent {
                reply_to: Some(self.message_id.clone()),
                model: Some(response.model.clone()),
                usage: Some(usage),
                ..self.message_event(&self.reply_id, &response.content)
            };
            event::new(&self.app, EventName::MessageSent, now, sent)
        });
        let reply = (whole || !progress.content.is_empty()).then(|| NewReply {
            id: self.reply_id.clone(),
            content: progress.content,
            status,
            finish_reason: outcome.as_ref().ok().copied(),
            channel: self.channel.clone(),
            message_sent,
        });
        let end = EndTurn {
            workspace: self.workspace.clone(),
            message_id: self.message_id.clone(),
            session,
            ending,
            model: model.clone(),
            provider: progress.provider,
            usage,
            estimated,
            reply,
            idempotency: self.idempotency_key.clone().map(|key| (key, response.as_ref().map(json))),
            answers: self.received.as_ref().map(|received| received.row),
            now,
        };
        let stored = self.store_end(end).await;
        self.app.event_stored.ring();
        let total = self.began.elapsed();
        let gateway = total.saturating_sub(progress.provider_wait);
        self.app.metrics.turn_ended(ending.as_str(), gateway, progress.provider_wait);
        self.app.metrics.tokens(&model, usage);
        match (stored, outcome, response) {
            (Err(error), _, _) => Update::Failed(error.into()),
            // What was not stored is not acknowledged.
            (Ok(false), Ok(_), _) => Update::Failed(ServiceError::Overloaded {
                code: "store_contended",
                message: "this gateway stood still for longer than its lease, and another one has booked the turn as crashed: ask again"
                    .into(),
            }),
            (Ok(true), Ok(_), Some(response)) => {
                Update::Done(Box::new(response), Timing { gateway, provider: progress.provider_wait })
            }
            (Ok(_), Err(cut), _) => Update::Failed(cut.into_error()),
            (Ok(true), Ok(_), None) => Update::Failed(ServiceError::Internal("a whole reply without a response".into())),
        }
    }

    /// Offers the ending again while the store has too much to do or no room: what was used must be booked. `false` if somebody else
    /// has ended the turn.
    async fn store_end(&self, end: EndTurn) -> Result<bool, StoreError> {
        for _ in 1..END_TRIES {
            match self.app.store.end_turn(end.clone()).await {
                Err(StoreError::Overloaded | StoreError::Full) => self.app.clock.sleep(END_WAIT).await,
                outcome => return outcome,
            }
        }
        self.app.store.end_turn(end).await
    }

    fn model_request(&self, opened: OpenedTurn) -> ModelRequest {
        let context = self.request.context.clone().unwrap_or_default();
        let ChatContext { temperature, max_tokens, system, .. } = context;
        ModelRequest {
            messages: history::conversation(opened.history, &self.request.message),
            system,
            temperature,
            max_tokens,
            ..ModelRequest::default()
        }
    }

    fn message_event(&self, message_id: &str, content: &str) -> MessageEvent {
        MessageEvent {
            session_id: self.session_id.clone(),
            message_id: message_id.to_owned(),
            content: content.to_owned(),
            channel: self.channel.clone(),
            user: self.request.user.clone(),
            reply_to: None,
            model: None,
            usage: None,
            metadata: self.request.metadata.clone(),
        }
    }
}

/// Why there is no whole reply.
enum Cut {
    Vendor(String, ProviderError),
    Fault(String),
    HungUp,
    ShutDown,
    TooLong(Duration),
}

impl Cut {
    fn into_error(self) -> ServiceError {
        match self {
            Self::Vendor(provider, error) => ServiceError::provider(&provider, error),
            Self::Fault(message) => ServiceError::Internal(message),
            Self::HungUp => ServiceError::Internal("the caller hung up".into()),
            Self::ShutDown => ServiceError::Overloaded {
                code: "shutting_down",
                message: "the gateway is shutting down; what had come of the reply is kept".into(),
            },
            Self::TooLong(limit) => ServiceError::TimedOut {
                code: "request_timeout",
                message: format!(
                    "the reply took longer than {} seconds (`gateway.api.request_timeout_seconds`); what had come is kept",
                    limit.as_secs()
                ),
            },
        }
    }
}

/// What the vendor counted; where it was cut off before it told, our estimate, never less than it had told.
fn booked_usage(progress: &Progress, prompt_bytes: usize, whole: bool) -> Usage {
    if let (true, Some(usage)) = (whole, progress.usage) {
        return usage;
    }
    let asked_bytes = if progress.provider.is_some() { prompt_bytes } else { 0 };
    usage::of_cut_off(progress.usage.unwrap_or_default(), asked_bytes, progress.content.len())
}

/// The same for the same call, streamed or not.
fn request_hash(request: &ChatRequest) -> [u8; 32] {
    Sha256::digest(json(&ChatRequest { stream: None, ..request.clone() })).into()
}

fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("our own types serialise")
}
