//! Gateways side by side: the lease is kept, hints are heard, what others leave behind is taken over.
//!
//! Whatever one gateway at a time may do (an agent, a turn, the deliveries of an endpoint, a channel) names its holder in the store, and
//! each gateway has one lease, which it renews three times in its span. Whoever renews also looks for leases that ran
//! out, and frees what their gateways held. A gateway that comes back too late finds its lease gone: it goes on under a new
//! one, and what it still believes to hold is fenced off by the store.

use std::sync::Arc;
use std::time::Duration;

use super::endpoint;
use crate::app::App;
use crate::clock::Clock;
use crate::store::{Hint, StoreError};

/// How often a lease is renewed in its span.
const RENEWALS: u32 = 3;
/// How often everything is looked at without a hint, where there are others: one may have been lost.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Runs for as long as anything may be held; returns at once where nobody else can be at work.
pub async fn run(app: Arc<App>) {
    let Some(lease) = app.store.lease() else { return };
    // A lease is counted by the database's clock, which no test moves.
    let clock = Clock::system();
    let (renewing, looking) = (lease / RENEWALS, LOOK_EVERY);
    let (mut renew_in, mut look_in) = (Duration::ZERO, looking);
    loop {
        let began = clock.instant();
        tokio::select! {
            () = clock.sleep(renew_in.min(look_in)) => {}
            hint = app.store.hinted() => hear(&app, hint).await,
        }
        renew_in = renew_in.saturating_sub(began.elapsed());
        look_in = look_in.saturating_sub(began.elapsed());
        if renew_in.is_zero() {
            if let Err(error) = renew(&app).await {
                tracing::warn!(%error, "the lease of this gateway could not be renewed; trying again soon");
            }
            renew_in = renewing;
        }
        if look_in.is_zero() {
            if app.fleet.gateways() > 1 {
                hear(&app, Hint::Everything).await;
            }
            look_in = looking;
        }
    }
}

/// Keeps the lease, takes over what is left behind, and lets go of what is others' now.
async fn renew(app: &App) -> Result<(), StoreError> {
    let fleet = app.store.keep_lease(app.clock.now()).await?;
    app.fleet.note(fleet);
    if fleet.is_back {
        tracing::warn!("this gateway was not heard of for too long: others have taken over what it held");
    }
    if fleet.turns_crashed + fleet.agents_freed + fleet.lanes_freed > 0 {
        let (turns, agents, lanes) = (fleet.turns_crashed, fleet.agents_freed, fleet.lanes_freed);
        tracing::warn!(
            turns,
            agents,
            lanes,
            "a gateway is gone: its turns are booked as crashed, the rest goes on here"
        );
        app.agents.ready.ring();
        app.delivery_due.ring();
    }
    stop_lost(app).await?;
    if fleet.is_back || fleet.lanes_held > fleet.lanes.div_ceil(fleet.gateways.max(1)) {
        app.delivery_due.ring_here();
    }
    Ok(())
}

/// Rings the bells that a hint means, in this gateway only.
async fn hear(app: &App, hint: Hint) {
    match hint {
        Hint::Events => app.event_stored.ring_here(),
        Hint::Endpoints => reread_endpoints(app).await,
        Hint::Deliveries(endpoint) => app.delivery_stored.ring_here(&endpoint.to_string()),
        Hint::Updates => app.update_stored.ring_here(),
        Hint::Schedules => app.schedule_changed.ring_here(),
        Hint::AgentsReady => app.agents.ready.ring_here(),
        Hint::Agent(id) => app.agents.changed.ring_here(&id),
        Hint::AgentAtRest(id) => app.agents.rested.ring_here(&id),
        Hint::AgentsEnded => {
            if let Err(error) = stop_lost(app).await {
                tracing::debug!(%error, "whether agents ended elsewhere is looked at again soon");
            }
        }
        Hint::Everything => {
            app.event_stored.ring_here();
            reread_endpoints(app).await;
            app.update_stored.ring_here();
            app.schedule_changed.ring_here();
            app.agents.ready.ring_here();
            app.agents.changed.ring_all_here();
            app.agents.rested.ring_all_here();
        }
    }
}

/// Stops the runners of agents that ended by another's hand, or that another gateway runs now.
async fn stop_lost(app: &App) -> Result<(), StoreError> {
    let held = app.agents.held();
    if held.is_empty() {
        return Ok(());
    }
    for row in app.store.lost_agents(held).await? {
        app.agents.stop(row);
    }
    Ok(())
}

/// Also where no endpoint changed deliveries may have become due by hand, so every lane looks.
async fn reread_endpoints(app: &App) {
    if let Err(error) = endpoint::reread(app).await {
        tracing::warn!(%error, "the endpoints could not be read again");
    }
    app.delivery_due.ring_here();
}

/// Work that one gateway at a time does for all, by the name of its lane.
pub struct Hold {
    name: String,
    /// How often this gateway had lost everything when it took the lane.
    taken: Option<u64>,
}

impl Hold {
    /// Not held yet.
    pub fn new(name: String) -> Self {
        Self { name, taken: None }
    }

    /// Takes the lane, or says whether it is held still; asks the store only if it must.
    pub async fn take(&mut self, app: &App) -> Result<bool, StoreError> {
        let losses = app.fleet.losses();
        if self.taken != Some(losses) {
            self.taken = app.store.take_lane(self.name.clone()).await?.then_some(losses);
        }
        Ok(self.taken.is_some())
    }

    /// Whether what was taken is lost since.
    pub fn is_lost(&self, app: &App) -> bool {
        self.taken.is_some_and(|taken| taken != app.fleet.losses())
    }

    /// Lets the lane go.
    pub async fn leave(&mut self, app: &App) -> Result<(), StoreError> {
        self.taken = None;
        app.store.drop_lane(self.name.clone()).await
    }
}
