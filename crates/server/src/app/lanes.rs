//! One message at a time in each session: those that come meanwhile wait in order.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

type Name = (String, String);

/// The sessions at work.
#[derive(Clone, Debug, Default)]
pub struct Lanes(Arc<Mutex<HashMap<Name, Waiting>>>);

#[derive(Debug, Default)]
struct Waiting {
    turn: Arc<tokio::sync::Mutex<()>>,
    /// The one at work and those that wait.
    inside: usize,
}

/// As many messages wait as may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneFull;

/// The right to work on a session; dropping it lets the next one in.
#[derive(Debug)]
pub struct Lane {
    _turn: OwnedMutexGuard<()>,
    _place: Place,
}

#[derive(Debug)]
struct Place {
    lanes: Lanes,
    name: Name,
}

impl Lanes {
    /// Waits for the session to be free, unless `queue_max` wait already. Dropping the future gives the place up.
    pub async fn enter(&self, workspace: &str, session_id: &str, queue_max: usize) -> Result<Lane, LaneFull> {
        let name = (workspace.to_owned(), session_id.to_owned());
        let turn = {
            let mut lanes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let waiting = lanes.entry(name.clone()).or_default();
            if waiting.inside > queue_max {
                return Err(LaneFull);
            }
            waiting.inside += 1;
            Arc::clone(&waiting.turn)
        };
        let place = Place { lanes: self.clone(), name };
        Ok(Lane { _turn: turn.lock_owned().await, _place: place })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut lanes = self.lanes.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = lanes.get_mut(&self.name) {
            waiting.inside -= 1;
            if waiting.inside == 0 {
                lanes.remove(&self.name);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_works_some_wait_and_one_more_is_refused() {
        let lanes = Lanes::default();
        let first = lanes.enter("w", "s", 1).await.expect("free");
        let mut second = Box::pin(lanes.enter("w", "s", 1));
        assert!(futures_util::poll!(&mut second).is_pending());
        assert_eq!(lanes.enter("w", "s", 1).await.err(), Some(LaneFull));
        assert!(lanes.enter("other", "s", 1).await.is_ok(), "another workspace has a session of its own");
        drop(first);
        drop(second.await.expect("its turn"));
        assert!(lanes.0.lock().expect("whole").is_empty(), "nothing is kept of idle sessions");
    }
}
