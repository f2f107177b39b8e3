//! When to ask a vendor again: pure arithmetic.

use std::time::Duration;

/// The wait before the first retry; each later one is twice as long.
const FIRST: Duration = Duration::from_millis(500);

/// The longest wait that we choose ourselves.
const LONGEST: Duration = Duration::from_secs(8);

/// The longest wait that a vendor may ask for; if it asks for more, the caller is better told at once.
const ASKED_MAX: Duration = Duration::from_mins(1);

/// How long to wait before a retry, counted from 0: 0.5 s doubled each time up to 8 s, a quarter more or less by
/// `chance`, and no less than the vendor asks for. `None`: do not retry, the vendor asks for more than a minute.
pub(super) fn wait_before(retry: u32, asked: Option<Duration>, chance: u16) -> Option<Duration> {
    if asked.is_some_and(|asked| asked > ASKED_MAX) {
        return None;
    }
    let doubled = FIRST.saturating_mul(1u32.checked_shl(retry).unwrap_or(u32::MAX)).min(LONGEST);
    let wait = doubled.mul_f64(0.75 + 0.5 * f64::from(chance) / f64::from(u16::MAX));
    Some(wait.max(asked.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_to_a_bound_and_spread_by_a_quarter() {
        let millis = |retry, chance| wait_before(retry, None, chance).expect("a wait").as_millis();
        assert_eq!([0, 1, 2, 3, 4, 5, 40].map(|retry| millis(retry, 0)), [375, 750, 1500, 3000, 6000, 6000, 6000]);
        assert_eq!([0, 4, 40].map(|retry| millis(retry, u16::MAX)), [625, 10_000, 10_000]);
    }

    #[test]
    fn a_vendor_is_given_the_time_it_asks_for_up_to_a_minute() {
        let wait = |asked| wait_before(0, Some(Duration::from_secs(asked)), 0);
        assert_eq!(wait(0), Some(Duration::from_millis(375)));
        assert_eq!(wait(7), Some(Duration::from_secs(7)));
        assert_eq!(wait(60), Some(Duration::from_mins(1)));
        assert_eq!(wait(61), None);
    }
}
