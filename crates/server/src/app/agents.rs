//! Agents at work in this process: how to stop one, who waits for which, and what is not booked yet.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use openclaw_core::Usage;
use tokio_util::sync::CancellationToken;

use super::{App, Bell, Bells};
use crate::store::{Hint, Store, StoredAgent};

/// The agents that runners of this process hold.
pub struct Agents {
    /// Rings when an agent came in line, or a runner is free.
    pub ready: Bell,
    /// Rings for an agent when something happened to it; by its id.
    pub changed: Bells,
    /// Rings for an agent when it has ended or needs an action; by its id. Whoever waits for that hears no step before.
    pub rested: Bells,
    running: Mutex<HashMap<i64, Held>>,
}

#[derive(Debug)]
struct Held {
    epoch: u64,
    stopped: CancellationToken,
    unbooked: Arc<Unbooked>,
}

/// The place of a running agent; dropping it makes room for the next.
pub struct Running {
    app: Arc<App>,
    row: i64,
    epoch: u64,
    stopped: CancellationToken,
    unbooked: Arc<Unbooked>,
}

/// Tokens of a model call that its runner has not stored: whoever ends the agent meanwhile books them.
#[derive(Debug, Default)]
pub struct Unbooked(Mutex<(u64, Usage)>);

impl Unbooked {
    /// Replaces what is noted. It counts for as long as just so many steps are stored: storing the call stores its tokens.
    pub fn note(&self, steps: u64, usage: Usage) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = (steps, usage);
    }

    /// What is noted for an agent with so many steps stored.
    pub fn at(&self, steps: u64) -> Usage {
        let (noted, usage) = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted == steps { usage } else { Usage::default() }
    }
}

impl Agents {
    /// None yet.
    pub fn new(store: &Arc<dyn Store>) -> Self {
        Self {
            ready: Bell::heard_elsewhere(store, Hint::AgentsReady),
            changed: Bells::heard_elsewhere(store, |id| Hint::Agent(id.to_owned())),
            rested: Bells::heard_elsewhere(store, |id| Hint::AgentAtRest(id.to_owned())),
            running: Mutex::default(),
        }
    }

    /// Those that run, by row and epoch.
    pub fn held(&self) -> Vec<(i64, u64)> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().map(|(row, held)| (*row, held.epoch)).collect()
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Tells the runner of an agent that it has ended; `false` if it has none here.
    pub fn stop(&self, row: i64) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(&row).inspect(|held| held.stopped.cancel()).is_some()
    }

    /// Tokens that the agent used beside those that are stored.
    pub fn unbooked(&self, stored: &StoredAgent) -> Usage {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let held = running.get(&stored.row).filter(|held| held.epoch == stored.epoch);
        held.map(|held| held.unbooked.at(stored.agent.usage.steps)).unwrap_or_default()
    }
}

impl Running {
    /// Takes a place for an agent, in the epoch of its claim: one that was parked may be claimed anew before its old place is free.
    pub fn enter(app: Arc<App>, row: i64, epoch: u64) -> Self {
        let (stopped, unbooked) = (CancellationToken::new(), Arc::new(Unbooked::default()));
        let held = Held { epoch, stopped: stopped.clone(), unbooked: Arc::clone(&unbooked) };
        app.agents.running.lock().unwrap_or_else(PoisonError::into_inner).insert(row, held);
        Self { app, row, epoch, stopped, unbooked }
    }

    /// Fires when the agent has ended by another's hand.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }

    /// Where its runner notes what it has not stored yet.
    pub fn unbooked(&self) -> &Arc<Unbooked> {
        &self.unbooked
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.app.agents.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.get(&self.row).is_some_and(|held| held.epoch == self.epoch) {
            running.remove(&self.row);
        }
        drop(running);
        self.app.agents.ready.ring_here();
    }
}
