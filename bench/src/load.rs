//! The load generator: keep-alive HTTP/1.1 connections, each asking again as soon as it is answered or as a rate says.
//!
//! Life of a load: connect everything; begin; after the warm-up read the CPU time of the process under test; measure;
//! read it again; let what is under way end, uncounted. All on the caller's runtime: give it one core of its own.

mod call;
mod connection;
mod event_counter;
mod samples;
mod worker;

pub use call::Call;
pub(crate) use connection::Connection;
pub use samples::Samples;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::process;
use worker::{Tally, Worker};

/// What to ask, of whom, how often.
#[derive(Clone, Debug)]
pub struct Load {
    /// Who is asked.
    pub address: SocketAddr,
    /// What is asked.
    pub call: Arc<Call>,
    /// How many connections ask at once.
    pub connections: usize,
    /// How long, or how often.
    pub amount: Amount,
    /// Requests a second over all connections, counted from when each was due; absent: each asks when answered.
    pub rate: Option<f64>,
    /// The process whose CPU time is read.
    pub pid: Option<u32>,
}

/// How long, or how often, a load asks.
#[derive(Clone, Copy, Debug)]
pub enum Amount {
    /// For a time, after a time that does not count.
    Window {
        /// What does not count.
        warm_up: Duration,
        /// What counts.
        measured: Duration,
    },
    /// That many requests over all connections; all count.
    Count(u64),
}

/// What a load measured.
#[derive(Debug)]
pub struct Report {
    /// Answers that were complete and good.
    pub completed: u64,
    /// Answers that were not, also outside the window.
    pub failed: u64,
    /// What the first failure was.
    pub failure: Option<String>,
    /// Server-sent events received.
    pub events: u64,
    /// How long it was measured.
    pub elapsed: Duration,
    /// From the request (at a rate: from when it was due) to the end of its answer.
    pub latency: Samples,
    /// From the request to its first event.
    pub first_event: Samples,
    /// Between two arrivals of events of one stream.
    pub gap: Samples,
    /// CPU time of the process under test.
    pub cpu: Option<Duration>,
}

/// The moments of a load.
#[derive(Clone, Copy, Debug)]
struct Window {
    begin: Instant,
    counted_from: Instant,
    until: Option<Instant>,
}

impl Window {
    fn counts(&self, moment: Instant) -> bool {
        moment >= self.counted_from && self.until.is_none_or(|until| moment <= until)
    }
}

impl Load {
    /// Runs it to its end. An error is a connection that could not be made or a process that is gone.
    pub async fn run(self) -> io::Result<Report> {
        let load = Arc::new(self);
        let mut connections = Vec::with_capacity(load.connections);
        for _ in 0..load.connections {
            connections.push(Connection::open(load.address).await?);
        }
        let window = load.window();
        let mut workers = JoinSet::new();
        for (index, connection) in connections.into_iter().enumerate() {
            workers.spawn(Worker::new(Arc::clone(&load), index, window, connection).run());
        }
        tokio::time::sleep_until(window.counted_from.into()).await;
        let cpu_before = load.pid.map(process::cpu_time).transpose()?;
        let started = Instant::now();
        if let Some(until) = window.until {
            tokio::time::sleep_until(until.into()).await;
        }
        let mut tally = Tally::default();
        if window.until.is_none() {
            gather(&mut workers, &mut tally).await;
        }
        let cpu_after = load.pid.map(process::cpu_time).transpose()?;
        let elapsed = started.elapsed();
        gather(&mut workers, &mut tally).await;
        let cpu = cpu_before.zip(cpu_after).map(|(before, after)| after.saturating_sub(before));
        Ok(tally.report(elapsed, cpu))
    }

    fn window(&self) -> Window {
        let begin = Instant::now();
        match self.amount {
            Amount::Window { warm_up, measured } => {
                Window { begin, counted_from: begin + warm_up, until: Some(begin + warm_up + measured) }
            }
            Amount::Count(_) => Window { begin, counted_from: begin, until: None },
        }
    }
}

impl Report {
    /// Good answers a second.
    pub fn per_second(&self) -> f64 {
        as_f64(self.completed) / self.elapsed.as_secs_f64()
    }

    /// Events a second.
    pub fn events_per_second(&self) -> f64 {
        as_f64(self.events) / self.elapsed.as_secs_f64()
    }

    /// CPU microseconds for each of that many things.
    pub fn cpu_us_each(&self, count: u64) -> Option<f64> {
        let cpu = self.cpu.filter(|_| count > 0)?;
        Some(cpu.as_secs_f64() * 1e6 / as_f64(count))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
fn as_f64(count: u64) -> f64 {
    count as f64
}

async fn gather(workers: &mut JoinSet<Tally>, tally: &mut Tally) {
    while let Some(worker) = workers.join_next().await {
        tally.add(worker.expect("a worker neither panics nor is aborted"));
    }
}
