//! A receiver of webhooks: a real HTTP server that remembers what it was sent.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::super::gateway::Gateway;

/// What it was sent.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

#[derive(Default)]
struct State {
    received: Vec<Received>,
    answer: Option<(StatusCode, String)>,
    extra: Option<(&'static str, String)>,
    hangs: bool,
}

pub(crate) struct Receiver {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    seen: watch::Sender<usize>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let receiver = Self { address, state: Arc::default(), seen: watch::Sender::new(0) };
        let (state, seen) = (Arc::clone(&receiver.state), receiver.seen.clone());
        let answer = move |request: Request| {
            let (state, seen) = (Arc::clone(&state), seen.clone());
            async move {
                let headers = request.headers().clone();
                let body = to_bytes(request.into_body(), usize::MAX).await.expect("a whole body");
                let body = String::from_utf8(body.to_vec()).expect("text");
                let (answer, extra, hangs) = {
                    let mut state = state.lock().expect("whole");
                    state.received.push(Received { headers, body });
                    seen.send_replace(state.received.len());
                    let answer = state.answer.clone().unwrap_or((StatusCode::OK, String::new()));
                    (answer, state.extra.clone(), state.hangs)
                };
                if hangs {
                    std::future::pending::<()>().await;
                }
                let extra = extra.iter().map(|(name, value)| (*name, value.as_str()));
                let response =
                    extra.fold(Response::builder().status(answer.0), |head, (name, value)| head.header(name, value));
                let response = response.body(Body::from(answer.1)).expect("a response");
                Ok::<_, Infallible>(response)
            }
        };
        let service = axum::Router::new().fallback(move |request: Request| {
            let answer = answer(request);
            async move { answer.await.expect("it cannot fail") }
        });
        tokio::spawn(async move { axum::serve(listener, service).await });
        receiver
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/webhooks/openclaw/message", self.address)
    }

    pub(crate) fn answer(&self, status: StatusCode, body: &str) {
        self.state.lock().expect("whole").answer = Some((status, body.to_owned()));
    }

    /// Answers with that header from now on.
    pub(crate) fn answer_with(&self, status: StatusCode, name: &'static str, value: &str) {
        self.answer(status, "");
        self.state.lock().expect("whole").extra = Some((name, value.to_owned()));
    }

    /// Answers with `retry-after` from now on.
    pub(crate) fn answer_asking(&self, status: StatusCode, retry_after: &str) {
        self.answer_with(status, "retry-after", retry_after);
    }

    pub(crate) fn hang(&self) {
        self.state.lock().expect("whole").hangs = true;
    }

    pub(crate) fn count(&self) -> usize {
        *self.seen.borrow()
    }

    /// All that it was sent so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        self.state.lock().expect("whole").received.clone()
    }

    /// Waits for so many requests.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Received> {
        let mut seen = self.seen.subscribe();
        let waited = tokio::time::timeout(Duration::from_secs(20), seen.wait_for(|seen| *seen >= count)).await;
        assert!(waited.is_ok(), "waited for {count} requests, saw {}", self.count());
        self.received()
    }

    /// Waits until the gateway knows the endpoints of its configuration.
    pub(crate) async fn ready(&self, gateway: &Gateway) {
        while gateway.app.endpoints.load().is_empty() {
            tokio::task::yield_now().await;
        }
    }
}
