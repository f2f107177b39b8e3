//! A gateway and those it tells: callers chat with the model `echo`, and a chat counts when its reply has arrived at
//! every endpoint.
//!
//! A chat is two events (`message.received`, `message.sent`) of some 500 bytes. Callers who wait for the arrival cannot
//! outrun the deliveries, so what is measured is what can be kept up.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::gateway::{GatewaySetup, StartedGateway};
use super::reception::{Arrivals, Reception, text_after};
use super::target::gateway_chat;
use crate::load::{Amount, Call, Load, Report, Samples};

/// The events of a chat.
pub(super) const BOTH: &str = "[message.received, message.sent]";

/// The second of them.
pub(super) const REPLY: &str = "[message.sent]";

/// An event that no chat makes.
pub(super) const NEVER: &str = "[agent.completed]";

/// With the rest of the event some 500 bytes. One word, since the echo of each is a piece of its own.
pub(super) const MESSAGE_BYTES: usize = 300;

/// Chats in a session before a caller begins a new one.
const TURNS_PER_SESSION: u64 = 10;

/// A running gateway, and its receiver.
pub(super) struct Audience {
    pub(super) gateway: StartedGateway,
    pub(super) reception: Reception,
    /// Endpoints whose receipt of the reply a caller waits for.
    pub(super) waited_for: u32,
    window: u32,
}

/// What a window measured.
pub(super) struct Told {
    /// Of the chats; a latency is from the request to the last arrival.
    pub(super) report: Report,
    /// From the answer to the chat, which says that all is stored, to the last arrival; none is less than zero.
    pub(super) lateness: Samples,
}

impl Audience {
    /// Starts a gateway with endpoints of those paths and events; callers wait for the well-behaved ones told of replies.
    pub(super) fn start(
        folder: &Path,
        setup: &GatewaySetup,
        reception: Reception,
        endpoints: impl IntoIterator<Item = (String, &'static str)>,
    ) -> io::Result<Self> {
        let endpoints: Vec<_> = endpoints.into_iter().collect();
        let waits = |(path, events): &&(String, &str)| path.starts_with("take") && *events != NEVER;
        let waited_for = u32::try_from(endpoints.iter().filter(waits).count()).expect("hundreds");
        let urls = endpoints.into_iter().map(|(path, events)| (reception.url(&path), events)).collect();
        let gateway = setup.with_endpoints(urls).start(folder, None, &[])?;
        Ok(Self { gateway, reception, waited_for, window: 0 })
    }

    /// Stops the gateway; the receiver stays, so that another start finds the same endpoints.
    pub(super) fn stop(self) -> io::Result<Reception> {
        self.gateway.process.stop()?;
        Ok(self.reception)
    }

    /// Chats for a time that does not count, then for one that does.
    pub(super) async fn listen(
        &mut self,
        callers: usize,
        rate: Option<f64>,
        warm_up: Duration,
        measured: Duration,
    ) -> io::Result<Told> {
        self.chat(callers, rate, warm_up).await?;
        self.chat(callers, rate, measured).await
    }

    async fn chat(&mut self, callers: usize, rate: Option<f64>, measured: Duration) -> io::Result<Told> {
        self.window += 1;
        let lateness = Arc::new(Mutex::new(Vec::new()));
        let load = Load {
            address: self.gateway.address,
            call: self.call(&lateness).into(),
            connections: callers,
            amount: Amount::Window { warm_up: Duration::ZERO, measured },
            rate,
            pid: Some(self.gateway.process.id()),
        };
        let report = load.run().await?;
        let lateness = std::mem::take(&mut *lateness.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(Told { report, lateness: Samples::new(lateness) })
    }

    fn call(&self, lateness: &Arc<Mutex<Vec<Duration>>>) -> Call {
        let window = self.window;
        let session = move |caller, number| format!("bench_{window}_{caller}_{}", number / TURNS_PER_SESSION);
        let call = gateway_chat(&"x".repeat(MESSAGE_BYTES), "echo", false, session);
        if self.waited_for == 0 {
            return call;
        }
        let (arrivals, waited_for) = (self.reception.arrivals().clone(), self.waited_for);
        let lateness = Arc::clone(lateness);
        call.then(move |answer| {
            let (arrivals, lateness) = (arrivals.clone(), Arc::clone(&lateness));
            Box::pin(async move {
                let late = arrive(&arrivals, &answer, waited_for).await?;
                lateness.lock().unwrap_or_else(PoisonError::into_inner).push(late);
                Ok(())
            })
        })
    }
}

/// Waits until the reply of an answer has arrived everywhere; says how long after the answer that was.
async fn arrive(arrivals: &Arrivals, answer: &Bytes, times: u32) -> Result<Duration, String> {
    let answered = Instant::now();
    let message_id = text_after(answer, b"\"id\":\"").ok_or("the answer has no id")?;
    let arrived = arrivals.of(message_id, times).await.ok_or("the receiver is gone")?;
    Ok(arrived.saturating_duration_since(answered))
}
