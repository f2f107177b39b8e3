//! How this gateway stands among those that share its store.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::store::Fleet;

/// As of the last look.
#[derive(Debug, Default)]
pub struct FleetView {
    /// How often this gateway lost its lease, and with it all that it held.
    losses: AtomicU64,
    /// Lanes that it holds beyond its share.
    surplus: AtomicU64,
    gateways: AtomicU64,
}

impl FleetView {
    /// Takes note of a look.
    pub fn note(&self, fleet: Fleet) {
        if fleet.is_back {
            self.losses.fetch_add(1, Ordering::SeqCst);
        }
        let share = fleet.lanes.div_ceil(fleet.gateways.max(1));
        self.surplus.store(fleet.lanes_held.saturating_sub(share), Ordering::SeqCst);
        self.gateways.store(fleet.gateways, Ordering::SeqCst);
    }

    /// Counts up whenever all that was held is lost.
    pub fn losses(&self) -> u64 {
        self.losses.load(Ordering::SeqCst)
    }

    /// Gateways at work, this one too.
    pub fn gateways(&self) -> u64 {
        self.gateways.load(Ordering::SeqCst).max(1)
    }

    /// Whether a lane is to be left to others; each time it says so is one.
    pub fn must_yield(&self) -> bool {
        self.surplus.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |surplus| surplus.checked_sub(1)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_held_beyond_the_share_is_left_to_others() {
        let view = FleetView::default();
        view.note(Fleet { gateways: 2, lanes: 5, lanes_held: 5, ..Fleet::default() });
        assert_eq!((0..5).filter(|_| view.must_yield()).count(), 2, "three of five may stay");
        view.note(Fleet { gateways: 1, lanes: 5, lanes_held: 5, ..Fleet::default() });
        assert!(!view.must_yield());
    }
}
