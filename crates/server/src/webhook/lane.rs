//! A lane: one endpoint's deliveries, a few at a time, whatever the others do.

use std::collections::{HashSet, VecDeque};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use openclaw_core::{EndpointFormat, EndpointStatus, Timestamp};

use super::attempt::{self, Attempted};
use super::breaker::Breaker;
use crate::app::App;
use crate::clock::Clock;
use crate::format::{Bucket, WaitUntil, rate};
use crate::service::fleet::Hold;
use crate::store::{DueDelivery, NextStep, StoreError, StoredEndpoint};

/// Attempts of one endpoint that are under way at once.
const IN_FLIGHT_MAX: usize = 8;
/// Outcomes that may wait for the disk.
const SETTLING_MAX: usize = 256;
/// Deliveries claimed at once.
const CLAIM_MAX: usize = 64;
/// Events that one message to a chat robot may hold.
const DIGEST_MAX: usize = 20;
/// How long a lane with nothing to do sleeps at the most.
const IDLE_MAX: Duration = Duration::from_mins(1);
/// How long a lane leaves a store alone that failed.
const STORE_REST: Duration = Duration::from_secs(1);

/// How often a lane that another gateway has is asked for.
const TAKE_EVERY: Duration = Duration::from_secs(5);
/// How long a lane that was left is not taken again.
const YIELD: Duration = Duration::from_millis(500);

/// How far back a robot's sends are recalled: longer than any platform's window.
const RECALLED_MS: i64 = 120_000;

type Settling = Pin<Box<dyn Future<Output = Settled> + Send>>;
type Attempting = Pin<Box<dyn Future<Output = Attempted> + Send>>;

/// An attempt whose outcome was written, or could not be.
struct Settled {
    rows: Vec<i64>,
    /// When the first of them is due again, if any is.
    due_at: Option<Timestamp>,
    written: Result<(), StoreError>,
}

struct Lane {
    app: Arc<App>,
    row: i64,
    claimed: HashSet<i64>,
    waiting: VecDeque<DueDelivery>,
    /// When the store may hold something due that is not claimed: it is not asked before.
    look_at: Timestamp,
    attempting: FuturesUnordered<Attempting>,
    settling: FuturesUnordered<Settling>,
    breaker: Breaker,
    bucket: Option<(EndpointFormat, Bucket)>,
}

/// Runs until the endpoint is gone or disabled, or the gateway shuts down; while another gateway has the lane, it waits.
pub(super) async fn run(app: Arc<App>, row: i64) {
    let mut hold = Hold::new(format!("endpoint {row}"));
    // Leases are counted by the database's clock, which no test moves.
    let clock = Clock::system();
    let mut left = app.delivery_stored.listen(&row.to_string());
    while !app.tasks.draining().is_cancelled() && find_enabled(&app, row).is_some() {
        let taken = hold.take(&app).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "the lane of an endpoint could not be taken; trying again soon");
            false
        });
        if taken {
            work(&app, row, &hold).await;
            if let Err(error) = hold.leave(&app).await {
                tracing::warn!(%error, "the lane of an endpoint could not be left; others take it when the lease runs out");
            }
            if app.store.lease().is_some() {
                // Others are told, and come first.
                app.delivery_stored.ring(&row.to_string());
                clock.sleep(YIELD).await;
            }
            continue;
        }
        tokio::select! {
            () = left.heard() => {}
            () = clock.sleep(TAKE_EVERY) => {}
            () = app.tasks.draining().cancelled() => {}
        }
    }
}

/// Works until the endpoint is gone or disabled, the lane is lost or to be left to others, or the gateway shuts down; then
/// lets attempts under way end.
async fn work(app: &Arc<App>, row: i64, hold: &Hold) {
    let mut by_hand = app.delivery_due.listen();
    let mut dispatched = app.delivery_stored.listen(&row.to_string());
    let mut lane = Lane {
        app: Arc::clone(app),
        row,
        claimed: HashSet::new(),
        waiting: VecDeque::new(),
        look_at: app.clock.now(),
        attempting: FuturesUnordered::new(),
        settling: FuturesUnordered::new(),
        breaker: Breaker::default(),
        bucket: None,
    };
    lane.recall_sends().await;
    while !app.tasks.draining().is_cancelled() && !hold.is_lost(app) && !app.fleet.must_yield() {
        let Some(stored) = find_enabled(app, row) else { break };
        let pause = lane.fill(&stored).await;
        tokio::select! {
            Some(attempted) = lane.attempting.next() => lane.settle(stored, attempted),
            Some(settled) = lane.settling.next() => lane.release(settled),
            () = dispatched.heard() => lane.look_at = app.clock.now(),
            () = by_hand.heard() => lane.look_at = app.clock.now(),
            () = app.clock.sleep(pause) => {}
            () = app.tasks.draining().cancelled() => {}
        }
    }
    lane.finish().await;
}

/// The endpoint, if it is to be told anything.
fn find_enabled(app: &App, row: i64) -> Option<Arc<StoredEndpoint>> {
    let endpoints = app.endpoints.load();
    let found = &endpoints[endpoints.binary_search_by_key(&row, |stored| stored.row).ok()?];
    let on = app.live.load().config.webhooks.enabled;
    (on && found.endpoint.status == EndpointStatus::Enabled).then(|| Arc::clone(found))
}

impl Lane {
    /// Learns from the store what a chat robot was sent before a restart, which its platform has not forgotten.
    async fn recall_sends(&mut self) {
        let Some(format) = find_enabled(&self.app, self.row).map(|stored| stored.endpoint.format) else { return };
        let Some(rate) = rate(format) else { return };
        let now = self.app.clock.now();
        let since = now.plus_millis(-RECALLED_MS);
        let bucket = match self.app.store.recent_sends(self.row, since).await {
            Ok(sends) => Bucket::after(rate, sends),
            Err(error) => {
                tracing::warn!(%error, "what a robot was sent lately could not be read; it is left alone for a while");
                let mut bucket = Bucket::new(rate);
                bucket.pause(now.plus_millis(RECALLED_MS));
                bucket
            }
        };
        self.bucket = Some((format, bucket));
    }

    /// Begins as many attempts as may be under way; says how long there is nothing more to begin.
    async fn fill(&mut self, stored: &Arc<StoredEndpoint>) -> Duration {
        let now = self.app.clock.now();
        let free = self.breaker.allows(IN_FLIGHT_MAX, now).saturating_sub(self.attempting.len());
        if free == 0 || self.settling.len() >= SETTLING_MAX {
            return self.breaker.until().filter(|until| *until > now).map_or(IDLE_MAX, |until| span(now, until));
        }
        for _ in 0..free {
            if self.waiting.is_empty() && self.look_at <= now {
                self.claim(now).await;
            }
            if self.waiting.is_empty() {
                break;
            }
            if let Err(WaitUntil(until)) = self.take_leave(stored.endpoint.format, now) {
                return span(now, until);
            }
            let most = if self.bucket.is_some() { DIGEST_MAX } else { 1 };
            let deliveries: Vec<_> = self.waiting.drain(..most.min(self.waiting.len())).collect();
            self.attempting.push(Box::pin(attempt::make(Arc::clone(&self.app), Arc::clone(stored), deliveries)));
        }
        if self.waiting.is_empty() { span(now, self.look_at) } else { IDLE_MAX }
    }

    /// Reads what is due and not claimed yet, and when to look again.
    async fn claim(&mut self, now: Timestamp) {
        match self.app.store.due_deliveries(self.row, now, self.claimed.clone(), CLAIM_MAX).await {
            Ok(due) => {
                let idle_until = now.plus(IDLE_MAX);
                self.look_at = due.next_at.map_or(idle_until, |at| at.min(idle_until));
                self.claimed.extend(due.deliveries.iter().map(|delivery| delivery.row));
                self.waiting.extend(due.deliveries);
            }
            Err(error) => {
                tracing::warn!(%error, "due deliveries could not be read; trying again soon");
                self.look_at = now.plus(STORE_REST);
            }
        }
    }

    /// Leave of the platform's rate, where the endpoint is a chat robot.
    fn take_leave(&mut self, format: EndpointFormat, now: Timestamp) -> Result<(), WaitUntil> {
        if self.bucket.as_ref().is_none_or(|(of, _)| *of != format) {
            self.bucket = rate(format).map(|rate| (format, Bucket::new(rate)));
        }
        self.bucket.as_mut().map_or(Ok(()), |(_, bucket)| bucket.try_take(now))
    }

    /// Takes note of an attempt and writes its outcomes; the endpoint is free for the next one meanwhile.
    fn settle(&mut self, stored: Arc<StoredEndpoint>, attempted: Attempted) {
        let now = self.app.clock.now();
        self.breaker.note(attempted.received, now);
        self.app.metrics.delivery_attempted(&stored.endpoint.id, attempted.received, attempted.lag);
        if let (Some(until), Some((_, bucket))) = (attempted.pause_until, &mut self.bucket) {
            bucket.pause(until);
        }
        let app = Arc::clone(&self.app);
        self.settling.push(Box::pin(async move {
            let rows = attempted.outcomes.iter().map(|outcome| outcome.delivery).collect();
            let again = |next| if let NextStep::Retry(at) = next { Some(at) } else { None };
            let due_at = attempted.outcomes.iter().filter_map(|outcome| again(outcome.next)).min();
            Settled { rows, due_at, written: attempt::settle(&app, &stored, attempted).await }
        }));
    }

    /// Forgets the claims. What could not be written is due again, with the same id.
    fn release(&mut self, settled: Settled) {
        if let Err(error) = settled.written {
            tracing::error!(%error, "the outcome of a delivery could not be written; it will be made again");
            self.look_at = self.look_at.min(self.app.clock.now().plus(STORE_REST));
        }
        if let Some(due_at) = settled.due_at {
            self.look_at = self.look_at.min(due_at);
        }
        for row in settled.rows {
            self.claimed.remove(&row);
        }
    }

    async fn finish(mut self) {
        while let Some(attempted) = self.attempting.next().await {
            let app = Arc::clone(&self.app);
            let found = app.endpoints.load().iter().find(|stored| stored.row == self.row).cloned();
            if let Some(stored) = found {
                self.settle(stored, attempted);
            }
        }
        while let Some(settled) = self.settling.next().await {
            self.release(settled);
        }
    }
}

fn span(now: Timestamp, until: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(until.as_millis() - now.as_millis()).unwrap_or(0).max(1))
}
