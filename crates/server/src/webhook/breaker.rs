//! An endpoint's own circuit breaker: while it keeps failing, one delivery at a time finds out whether it is back.

use std::time::Duration;

use openclaw_core::Timestamp;

/// Failures in a row that open the breaker.
const FAILURES_MAX: u32 = 10;
/// How long an open breaker waits between two tries; deliveries wait meanwhile and are charged nothing.
const PAUSE: Duration = Duration::from_secs(30);

/// Failures in a row, and when the latest one was.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: u32,
    failed_at: Timestamp,
}

impl Breaker {
    /// How many attempts may be under way at once now, of `most`.
    pub(super) fn allows(&self, most: usize, now: Timestamp) -> usize {
        match self.until() {
            None => most,
            Some(until) if until <= now => 1,
            Some(_) => 0,
        }
    }

    /// Until when it is open.
    pub(super) fn until(&self) -> Option<Timestamp> {
        (self.failures >= FAILURES_MAX).then(|| self.failed_at.plus(PAUSE))
    }

    /// Takes note of an attempt.
    pub(super) fn note(&mut self, received: bool, now: Timestamp) {
        self.failures = if received { 0 } else { self.failures.saturating_add(1) };
        self.failed_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_failures_open_it_one_success_closes_it() {
        let mut breaker = Breaker::default();
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        for _ in 0..9 {
            breaker.note(false, at(0));
        }
        assert_eq!(breaker.allows(8, at(0)), 8);
        breaker.note(false, at(0));
        assert_eq!((breaker.allows(8, at(29)), breaker.allows(8, at(30))), (0, 1));
        breaker.note(true, at(31));
        assert_eq!(breaker.allows(8, at(31)), 8);
    }
}
