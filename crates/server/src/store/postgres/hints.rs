//! Hints between gateways by LISTEN and NOTIFY: they make others look at once. Everybody looks anyway, so one may be lost.
//!
//! They are sent after the commit that they tell of and apart from it, gathered for a moment: a NOTIFY inside a transaction
//! makes all such commits wait for each other.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use tokio::sync::{Mutex, Notify, mpsc};
use tokio_postgres::AsyncMessage;

use super::connect::Target;
use super::link::Link;
use crate::clock::Clock;
use crate::store::{Hint, StoreError};
use crate::tasks::Tasks;

const CHANNEL: &str = "openclaw";
/// How long hints are gathered before they are sent.
const GATHER: Duration = Duration::from_millis(10);
/// Hints of one message, which may have 8,000 bytes; more become one that means everything.
const HINTS_MAX: usize = 150;
/// Hints heard and not taken yet; what comes beyond is dropped, as one that waits makes everybody look.
const HEARD_MAX: usize = 1024;
/// How long to wait before listening again after the connection broke.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The two ends of the line.
pub(super) struct Hints {
    shared: Arc<Shared>,
    heard: Mutex<mpsc::Receiver<Hint>>,
}

struct Shared {
    link: Option<Link>,
    /// Tells own messages from others'.
    sender: String,
    /// Whether there is anybody to tell.
    heeded: AtomicBool,
    waiting: StdMutex<BTreeSet<Hint>>,
    rung: Notify,
}

impl Hints {
    /// Listens and sends until the store is dropped.
    pub(super) fn start(tasks: &Tasks, link: &Link, target: Target) -> Self {
        let (tell, heard) = mpsc::channel(HEARD_MAX);
        let clock = &link.clock;
        let sender = u64::from_ne_bytes(clock.random()).to_string();
        let hints = Self::new(Some(link.clone()), sender, heard);
        let (shared, own) = (Arc::clone(&hints.shared), Arc::clone(&hints.shared));
        let (sending, listening) = (clock.clone(), clock.clone());
        let (stopped, ended) = (tasks.draining().clone(), tasks.draining().clone());
        tasks.spawn(async move {
            tokio::select! {
                () = send(&shared, &sending) => {}
                () = stopped.cancelled() => {}
            }
        });
        tasks.spawn(async move {
            tokio::select! {
                () = listen(&own.sender, &target, &tell, &listening) => {}
                () = ended.cancelled() => {}
            }
        });
        hints
    }

    /// For commands, which nobody needs to hear at once.
    pub(super) fn mute() -> Self {
        Self::new(None, String::new(), mpsc::channel(1).1)
    }

    fn new(link: Option<Link>, sender: String, heard: mpsc::Receiver<Hint>) -> Self {
        let shared =
            Shared { link, sender, heeded: AtomicBool::new(true), waiting: StdMutex::default(), rung: Notify::new() };
        Self { shared: Arc::new(shared), heard: Mutex::new(heard) }
    }

    /// Whether anybody is there to hear.
    pub(super) fn heed(&self, heeded: bool) {
        self.shared.heeded.store(heeded, Ordering::Relaxed);
    }

    /// Sends a hint soon.
    pub(super) fn send(&self, hint: Hint) {
        if self.shared.link.is_none() || !self.shared.heeded.load(Ordering::Relaxed) {
            return;
        }
        let is_new = self.shared.waiting.lock().unwrap_or_else(PoisonError::into_inner).insert(hint);
        if is_new {
            self.shared.rung.notify_one();
        }
    }

    /// Sends a hint and waits until it is sent.
    pub(super) async fn send_now(&self, hint: Hint) -> Result<(), StoreError> {
        self.shared.notify(BTreeSet::from([hint])).await
    }

    /// Waits for a hint of another gateway.
    pub(super) async fn heard(&self) -> Hint {
        match self.heard.lock().await.recv().await {
            Some(hint) => hint,
            None => std::future::pending().await,
        }
    }
}

impl Shared {
    async fn notify(&self, hints: BTreeSet<Hint>) -> Result<(), StoreError> {
        let Some(link) = &self.link else { return Ok(()) };
        let mut message = self.sender.clone();
        if hints.len() > HINTS_MAX {
            message = message + "\n" + &word(&Hint::Everything);
        } else {
            for hint in &hints {
                message = message + "\n" + &word(hint);
            }
        }
        link.query("SELECT pg_notify($1, $2)", &[&CHANNEL, &message]).await.map(|_| ())
    }
}

async fn send(shared: &Shared, clock: &Clock) {
    loop {
        shared.rung.notified().await;
        clock.sleep(GATHER).await;
        let hints = std::mem::take(&mut *shared.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        if let Err(error) = shared.notify(hints).await {
            tracing::debug!(%error, "a hint to other gateways was lost");
        }
    }
}

async fn listen(sender: &str, target: &Target, tell: &mpsc::Sender<Hint>, clock: &Clock) {
    loop {
        if let Err(error) = listen_once(sender, target, tell).await {
            tracing::warn!(%error, "hints of other gateways are not heard; listening again soon");
        }
        clock.sleep(AGAIN_AFTER).await;
    }
}

async fn listen_once(sender: &str, target: &Target, tell: &mpsc::Sender<Hint>) -> Result<(), StoreError> {
    let (client, mut connection) = target.config.connect(target.tls.clone()).await?;
    let mut messages = poll_fn(move |context| connection.poll_message(context));
    let statement = format!("LISTEN {CHANNEL}");
    let listening = client.batch_execute(&statement);
    let mut listening = std::pin::pin!(listening);
    let mut is_listening = false;
    loop {
        tokio::select! {
            done = &mut listening, if !is_listening => {
                done?;
                is_listening = true;
                // What was told while nobody listened here.
                let _ = tell.try_send(Hint::Everything);
            }
            message = messages.next() => match message {
                Some(Ok(AsyncMessage::Notification(told))) => {
                    let mut words = told.payload().split('\n');
                    if words.next() != Some(sender) {
                        words.filter_map(hint).for_each(|hint| {
                            let _ = tell.try_send(hint);
                        });
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => return Err(StoreError::Unavailable("the connection ended".into())),
            },
        }
    }
}

fn word(hint: &Hint) -> String {
    match hint {
        Hint::Events => "events".into(),
        Hint::Endpoints => "endpoints".into(),
        Hint::Deliveries(endpoint) => format!("deliveries {endpoint}"),
        Hint::Updates => "updates".into(),
        Hint::Schedules => "schedules".into(),
        Hint::AgentsReady => "agents".into(),
        Hint::Agent(id) => format!("agent {id}"),
        Hint::AgentAtRest(id) => format!("rested {id}"),
        Hint::AgentsEnded => "ended".into(),
        Hint::Everything => "everything".into(),
    }
}

/// Reads a word; `None` for one of a newer gateway.
fn hint(word: &str) -> Option<Hint> {
    Some(match word.split_once(' ').unwrap_or((word, "")) {
        ("events", _) => Hint::Events,
        ("endpoints", _) => Hint::Endpoints,
        ("deliveries", endpoint) => Hint::Deliveries(endpoint.parse().ok()?),
        ("updates", _) => Hint::Updates,
        ("schedules", _) => Hint::Schedules,
        ("agents", _) => Hint::AgentsReady,
        ("agent", id) => Hint::Agent(id.to_owned()),
        ("rested", id) => Hint::AgentAtRest(id.to_owned()),
        ("ended", _) => Hint::AgentsEnded,
        ("everything", _) => Hint::Everything,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_read_as_they_are_written() {
        let hints = [
            Hint::Events,
            Hint::Endpoints,
            Hint::Deliveries(-7),
            Hint::Updates,
            Hint::Schedules,
            Hint::AgentsReady,
            Hint::Agent("agt_1".into()),
            Hint::AgentAtRest("agt_1".into()),
            Hint::AgentsEnded,
            Hint::Everything,
        ];
        for known in hints {
            assert_eq!(hint(&word(&known)), Some(known));
        }
        assert_eq!(hint("of a newer gateway"), None);
    }
}
