//! Agents at work in this process: how to stop one, and who waits for which.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::{App, Bell, Bells};
use crate::store::{Hint, Store};

/// The agents that runners of this process hold.
pub struct Agents {
    /// Rings when an agent came in line, or a runner is free.
    pub ready: Bell,
    /// Rings for an agent when something happened to it; by its id.
    pub changed: Bells,
    running: Mutex<HashMap<i64, (u64, CancellationToken)>>,
}

/// The place of a running agent; dropping it makes room for the next.
pub struct Running {
    app: Arc<App>,
    row: i64,
    epoch: u64,
    stopped: CancellationToken,
}

impl Agents {
    /// None yet.
    pub fn new(store: &Arc<dyn Store>) -> Self {
        Self {
            ready: Bell::heard_elsewhere(store, Hint::AgentsReady),
            changed: Bells::heard_elsewhere(store, |id| Hint::Agent(id.to_owned())),
            running: Mutex::default(),
        }
    }

    /// Those that run, by row and epoch.
    pub fn held(&self) -> Vec<(i64, u64)> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().map(|(row, (epoch, _))| (*row, *epoch)).collect()
    }

    /// How many run.
    pub fn running(&self) -> usize {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Tells the runner of an agent that it has ended; `false` if it has none here.
    pub fn stop(&self, row: i64) -> bool {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(&row).inspect(|(_, stopped)| stopped.cancel()).is_some()
    }
}

impl Running {
    /// Takes a place for an agent, in the epoch of its claim: one that was parked may be claimed anew before its old place is free.
    pub fn enter(app: Arc<App>, row: i64, epoch: u64) -> Self {
        let stopped = CancellationToken::new();
        app.agents.running.lock().unwrap_or_else(PoisonError::into_inner).insert(row, (epoch, stopped.clone()));
        Self { app, row, epoch, stopped }
    }

    /// Fires when the agent has ended by another's hand.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut running = self.app.agents.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.get(&self.row).is_some_and(|(epoch, _)| *epoch == self.epoch) {
            running.remove(&self.row);
        }
        drop(running);
        self.app.agents.ready.ring_here();
    }
}
