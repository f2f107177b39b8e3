//! Chat: one message in, one reply out.
//!
//! Order of events: [`start`] checks the request, waits for the session to be free and spawns the turn as a task of its
//! own ([`turn`]); the task stores the message, asks the model, passes pieces on as they come, stores the reply and says
//! so. Whoever reads the [`Reply`] may stop at any time: dropping it is hanging up, which stops the vendor too and keeps
//! what had come.

pub(super) mod check;
mod history;
mod turn;

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::{ChatRequest, ChatResponse, IdKind, Scope};
use tokio::sync::{mpsc, oneshot};

use super::{Caller, ServiceError, idempotency};
use crate::app::App;
use turn::Turn;

/// Pieces of a reply that may wait for a slow reader; then the vendor waits too.
const UPDATES_MAX: usize = 64;

/// A reply as it comes.
#[derive(Debug)]
pub struct Reply {
    /// The reply's message id.
    pub id: String,
    /// The session it belongs to.
    pub session_id: String,
    /// The gateway's own share of the time until the message was stored.
    pub stored_after: Duration,
    /// The pieces; the last one is [`Update::Done`] or [`Update::Failed`].
    pub updates: mpsc::Receiver<Update>,
}

/// A piece of a reply.
#[derive(Debug)]
pub enum Update {
    /// The next text.
    Text(String),
    /// The whole reply, now on disk.
    Done(Box<ChatResponse>, Timing),
    /// There will be no whole reply.
    Failed(ServiceError),
}

/// How a caller wants the reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Piece by piece, then the end.
    Pieces,
    /// The end alone: nobody is woken for pieces.
    Whole,
}

/// A message that a channel received, on which a turn may have been begun before.
#[derive(Clone, Debug)]
pub struct Received {
    /// The store's handle of it.
    pub row: i64,
    /// The id that its message has.
    pub message_id: String,
}

/// Where the time of a turn went.
#[derive(Clone, Copy, Debug, Default)]
pub struct Timing {
    /// The gateway's own share.
    pub gateway: Duration,
    /// Waiting for the vendor.
    pub provider: Duration,
}

/// Stores a message and starts to answer it. Returns once the message is on disk.
///
/// If the future is dropped before that, either nothing is stored or the turn ends as cancelled.
pub async fn start(
    app: &Arc<App>,
    caller: &Caller,
    request: ChatRequest,
    idempotency_key: Option<String>,
    wanted: Wanted,
) -> Result<Reply, ServiceError> {
    begin(app, caller, request, idempotency_key, wanted, None).await
}

/// Stores a message that a channel received and starts to answer it; a try that was cut off goes on, nothing is stored or
/// told twice. The whole reply is kept for the channel in the transaction that ends the turn.
pub async fn start_received(
    app: &Arc<App>,
    caller: &Caller,
    request: ChatRequest,
    received: Received,
) -> Result<Reply, ServiceError> {
    begin(app, caller, request, None, Wanted::Whole, Some(received)).await
}

async fn begin(
    app: &Arc<App>,
    caller: &Caller,
    request: ChatRequest,
    idempotency_key: Option<String>,
    wanted: Wanted,
    received: Option<Received>,
) -> Result<Reply, ServiceError> {
    let began = app.clock.instant();
    caller.require(Scope::Chat)?;
    check::request(&request)?;
    idempotency::check(idempotency_key.as_deref())?;
    if app.tasks.draining().is_cancelled() {
        return Err(ServiceError::Overloaded { code: "shutting_down", message: "the gateway is shutting down".into() });
    }
    let live = app.live.load_full();
    let context = request.context.as_ref();
    let plan = live
        .providers
        .resolve(context.and_then(|context| context.model.as_deref()))
        .map_err(|unknown| check::model(&unknown))?;
    let session_id = request.session_id.clone().unwrap_or_else(|| app.clock.id(IdKind::Session));
    let lane = app
        .lanes
        .enter(caller.workspace(), &session_id, live.config.sessions.queue_max)
        .await
        .map_err(|_| check::busy(&session_id, live.config.sessions.queue_max))?;

    let (updates, receiver) = mpsc::channel(UPDATES_MAX);
    let (stored, begun) = oneshot::channel();
    let turn = Turn::new(app, caller, live, plan, session_id.clone(), request, idempotency_key, began, wanted, updates)
        .of_channel(received);
    // Boxed, so that kilobytes of its state are moved once and not at every step on the way into the task.
    let running = Box::pin(turn.run(stored));
    app.tasks.spawn(async move {
        running.await;
        drop(lane);
    });
    let id = begun.await.unwrap_or_else(|_| Err(ServiceError::Internal("the turn ended without a word".into())))?;
    Ok(Reply { id, session_id, stored_after: began.elapsed(), updates: receiver })
}

impl Reply {
    /// Waits for the whole reply. Dropping the future hangs up.
    pub async fn whole(mut self) -> Result<(ChatResponse, Timing), ServiceError> {
        while let Some(update) = self.updates.recv().await {
            match update {
                Update::Text(_) => {}
                Update::Done(response, timing) => return Ok((*response, timing)),
                Update::Failed(error) => return Err(error),
            }
        }
        Err(ServiceError::Internal("the turn ended without an end".into()))
    }
}
