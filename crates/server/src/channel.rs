//! Channels: people write on a platform of theirs, and are answered there.
//!
//! Cast, for each account of a platform: the *receiver* fetches updates and stores them, before the platform is told that
//! they were received; the *dispatcher* takes what is stored, chat by chat, one message of a chat at a time and several
//! chats at once; a *reply* is one message on its way: a turn of the chat service, then its parts sent one after the other.
//! Order of events: update and message id are stored; the turn begins under that id; what ends the turn keeps the reply to
//! be sent; each part is marked before it is sent and after it was taken. After a crash all of it goes on where it stood: an
//! update is stored once, a turn cut off is opened again, and a part that was marked and not taken is never sent again, as
//! nobody knows whether it arrived: its place takes a line that says so.

mod dispatcher;
mod receiver;
mod reply;
mod telegram;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::{ChatContext, User};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::app::App;
use crate::config::ChannelsConfig;
use crate::store::StoreError;

/// How long to wait for an account that another gateway has, or for a store that fails.
const AGAIN_AFTER: Duration = Duration::from_secs(2);

/// A platform that people write on.
///
/// To add one: a file `channel/<name>.rs` with a type that implements this, its section in `config/channels.rs` with rules in
/// `config/check/channels.rs`, and its line in [`configured`]. What is stored, what is repeated, order, bounds and crashes
/// are seen to for every channel alike; a channel only speaks the platform's protocol. A platform that pushes has a route
/// in `http/channel.rs` that proves the sender and calls `service::channel::receive`; its [`fetch`](Self::fetch) then never
/// ends. Test it against a stand-in that is as strict as the platform.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Its name in events: `telegram`.
    fn name(&self) -> &'static str;

    /// Whose updates these are, different for each bot: `telegram:123456`.
    fn account(&self) -> &str;

    /// The most chats that are answered at once.
    fn chats_max(&self) -> usize;

    /// Gets ready to fetch or to be pushed to. Called before the first fetch, and again after each failure.
    async fn prepare(&self) -> Result<(), ChannelError>;

    /// Waits for updates, a bounded time, and gives them in order; those up to `confirmed` are stored, and the platform may
    /// forget them. Dropping the future loses nothing.
    async fn fetch(&self, confirmed: Option<i64>) -> Result<Vec<Update>, ChannelError>;

    /// What an update says; pure.
    fn read(&self, payload: &str) -> Incoming;

    /// A reply, which is Markdown, in parts that the platform takes; pure, never empty.
    fn parts(&self, reply: &str) -> Vec<String>;

    /// Sends a part.
    async fn send(&self, outgoing: Outgoing<'_>) -> Sent;

    /// Shows for some seconds that an answer is being written; fails unheard.
    async fn show_typing(&self, chat: &str);
}

/// What a platform tells, not read yet.
#[derive(Clone, Debug)]
pub struct Update {
    /// The platform's number of it.
    pub id: i64,
    /// The whole of it, JSON.
    pub payload: String,
}

/// What an update says.
#[derive(Clone, Debug)]
pub enum Incoming {
    /// A message to answer.
    Message(Box<IncomingMessage>),
    /// Something to be answered with words of our own.
    Told {
        /// The chat.
        chat: String,
        /// The platform's id of what is answered.
        message: String,
        /// Our words.
        words: &'static str,
    },
    /// Nothing for us.
    Ignored,
}

/// A message to answer.
#[derive(Clone, Debug)]
pub struct IncomingMessage {
    /// The platform's id of the chat; the session is `NAME:chat`.
    pub chat: String,
    /// The platform's id of the message.
    pub message: String,
    /// Who wrote it.
    pub user: User,
    /// What it says, not empty.
    pub text: String,
    /// How to answer.
    pub context: ChatContext,
}

/// A part to send.
#[derive(Clone, Copy, Debug)]
pub struct Outgoing<'a> {
    /// The chat.
    pub chat: &'a str,
    /// The message that it is shown to answer, if any.
    pub reply_to: Option<&'a str>,
    /// The part, Markdown.
    pub text: &'a str,
}

/// What became of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The platform has it.
    Taken,
    /// The platform does not have it, and will not take it.
    Refused(String),
    /// The platform does not have it; so long it wants to be left alone, if it says so.
    Later(Option<Duration>, String),
    /// Nobody knows.
    Unknown(String),
}

/// Why there are no updates.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Somebody else fetches the same account's updates.
    #[error("{0}")]
    Conflict(String),
    /// The credential is refused.
    #[error("{0}")]
    Denied(String),
    /// The platform wants to be left alone so long.
    #[error("it asks to wait {} s", .0.as_secs())]
    TooFast(Duration),
    /// It failed, or cannot be reached.
    #[error("{0}")]
    Failed(String),
}

/// Every channel that the configuration names.
fn configured(app: &Arc<App>, config: &ChannelsConfig) -> Vec<Arc<dyn Channel>> {
    telegram::Telegram::new(app, &config.telegram).into_iter().map(|bot| Arc::new(bot) as _).collect()
}

/// Runs until the gateway shuts down; a change of `channels` ends what runs in good order and begins anew.
pub async fn run(app: Arc<App>) {
    let mut reloaded = app.reloaded.listen();
    while !app.tasks.draining().is_cancelled() {
        let live = app.live.load_full();
        let config = &live.config.channels;
        let stopped = app.tasks.draining().child_token();
        let at_work = TaskTracker::new();
        for channel in configured(&app, config) {
            let post = Post { app: Arc::clone(&app), channel, stopped: stopped.clone() };
            app.tasks.spawn(at_work.track_future(receiver::run(post.clone())));
            app.tasks.spawn(at_work.track_future(dispatcher::run(post)));
        }
        while app.live.load().config.channels == *config && !stopped.is_cancelled() {
            tokio::select! {
                () = reloaded.heard() => {}
                () = stopped.cancelled() => {}
            }
        }
        stopped.cancel();
        at_work.close();
        at_work.wait().await;
    }
}

/// A channel at work.
#[derive(Clone)]
struct Post {
    app: Arc<App>,
    channel: Arc<dyn Channel>,
    /// Fires when the channel is to stop taking new work.
    stopped: CancellationToken,
}

impl Post {
    /// Whether this gateway has the account now.
    async fn holds(&self) -> Result<bool, StoreError> {
        self.app.store.take_lane(format!("channel {}", self.channel.account())).await
    }

    /// Waits, or until the channel is to stop.
    async fn pause(&self, wait: Duration) {
        tokio::select! {
            () = self.app.clock.sleep(wait) => {}
            () = self.stopped.cancelled() => {}
        }
    }
}
