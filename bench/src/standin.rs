//! Stand-ins for the vendors: a real HTTP server on loopback that speaks their wire formats.
//!
//! One server speaks the Messages API (`…/messages`), the Chat Completions API (`…/chat/completions`), both vendors'
//! `…/models`, and for the benchmarks of SDKs our own `…/api/v1/chat`, under any base path. It answers as its next scripted [`Behaviour`] says, else as a tag in the last
//! message says (`[[standin status=529 retry_after=1]]`), else with a fixed text.
//!
//! ```no_run
//! # async fn example() {
//! use openclaw_bench::standin::{Behaviour, Standin};
//! let standin = Standin::start().await;
//! standin.script([Behaviour::status(529), Behaviour::text("当然!")]);
//! // … point a provider at `standin.base_url()`, ask it, hang up in the middle …
//! standin.wait_until(|standin| standin.aborted_streams() == 1).await;
//! assert_eq!(standin.requests()[0].json()["model"], "claude-3-5-sonnet-20241022");
//! # }
//! ```

mod answer;
mod anthropic;
mod behaviour;
mod openai;
mod openclaw;
mod record;
mod request;
mod service;
mod vendor;

pub use behaviour::{Behaviour, ToolCall};
pub use record::RecordedRequest;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::listen::serve;
use record::Record;
use service::Service;

/// How long [`Standin::wait_until`] waits before it calls the test failed.
const WAIT_MAX: Duration = Duration::from_secs(20);

/// A running stand-in; dropping it closes every connection.
#[derive(Debug)]
pub struct Standin {
    address: SocketAddr,
    service: Arc<Service>,
    server: JoinHandle<()>,
}

impl Standin {
    /// Starts one on a free port of loopback, keeping every request.
    pub async fn start() -> Self {
        Self::listen(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), true).await.expect("loopback has a free port")
    }

    /// Starts one on an address; `keep_requests` is for tests: a benchmark would fill the memory.
    pub async fn listen(address: SocketAddr, keep_requests: bool) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let service = Arc::new(Service::new(Record::new(keep_requests)));
        let answering = Arc::clone(&service);
        let server = tokio::spawn(serve(listener, move |request| Arc::clone(&answering).answer(request)));
        Ok(Self { address, service, server })
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds behaviours to the queue: each of the next requests takes one, and none reads a tag meanwhile.
    ///
    /// A request that is refused for its own faults (no key, no `max_tokens`) takes none.
    pub fn script(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.service.script(behaviours);
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.service.record.requests()
    }

    /// How many requests came so far, also where they are not kept.
    pub fn request_count(&self) -> usize {
        self.service.record.counts().requests
    }

    /// Answers begun and not ended: streams, and JSON answers that are delayed.
    pub fn open_streams(&self) -> usize {
        self.service.record.counts().open
    }

    /// Answers that the other side hung up on before their end.
    pub fn aborted_streams(&self) -> usize {
        self.service.record.counts().aborted
    }

    /// Answers sent to their end, also where the end was an error or a cut.
    pub fn finished_streams(&self) -> usize {
        self.service.record.counts().finished
    }

    /// Waits for a condition on this stand-in, looked at whenever a count changes; panics after 20 seconds.
    pub async fn wait_until(&self, mut condition: impl FnMut(&Self) -> bool) {
        let mut changes = self.service.record.subscribe();
        let wait = async {
            while !condition(self) {
                changes.changed().await.expect("the record lives as long as its stand-in");
            }
        };
        let in_time = tokio::time::timeout(WAIT_MAX, wait).await.is_ok();
        assert!(in_time, "the stand-in waited {WAIT_MAX:?} in vain; it saw {:?}", self.service.record.counts());
    }

    /// Serves until its task is aborted, which is never unless it is dropped.
    pub async fn served(&mut self) {
        // Aborted or panicked, the server is over either way.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Standin {
    fn drop(&mut self) {
        self.server.abort();
    }
}
