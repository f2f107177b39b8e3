//! What a stand-in saw: requests, and how its answers ended.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use hyper::{HeaderMap, Method};
use tokio::sync::watch;

/// One request as it arrived.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Its method.
    pub method: Method,
    /// Its path, without the query.
    pub path: String,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
}

impl RecordedRequest {
    /// Its body read as JSON; null if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The value of a header, if it is there and text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// How many of what.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) requests: usize,
    pub(super) open: usize,
    pub(super) aborted: usize,
    pub(super) finished: usize,
}

/// All that a stand-in saw.
#[derive(Debug)]
pub(super) struct Record {
    requests: Option<Mutex<Vec<RecordedRequest>>>,
    counts: Arc<watch::Sender<Counts>>,
}

impl Record {
    pub(super) fn new(keep_requests: bool) -> Self {
        Self { requests: keep_requests.then(Mutex::default), counts: Arc::new(watch::Sender::default()) }
    }

    /// Counts a request, and keeps it if requests are kept.
    pub(super) fn add(&self, request: impl FnOnce() -> RecordedRequest) {
        if let Some(requests) = &self.requests {
            requests.lock().expect("no one panics while pushing").push(request());
        }
        self.counts.send_modify(|counts| counts.requests += 1);
    }

    /// Counts an answer as open until the guard is finished or dropped.
    pub(super) fn open(&self) -> OpenAnswer {
        self.counts.send_modify(|counts| counts.open += 1);
        OpenAnswer { counts: Arc::clone(&self.counts), finished: false }
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        let Some(requests) = &self.requests else { return Vec::new() };
        requests.lock().expect("no one panics while pushing").clone()
    }

    pub(super) fn counts(&self) -> Counts {
        *self.counts.borrow()
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Counts> {
        self.counts.subscribe()
    }
}

/// An answer under way. Dropped unfinished, it counts as aborted.
#[derive(Debug)]
pub(super) struct OpenAnswer {
    counts: Arc<watch::Sender<Counts>>,
    finished: bool,
}

impl OpenAnswer {
    pub(super) fn finish(mut self) {
        self.finished = true;
    }
}

impl Drop for OpenAnswer {
    fn drop(&mut self) {
        self.counts.send_modify(|counts| {
            counts.open -= 1;
            if self.finished {
                counts.finished += 1;
            } else {
                counts.aborted += 1;
            }
        });
    }
}
