//! Takes what is stored: the messages of a chat one after the other, several chats at once.

use std::collections::{HashMap, HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::reply::{self, Errand};
use super::{AGAIN_AFTER, Incoming, Post};
use crate::store::StoreError;

/// Messages held in memory; more wait in the store.
const HELD_MAX: usize = 1000;
/// How long after the last ring the store is looked at anyway: another gateway rings no bell here.
const LOOK_EVERY: Duration = Duration::from_secs(20);

type Working = Pin<Box<dyn Future<Output = Errand> + Send>>;

/// Runs until the channel stops, then lets what was begun come to a good end.
pub(super) async fn run(post: Post) {
    let mut stored = post.app.update_stored.listen();
    let mut chats = Chats::new(post.clone());
    while !post.stopped.is_cancelled() {
        let wait = match chats.take().await {
            Ok(()) => LOOK_EVERY,
            Err(error) => {
                tracing::warn!(%error, "received messages could not be read; trying again");
                AGAIN_AFTER
            }
        };
        chats.begin();
        tokio::select! {
            Some(errand) = chats.working.next() => chats.end(&errand),
            () = stored.heard() => {}
            () = post.app.clock.sleep(wait) => {}
            () = post.stopped.cancelled() => {}
        }
    }
    while chats.working.next().await.is_some() {}
}

/// The chats that somebody wrote in.
struct Chats {
    post: Post,
    /// Rows in memory.
    held: HashSet<i64>,
    /// What waits in each chat; one that is answered has an entry even if nothing waits.
    waiting: HashMap<String, VecDeque<Errand>>,
    /// Chats that could be answered now, longest first.
    ready: VecDeque<String>,
    working: FuturesUnordered<Working>,
}

impl Chats {
    fn new(post: Post) -> Self {
        Self {
            post,
            held: HashSet::new(),
            waiting: HashMap::new(),
            ready: VecDeque::new(),
            working: FuturesUnordered::new(),
        }
    }

    /// Reads what is stored and not held yet.
    async fn take(&mut self) -> Result<(), StoreError> {
        let room = HELD_MAX - self.held.len();
        if room == 0 || !self.post.holds().await? {
            return Ok(());
        }
        let (app, channel) = (&self.post.app, &self.post.channel);
        let found = app.store.open_messages(channel.account().to_owned(), self.held.clone(), room).await?;
        for message in found {
            let incoming = channel.read(&message.payload);
            let chat = match &incoming {
                Incoming::Message(read) => read.chat.clone(),
                Incoming::Told { chat, .. } => chat.clone(),
                Incoming::Ignored => {
                    app.metrics.channel_message(channel.name(), "ignored");
                    app.store.drop_message(message.row).await?;
                    continue;
                }
            };
            self.held.insert(message.row);
            let queue = self.waiting.entry(chat.clone()).or_insert_with(|| {
                self.ready.push_back(chat.clone());
                VecDeque::new()
            });
            queue.push_back(Errand { chat, message, incoming });
        }
        Ok(())
    }

    /// Begins as many chats as may be answered at once.
    fn begin(&mut self) {
        while self.working.len() < self.post.channel.chats_max()
            && let Some(chat) = self.ready.pop_front()
        {
            let Some(errand) = self.waiting.get_mut(&chat).and_then(VecDeque::pop_front) else { continue };
            self.working.push(Box::pin(reply::run(self.post.clone(), errand)));
        }
    }

    /// Makes room, and puts the chat behind those that wait.
    fn end(&mut self, errand: &Errand) {
        self.held.remove(&errand.message.row);
        if self.waiting.get(&errand.chat).is_some_and(VecDeque::is_empty) {
            self.waiting.remove(&errand.chat);
        } else {
            self.ready.push_back(errand.chat.clone());
        }
    }
}
