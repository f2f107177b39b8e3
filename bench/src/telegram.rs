//! A stand-in for Telegram's Bot API: a real HTTP server on loopback, as strict as the documentation says.
//!
//! It keeps updates until an offset confirms them, lets one poller in at a time, refuses to be polled while a webhook is
//! set, and takes messages only into chats that exist, within 4096 UTF-16 units, in HTML that it can parse. Codes and words
//! are those of <https://core.telegram.org/bots/api> and of its users' reports; nothing was tried against the live service.
//!
//! ```no_run
//! # async fn example() {
//! use openclaw_bench::telegram::Telegram;
//! let telegram = Telegram::start().await;
//! // … configure a gateway with `telegram.url()` and `Telegram::TOKEN` …
//! telegram.say(789, "john_doe", "今天天气怎么样");
//! telegram.wait_until(|telegram| telegram.sent().len() == 1).await;
//! assert_eq!(telegram.sent()[0].chat, 789);
//! # }
//! ```

mod html;
mod service;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::listen::serve;
use service::Service;

/// How long [`Telegram::wait_until`] waits before it calls the test failed.
const WAIT_MAX: Duration = Duration::from_mins(1);

/// A message that the bot sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentMessage {
    /// The chat.
    pub chat: i64,
    /// The text as it came.
    pub text: String,
    /// What is shown of it.
    pub shown: String,
    /// `HTML`, or nothing.
    pub parse_mode: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<i64>,
}

/// What the API answers in place of what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TelegramFailure {
    /// 429, with the seconds to wait.
    TooFast(u64),
    /// This status with these words.
    Refused(u16, &'static str),
    /// It does what was asked, and breaks the connection before it says so.
    Unheard,
}

/// A running API with one bot; dropping it closes every connection.
#[derive(Debug)]
pub struct Telegram {
    address: SocketAddr,
    service: Arc<Service>,
    server: JoinHandle<()>,
}

impl Telegram {
    /// The bot's token.
    pub const TOKEN: &str = "4711:AAE-stand_in";

    /// Starts one on a free port of loopback.
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let service = Arc::new(Service::default());
        let answering = Arc::clone(&service);
        let server = tokio::spawn(serve(listener, move |request| Arc::clone(&answering).answer(request)));
        Self { address, service, server }
    }

    /// What `channels.telegram.base_url` is to be.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody writes to the bot in their private chat, which has their id; gives the update's number.
    pub fn say(&self, user: i64, username: &str, text: &str) -> i64 {
        self.happen(&json!({
            "chat": {"id": user, "type": "private", "username": username},
            "from": {"id": user, "is_bot": false, "first_name": username, "username": username},
            "date": 1_776_388_800, "text": text,
        }))
    }

    /// A message of any kind comes, its `message_id` given by the API; gives the update's number.
    pub fn happen(&self, message: &Value) -> i64 {
        self.service.happen(message)
    }

    /// Answers the next calls of a method with a failure.
    pub fn fail_next(&self, method: &str, count: usize, failure: TelegramFailure) {
        self.service.fail_next(method, count, failure);
    }

    /// The updates that no offset has confirmed, as they would be pushed.
    pub fn unconfirmed(&self) -> Vec<Value> {
        self.service.state().updates.clone()
    }

    /// What a user said in the message of that number.
    pub fn said(&self, message: i64) -> Option<String> {
        self.service.state().said.get(&message).cloned()
    }

    /// The messages that the bot sent, in order.
    pub fn sent(&self) -> Vec<SentMessage> {
        self.service.state().sent.clone()
    }

    /// How often that method was called, well or not.
    pub fn calls(&self, method: &str) -> usize {
        self.service.state().calls.get(method).copied().unwrap_or(0)
    }

    /// The webhook's address and secret, if one is set.
    pub fn webhook(&self) -> Option<(String, String)> {
        self.service.state().webhook.clone()
    }

    /// Somebody else sets a webhook of theirs.
    pub fn set_webhook(&self, url: &str) {
        self.service.state().webhook = Some((url.to_owned(), String::new()));
    }

    /// Waits for a condition on this API, looked at after every call; panics after a minute.
    pub async fn wait_until(&self, mut condition: impl FnMut(&Self) -> bool) {
        let mut changed = self.service.changed.subscribe();
        let wait = async {
            while !condition(self) {
                changed.changed().await.expect("the count lives as long as its API");
            }
        };
        let in_time = tokio::time::timeout(WAIT_MAX, wait).await.is_ok();
        let sent = self.sent();
        assert!(in_time, "Telegram waited {WAIT_MAX:?} in vain; {} sent, the last: {:?}", sent.len(), sent.last());
    }
}

impl Drop for Telegram {
    fn drop(&mut self) {
        self.server.abort();
    }
}
