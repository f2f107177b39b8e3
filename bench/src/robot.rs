//! Stand-ins for chat robots: a real HTTP server on loopback that is as strict as each platform.
//!
//! One server is one robot. It checks the key in the URL, the signature and its hour, keyword, address, shape, size and
//! rate, and answers as the platform does: mostly HTTP 200 with the truth in the body. Codes and words are those of the
//! platforms' documentation, or of what their users report; nothing here was tried against the live services.
//!
//! ```no_run
//! # async fn example() {
//! use openclaw_bench::robot::{Robot, RobotFailure, RobotKind};
//! let robot = Robot::start(RobotKind::Dingtalk).await;
//! robot.require_secret("SECdemo");
//! robot.fail_next(1, RobotFailure::TooFast);
//! // … tell an endpoint of `robot.url()` of events …
//! robot.wait_until(|robot| robot.messages().len() == 1).await;
//! assert!(robot.messages()[0].text.contains("OpenClaw"));
//! # }
//! ```

mod dingtalk;
mod feishu;
mod limit;
mod platform;
mod service;
mod slack;
mod wecom;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::listen::serve;
use service::Service;

/// How long [`Robot::wait_until`] waits before it calls the test failed.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// Whose robot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RobotKind {
    /// `DingTalk`: signed in the query; 20 a minute, and ten minutes of silence after one more.
    Dingtalk,
    /// Feishu: signed in the body; 5 a second and 100 a minute.
    Feishu,
    /// `WeCom`: not signed; 20 a minute.
    Wecom,
    /// Slack: not signed; one a second.
    Slack,
}

/// What a robot answers in place of taking a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RobotFailure {
    /// That it was told too much.
    TooFast,
    /// That the signature, or the key in the URL, is wrong.
    Denied,
    /// That it is busy: to be tried again.
    Busy,
    /// This HTTP status, with a page for people.
    Status(u16),
}

/// A message that a robot took.
#[derive(Clone, Debug, PartialEq)]
pub struct RobotMessage {
    /// Its title, where it stands apart from the text.
    pub title: String,
    /// Its text, in the platform's dialect.
    pub text: String,
    /// The whole body.
    pub body: Value,
}

/// A running robot; dropping it closes every connection.
#[derive(Debug)]
pub struct Robot {
    address: SocketAddr,
    service: Arc<Service>,
    server: JoinHandle<()>,
}

impl Robot {
    /// Starts one on a free port of loopback that asks for no signature, keyword or address.
    pub async fn start(kind: RobotKind) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let service = Arc::new(Service::new(kind));
        let answering = Arc::clone(&service);
        let server = tokio::spawn(serve(listener, move |request| Arc::clone(&answering).answer(request)));
        Self { address, service, server }
    }

    /// Its webhook URL, with its key: `http://127.0.0.1:PORT/…`.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.service.platform.path())
    }

    /// Asks for a signature with that secret from now on; `DingTalk` and Feishu only.
    pub fn require_secret(&self, secret: &str) {
        self.service.settings().secret = Some(secret.to_owned());
    }

    /// Takes only messages that hold this word; `DingTalk` and Feishu only.
    pub fn require_keyword(&self, keyword: &str) {
        self.service.settings().keyword = Some(keyword.to_owned());
    }

    /// Has an address list from now on, and the caller's is not on it; `DingTalk` and Feishu only.
    pub fn refuse_address(&self) {
        self.service.settings().refuses_address = true;
    }

    /// Stands still at that moment, in milliseconds since 1970: for signatures and rates of a clock moved by hand.
    pub fn set_time(&self, millis: i64) {
        self.service.settings().now = Some(millis);
    }

    /// Answers the next so many requests with a failure, before looking at them.
    pub fn fail_next(&self, count: usize, failure: RobotFailure) {
        self.service.fail_next(count, failure);
    }

    /// The messages that it took, in order.
    pub fn messages(&self) -> Vec<RobotMessage> {
        self.service.messages()
    }

    /// How many requests came, taken or refused.
    pub fn requests(&self) -> usize {
        *self.service.requests.borrow()
    }

    /// Waits for a condition on this robot, looked at after every request; panics after 20 seconds.
    pub async fn wait_until(&self, mut condition: impl FnMut(&Self) -> bool) {
        let mut requests = self.service.requests.subscribe();
        let wait = async {
            while !condition(self) {
                requests.changed().await.expect("the count lives as long as its robot");
            }
        };
        let in_time = tokio::time::timeout(WAIT_MAX, wait).await.is_ok();
        assert!(in_time, "the robot waited {WAIT_MAX:?} in vain, after {} requests", self.requests());
    }
}

impl Drop for Robot {
    fn drop(&mut self) {
        self.server.abort();
    }
}
