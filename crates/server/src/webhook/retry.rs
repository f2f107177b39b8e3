//! When to try again: pure, so that every rule is tested under a clock moved by hand.

use std::time::Duration;

/// The waits after each failed attempt; after the last one a delivery is dead. Standard Webhooks' schedule, begun earlier.
pub(super) const WAITS: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(5),
    Duration::from_hours(10),
    Duration::from_hours(10),
];
/// The longest `Retry-After` that is honoured.
const RETRY_AFTER_MAX: Duration = Duration::from_hours(1);

/// How long to wait after the `attempts`-th failed attempt; `None` when it was the last. `chance` adds up to a fifth, so
/// that receivers are not hit by all at once when they come back.
pub(super) fn wait_after(attempts: u32, retry_after: Option<Duration>, chance: u16) -> Option<Duration> {
    let wait = *WAITS.get(attempts.checked_sub(1)? as usize)?;
    let jitter = wait.mul_f64(0.2 * f64::from(chance) / f64::from(u16::MAX));
    let asked = retry_after.unwrap_or_default().min(RETRY_AFTER_MAX);
    Some((wait + jitter).max(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_attempts_then_dead() {
        let waits: Vec<_> = (1..=9).map(|attempts| wait_after(attempts, None, 0)).collect();
        assert_eq!(waits[..8].iter().flatten().copied().collect::<Vec<_>>(), WAITS);
        assert_eq!(waits[8], None);
    }

    #[test]
    fn jitter_only_adds_and_retry_after_is_bounded() {
        assert_eq!(wait_after(2, None, u16::MAX), Some(Duration::from_secs(36)));
        assert_eq!(wait_after(1, Some(Duration::from_mins(1)), 0), Some(Duration::from_mins(1)));
        assert_eq!(wait_after(1, Some(Duration::from_hours(9)), 0), Some(Duration::from_hours(1)));
        assert_eq!(wait_after(5, Some(Duration::from_secs(1)), 0), Some(Duration::from_hours(2)));
    }
}
