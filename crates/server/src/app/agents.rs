//! Agents at work in this process: how to stop one, and who waits for which.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::{App, Bell, Bells};

/// The agents that runners of this process hold.
#[derive(Debug, Default)]
pub struct Agents {
    /// Rings when an agent came in line, or a runner is free.
    pub ready: Bell,
    /// Rings for an agent when something happened to it; by its id.
    pub changed: Bells,
    running: Mutex<HashMap<i64, CancellationToken>>,
}

/// The place of a running agent; dropping it makes room for the next.
pub struct Running {
    app: std::sync::Arc<App>,
    row: i64,
    stopped: CancellationToken,
}

impl Agents {
    /// How many run.
    pub fn running(&self) -> usize {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Tells the runner of an agent that it has ended.
    pub fn stop(&self, row: i64) {
        if let Some(stopped) = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&row) {
            stopped.cancel();
        }
    }
}

impl Running {
    /// Takes a place for an agent.
    pub fn enter(app: std::sync::Arc<App>, row: i64) -> Self {
        let stopped = CancellationToken::new();
        app.agents.running.lock().unwrap_or_else(PoisonError::into_inner).insert(row, stopped.clone());
        Self { app, row, stopped }
    }

    /// Fires when the agent has ended by another's hand.
    pub fn stopped(&self) -> &CancellationToken {
        &self.stopped
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.app.agents.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.row);
        self.app.agents.ready.ring();
    }
}
