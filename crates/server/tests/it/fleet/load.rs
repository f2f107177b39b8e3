//! Callers who chat while gateways or the database come and go, each message with a key, so that it is answered once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw_client::{Client, RequestOptions};
use tokio::task::JoinHandle;

use crate::gateway::message;

/// Each message is its key, and so is the reply of `echo`: one that is stored twice was answered twice.
pub(super) const ANSWERED_TWICE: &str =
    "SELECT content FROM messages WHERE role = 'assistant' GROUP BY content HAVING count(*) > 1";

pub(super) struct Load {
    shared: Arc<Shared>,
    callers: Vec<JoinHandle<()>>,
}

struct Shared {
    clients: Mutex<Vec<Client>>,
    acknowledged: Mutex<HashSet<String>>,
    replies: AtomicUsize,
    stopped: AtomicBool,
}

impl Load {
    /// So many callers, each of whom asks one gateway after the other.
    pub(super) fn start(clients: Vec<Client>, callers: usize) -> Self {
        let shared = Arc::new(Shared {
            clients: Mutex::new(clients),
            acknowledged: Mutex::default(),
            replies: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let callers = (0..callers).map(|caller| tokio::spawn(Arc::clone(&shared).call(caller))).collect();
        Self { shared, callers }
    }

    /// From now on these are asked.
    pub(super) fn turn_to(&self, clients: Vec<Client>) {
        *self.shared.clients.lock().expect("whole") = clients;
    }

    /// Replies so far.
    pub(super) fn replies(&self) -> usize {
        self.shared.replies.load(Ordering::Relaxed)
    }

    /// Waits for so many more.
    pub(super) async fn more(&self, replies: usize) {
        let enough = self.replies() + replies;
        while self.replies() < enough {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// The ids of all replies, when everybody has stopped.
    pub(super) async fn stop(&mut self) -> HashSet<String> {
        self.shared.stopped.store(true, Ordering::Relaxed);
        for caller in self.callers.drain(..) {
            caller.await.expect("no panic");
        }
        self.shared.acknowledged.lock().expect("whole").clone()
    }
}

impl Shared {
    async fn call(self: Arc<Self>, caller: usize) {
        for number in 0.. {
            let key = format!("{caller}-{number}");
            let (mut tries, session) = (0, format!("s{caller}-{}", number / 10));
            loop {
                if self.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let client = {
                    let clients = self.clients.lock().expect("whole");
                    clients[(caller + number + tries) % clients.len()].clone()
                };
                let options = RequestOptions::new().idempotency_key(&key).timeout(Duration::from_secs(30));
                match client.chat().with(options).send(message(&session, &key, "echo")).await {
                    Ok(reply) => {
                        self.acknowledged.lock().expect("whole").insert(reply.id);
                        self.replies.fetch_add(1, Ordering::Relaxed);
                        break;
                    }
                    Err(_) => {
                        tries += 1;
                        tokio::time::sleep(Duration::from_millis(20)).await;
                    }
                }
            }
        }
    }
}
