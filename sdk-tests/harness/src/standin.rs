//! A server that says what it is told to: over a real socket, byte for byte, one scripted answer a request.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

mod connection;

/// An answer to one request.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// 200 if absent.
    #[serde(default)]
    pub status: Option<u16>,
    /// Further headers, or others in place of the usual ones.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body as JSON.
    #[serde(default)]
    pub json: Option<Value>,
    /// The body as text.
    #[serde(default)]
    pub text: Option<String>,
    /// The body as the gateway's envelope of this error.
    #[serde(default)]
    pub error: Option<Value>,
    /// The body as server-sent events, each text written on its own.
    #[serde(default)]
    pub stream: Option<Vec<String>>,
    /// One byte a packet.
    #[serde(default)]
    pub bytewise: bool,
    /// How long to wait before the first byte, in milliseconds.
    #[serde(default)]
    pub delay_ms: u64,
    /// What follows the body.
    #[serde(default)]
    pub then: Then,
}

/// What follows an answer's body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The body's end; the connection stays.
    #[default]
    End,
    /// The connection is closed without the body's end.
    Cut,
    /// The same by force (RST).
    Reset,
    /// Nothing, until the client hangs up.
    Stall,
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// Method and path, such as `GET /api/v1/models`.
    pub request: String,
    /// Each parameter of the query, decoded.
    pub query: Value,
    /// Each header by its name in lower case.
    pub headers: Value,
    /// The body as JSON; as text if it is none, `null` if there is none.
    pub body: Value,
}

/// A running stand-in; dropping it closes every connection.
#[derive(Debug)]
pub struct StandIn {
    /// Its address, without a slash at the end.
    pub url: String,
    script: Arc<Script>,
    server: JoinHandle<()>,
}

/// What is to be answered, and what was asked so far.
#[derive(Debug)]
struct Script {
    answers: Vec<Answer>,
    /// What is answered to requests beyond the answers.
    beyond: Answer,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    seen: Vec<Seen>,
    open: usize,
}

impl StandIn {
    /// Listens on loopback. `answers` is asked once its address is known, which the answers may hold.
    pub async fn start(answers: impl FnOnce(&str) -> anyhow::Result<Vec<Answer>>) -> anyhow::Result<Self> {
        let beyond =
            json!({"type": "api_error", "code": "not_scripted", "message": "no answer is left", "param": null});
        Self::listen(answers, Answer { status: Some(500), error: Some(beyond), ..Answer::default() }).await
    }

    /// One that answers 204 to whatever it is sent.
    pub async fn sink() -> anyhow::Result<Self> {
        Self::listen(|_| Ok(Vec::new()), Answer { status: Some(204), ..Answer::default() }).await
    }

    async fn listen(answers: impl FnOnce(&str) -> anyhow::Result<Vec<Answer>>, beyond: Answer) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let script = Arc::new(Script { answers: answers(&url)?, beyond, state: Mutex::default() });
        let server = tokio::spawn(accept(listener, Arc::clone(&script)));
        Ok(Self { url, script, server })
    }

    /// Every request so far, in order of arrival.
    pub fn seen(&self) -> Vec<Seen> {
        self.script.state().seen.clone()
    }

    /// Answers that were begun and have neither ended nor been hung up on.
    pub fn open(&self) -> usize {
        self.script.state().open
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Script {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }

    /// Notes a request and gives its answer.
    fn take(&self, request: Seen) -> &Answer {
        let mut state = self.state();
        state.seen.push(request);
        self.answers.get(state.seen.len() - 1).unwrap_or(&self.beyond)
    }
}

/// Accepts until aborted. The connections' tasks belong to this one, so they end with it.
async fn accept(listener: TcpListener, script: Arc<Script>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((socket, _)) = accepted else { continue };
                let script = Arc::clone(&script);
                // An error is a client that hung up.
                connections.spawn(async move { serve(socket, &script).await });
            }
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

async fn serve(mut socket: TcpStream, script: &Script) -> io::Result<()> {
    socket.set_nodelay(true)?;
    while let Some(request) = connection::read(&mut socket).await? {
        let answer = script.take(request);
        script.state().open += 1;
        let outcome = connection::write(&mut socket, answer).await;
        script.state().open -= 1;
        if !outcome? {
            break;
        }
    }
    Ok(())
}
