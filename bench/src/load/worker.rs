//! One connection's work, and what it counted.

use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Collected};
use hyper::Response;
use hyper::body::Incoming;

use super::connection::Connection;
use super::event_counter::EventCounter;
use super::samples::Samples;
use super::{Amount, Load, Report, Window};

/// How long an answer may take before it counts as failed.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// How long a connection rests after a failure, so that a broken target is not stormed.
const FAILURE_REST: Duration = Duration::from_millis(10);

/// What was counted.
#[derive(Debug, Default)]
pub(super) struct Tally {
    completed: u64,
    failed: u64,
    failure: Option<String>,
    events: u64,
    latency: Vec<Duration>,
    first_event: Vec<Duration>,
    gap: Vec<Duration>,
}

impl Tally {
    pub(super) fn add(&mut self, other: Self) {
        self.completed += other.completed;
        self.failed += other.failed;
        self.failure = self.failure.take().or(other.failure);
        self.events += other.events;
        self.latency.extend(other.latency);
        self.first_event.extend(other.first_event);
        self.gap.extend(other.gap);
    }

    pub(super) fn report(self, elapsed: Duration, cpu: Option<Duration>) -> Report {
        Report {
            completed: self.completed,
            failed: self.failed,
            failure: self.failure,
            events: self.events,
            elapsed,
            latency: Samples::new(self.latency),
            first_event: Samples::new(self.first_event),
            gap: Samples::new(self.gap),
            cpu,
        }
    }
}

/// One connection that asks until it is told to stop.
pub(super) struct Worker {
    load: Arc<Load>,
    index: usize,
    window: Window,
    connection: Option<Connection>,
    tally: Tally,
}

impl Worker {
    pub(super) fn new(load: Arc<Load>, index: usize, window: Window, connection: Connection) -> Self {
        Self { load, index, window, connection: Some(connection), tally: Tally::default() }
    }

    pub(super) async fn run(mut self) -> Tally {
        for number in 0.. {
            let Some(due) = self.due(number) else { break };
            if due > Instant::now() {
                tokio::time::sleep_until(due.into()).await;
            }
            let answered = tokio::time::timeout(ANSWER_MAX, self.exchange(number, due)).await;
            if let Err(failure) = answered.unwrap_or_else(|_| Err(format!("no end within {ANSWER_MAX:?}"))) {
                self.tally.failed += 1;
                self.tally.failure.get_or_insert(failure);
                self.connection = None;
                tokio::time::sleep(FAILURE_REST).await;
            }
        }
        self.tally
    }

    /// When a request is to be sent; none if the load is over by then.
    fn due(&self, number: u64) -> Option<Instant> {
        let connections = self.load.connections as u64;
        let place = number * connections + self.index as u64;
        if let Amount::Count(count) = self.load.amount
            && place >= count
        {
            return None;
        }
        let due = match self.load.rate {
            None => Instant::now(),
            #[expect(clippy::cast_precision_loss, reason = "no load sends 2^52 requests")]
            Some(rate) => self.window.begin + Duration::from_secs_f64(place as f64 / rate),
        };
        self.window.until.is_none_or(|until| due < until).then_some(due)
    }

    async fn exchange(&mut self, number: u64, due: Instant) -> Result<(), String> {
        let request = self.load.call.request(self.index, number);
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(Connection::open(self.load.address).await.map_err(|error| error.to_string())?),
        };
        let response = connection.send(request).await.map_err(|error| error.to_string())?;
        if !response.status().is_success() {
            return Err(refusal(response).await);
        }
        if self.load.call.ending.is_some() {
            self.read_stream(response, due).await?;
        } else {
            let body = response.into_body().collect().await.map_err(|error| error.to_string())?.to_bytes();
            if let Some(then) = &self.load.call.then {
                then(body).await?;
            }
        }
        let now = Instant::now();
        if self.window.counts(now) {
            self.tally.completed += 1;
            self.tally.latency.push(now - due);
        }
        Ok(())
    }

    async fn read_stream(&mut self, response: Response<Incoming>, due: Instant) -> Result<(), String> {
        let mut body = response.into_body();
        let mut counter = EventCounter::default();
        let mut last_arrival = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| error.to_string())?;
            let Some(bytes) = frame.data_ref() else { continue };
            let events = counter.push(bytes);
            let now = Instant::now();
            if events == 0 {
                continue;
            }
            let previous = last_arrival.replace(now);
            if self.window.counts(now) {
                self.tally.events += events;
                match previous {
                    None => self.tally.first_event.push(now - due),
                    Some(previous) => self.tally.gap.push(now - previous),
                }
            }
        }
        let ending = self.load.call.ending.as_deref().unwrap_or_default();
        if counter.ended_with(ending) { Ok(()) } else { Err(format!("the stream did not end with `{ending}`")) }
    }
}

/// An error answer in a few words.
async fn refusal(response: Response<Incoming>) -> String {
    let status = response.status();
    let body = response.into_body().collect().await.map(Collected::to_bytes).unwrap_or_default();
    let text = String::from_utf8_lossy(&body[..body.len().min(300)]).into_owned();
    format!("{status}: {text}")
}
