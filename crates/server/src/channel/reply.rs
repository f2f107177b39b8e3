//! One message on its way: a turn, then its reply, part by part, each sent at most once.

use std::sync::Arc;
use std::time::Duration;

use openclaw_core::ChatRequest;

use super::{Incoming, IncomingMessage, Outgoing, Post, Sent};
use crate::service::chat::{self, Received};
use crate::service::{Caller, ServiceError};
use crate::store::{ChannelMessage, SendPhase, StoreError};

/// How often it is shown that an answer is being written; platforms show it for some 5 s.
const TYPING_EVERY: Duration = Duration::from_secs(4);
/// The waits before something is tried again; the last one again and again.
const WAITS: [Duration; 5] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_mins(1),
];
/// The longest wait that a platform may ask for.
const ASKED_MAX: Duration = Duration::from_hours(1);
/// How often a turn is tried that could not begin: some ten minutes.
const TURN_TRIES: usize = 12;
/// How old a message may become before its reply is given up, 24 hours.
const AGE_MS_MAX: i64 = 86_400_000;

/// Stands in the place of a part that may have arrived or not.
const IN_DOUBT: &str = "I was interrupted just as I sent you an answer. If it is not above, please ask me again.\n\n\
    发送回复时被中断。如果上面没有看到回复,请再问一次。";
/// Stands in the place of a reply that there is none of.
const FAILED: &str = "Sorry, I cannot answer that now. Please try again later.\n\n抱歉,现在无法回答,请稍后再试。";

/// A message and what it says.
pub(super) struct Errand {
    pub(super) chat: String,
    pub(super) message: ChannelMessage,
    pub(super) incoming: Incoming,
}

/// Why a message is left for later, as it stands in the store.
enum Left {
    Stopped,
    Store(StoreError),
}

impl From<StoreError> for Left {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Answers a message, trying until it has ended or the channel stops. What is left goes on at the next start.
pub(super) async fn run(post: Post, mut errand: Errand) -> Errand {
    for tries in 0.. {
        match answer(&post, &mut errand).await {
            Ok(outcome) => {
                post.app.metrics.channel_message(post.channel.name(), outcome);
                break;
            }
            Err(Left::Stopped) => break,
            Err(Left::Store(error)) => {
                tracing::warn!(%error, channel = post.channel.name(), "a message could not be moved on; trying again");
                post.pause(wait(tries)).await;
            }
        }
        if post.stopped.is_cancelled() {
            break;
        }
    }
    errand
}

/// Brings a message from where it stands to its end; says how it ended.
async fn answer(post: &Post, errand: &mut Errand) -> Result<&'static str, Left> {
    let (reply, reply_to) = match &errand.incoming {
        Incoming::Ignored => (String::new(), None),
        Incoming::Told { words, message, .. } => ((*words).to_owned(), Some(message.clone())),
        Incoming::Message(read) => match &errand.message.reply {
            Some(reply) if reply.trim().is_empty() => (FAILED.to_owned(), Some(read.message.clone())),
            Some(reply) => (reply.clone(), Some(read.message.clone())),
            None => (ask(post, &errand.message, read).await?, Some(read.message.clone())),
        },
    };
    errand.message.reply = Some(reply.clone());
    let mut outcome = "answered";
    for (index, part) in post.channel.parts(&reply).iter().enumerate() {
        if index < errand.message.sent as usize {
            continue;
        }
        match send_part(post, errand, part, reply_to.as_deref()).await? {
            "answered" => {}
            other => outcome = other,
        }
    }
    post.app.store.end_message(errand.message.row, post.app.clock.now()).await?;
    Ok(outcome)
}

/// Asks the model, showing meanwhile that it is being asked; a failure becomes a reply in words of our own.
async fn ask(post: &Post, message: &ChannelMessage, read: &IncomingMessage) -> Result<String, Left> {
    for tries in 0..TURN_TRIES {
        let error = match turn(post, message, read).await {
            Ok(reply) if reply.trim().is_empty() => return Ok(FAILED.to_owned()),
            Ok(reply) => return Ok(reply),
            Err(error) => error,
        };
        if post.app.tasks.draining().is_cancelled() {
            return Err(Left::Stopped);
        }
        if !is_passing(&error) {
            tracing::warn!(%error, channel = post.channel.name(), "a message got no reply");
            break;
        }
        post.pause(wait(tries)).await;
        if post.stopped.is_cancelled() {
            return Err(Left::Stopped);
        }
    }
    post.app.store.keep_reply(message.row, FAILED.to_owned()).await?;
    Ok(FAILED.to_owned())
}

async fn turn(post: &Post, message: &ChannelMessage, read: &IncomingMessage) -> Result<String, ServiceError> {
    let request = ChatRequest {
        session_id: Some(format!("{}:{}", post.channel.name(), read.chat)),
        message: read.text.clone(),
        context: Some(read.context.clone()),
        channel: Some(post.channel.name().to_owned()),
        user: Some(read.user.clone()),
        ..ChatRequest::default()
    };
    let caller = Caller::Channel(Arc::from(post.channel.account()));
    let received = Received { row: message.row, message_id: message.message_id.clone() };
    let reply = async {
        chat::start_received(&post.app, &caller, request, received).await?.whole().await.map(|(reply, _)| reply.content)
    };
    let typing = async {
        loop {
            post.channel.show_typing(&read.chat).await;
            post.app.clock.sleep(TYPING_EVERY).await;
        }
    };
    tokio::select! {
        reply = reply => reply,
        () = typing => Err(ServiceError::Internal("typing has no end".into())),
    }
}

/// Whether the turn may begin if it is tried again: nobody was asked yet.
fn is_passing(error: &ServiceError) -> bool {
    matches!(error, ServiceError::Conflict { passing: true, .. } | ServiceError::Overloaded { .. })
}

/// Sends a part, or in its place that it may have arrived or not.
async fn send_part(post: &Post, errand: &mut Errand, part: &str, reply_to: Option<&str>) -> Result<&'static str, Left> {
    // Only a crash, or a store that failed, leaves a part marked as being sent.
    if errand.message.phase == SendPhase::Sending {
        mark(post, errand, 0, SendPhase::Doubt).await?;
    }
    for tries in 0.. {
        let is_in_doubt = errand.message.phase == SendPhase::Doubt;
        if !is_in_doubt {
            mark(post, errand, 0, SendPhase::Sending).await?;
        }
        let (reply_to, text) = if is_in_doubt { (reply_to, IN_DOUBT) } else { (None, part) };
        let outgoing = Outgoing { chat: &errand.chat, reply_to, text };
        let (why, asked) = match post.channel.send(outgoing).await {
            Sent::Taken => {
                mark(post, errand, 1, SendPhase::Idle).await?;
                return Ok(if is_in_doubt { "in_doubt" } else { "answered" });
            }
            Sent::Refused(why) => {
                tracing::warn!(channel = post.channel.name(), why, "a reply is given up");
                mark(post, errand, 1, SendPhase::Idle).await?;
                return Ok("given_up");
            }
            Sent::Later(asked, why) => {
                let phase = if is_in_doubt { SendPhase::Doubt } else { SendPhase::Idle };
                mark(post, errand, 0, phase).await?;
                (why, asked)
            }
            Sent::Unknown(why) => {
                mark(post, errand, 0, SendPhase::Doubt).await?;
                (why, None)
            }
        };
        tracing::warn!(channel = post.channel.name(), why, "a reply could not be sent; trying again");
        let age = post.app.clock.now().as_millis() - errand.message.created_at.as_millis();
        if age > AGE_MS_MAX {
            mark(post, errand, 1, SendPhase::Idle).await?;
            return Ok("given_up");
        }
        post.pause(asked.map_or_else(|| wait(tries), |asked| asked.min(ASKED_MAX))).await;
        if post.stopped.is_cancelled() {
            return Err(Left::Stopped);
        }
    }
    Err(Left::Stopped)
}

/// Writes down how the reply stands, and remembers it.
async fn mark(post: &Post, errand: &mut Errand, settled: u32, phase: SendPhase) -> Result<(), Left> {
    let sent = errand.message.sent + settled;
    post.app.store.mark_sent(errand.message.row, sent, phase).await?;
    (errand.message.sent, errand.message.phase) = (sent, phase);
    Ok(())
}

fn wait(tries: usize) -> Duration {
    WAITS[tries.min(WAITS.len() - 1)]
}
