//! How often each key calls: a steady rate with a burst, by GCRA.
//!
//! Our own twenty lines in place of a crate: the same arithmetic on one stored number a key is a statement in a shared
//! database (`take_rate`), and a reload changes the rate without forgetting who is over it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use openclaw_core::Timestamp;

use crate::config::RateLimitConfig;
use crate::store::{CountedRate, Rate};

/// Keys held at most; beyond it those that are at rest are forgotten.
const KEYS_MAX: usize = 10_000;
const MINUTE_NS: u64 = 60_000_000_000;

/// How often a key that is over its rate is told of at the most.
const TELL_EVERY_MS: i64 = 60_000;

/// When each key will have paid for the requests that it made, in nanoseconds since 1970; and who was refused.
#[derive(Debug, Default)]
pub struct RateLimits {
    paid_at: Mutex<HashMap<String, u64>>,
    refused: Mutex<HashMap<String, Refusals>>,
}

/// Refusals of a key since it was last told of.
#[derive(Debug, Default)]
struct Refusals {
    count: u64,
    told_at: Option<Timestamp>,
}

/// What a key may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Requests that may come at once after a pause.
    pub limit: u32,
    /// Requests that may come at once now.
    pub remaining: u32,
    /// Seconds until all may come again.
    pub reset_seconds: u64,
    /// Refused: seconds until the next one is let in.
    pub retry_after_seconds: Option<u64>,
}

/// A request that was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    /// What its key may still do.
    pub allowance: Allowance,
    /// Refusals since the key was last told of, if it is to be told of now.
    pub told: Option<u64>,
}

impl Counted {
    /// As the store counted it, which all gateways share.
    pub fn shared(counted: CountedRate, rate: Rate) -> Self {
        let debt_max = rate.interval * rate.burst;
        let left = debt_max.saturating_sub(counted.debt).as_nanos() / rate.interval.as_nanos().max(1);
        let allowance = Allowance {
            limit: rate.burst,
            remaining: u32::try_from(left).unwrap_or(u32::MAX),
            reset_seconds: counted.debt.as_nanos().div_ceil(1_000_000_000).try_into().unwrap_or(u64::MAX),
            retry_after_seconds: counted
                .wait
                .map(|wait| wait.as_millis().div_ceil(1000).max(1))
                .and_then(|wait| wait.try_into().ok()),
        };
        Self { allowance, told: counted.told }
    }
}

/// The configured rate; `None` if there is no limit.
pub fn rate(config: &RateLimitConfig) -> Option<Rate> {
    let interval = MINUTE_NS.checked_div(u64::from(config.requests_per_minute))?;
    let tell_every = Duration::from_millis(TELL_EVERY_MS.unsigned_abs());
    Some(Rate { interval: Duration::from_nanos(interval), burst: config.burst, tell_every })
}

impl RateLimits {
    /// Counts a request of that key in this process; `None` if there is no limit.
    pub fn count(&self, key_id: &str, config: &RateLimitConfig, now: Timestamp) -> Option<Counted> {
        let allowance = self.take(key_id, config, now)?;
        let told = allowance.retry_after_seconds.and_then(|_| self.refused(key_id, now));
        Some(Counted { allowance, told })
    }

    /// Counts a request of that key; `None` if there is no limit.
    fn take(&self, key_id: &str, config: &RateLimitConfig, now: Timestamp) -> Option<Allowance> {
        let interval = MINUTE_NS.checked_div(u64::from(config.requests_per_minute))?;
        let now = u64::try_from(now.as_millis()).unwrap_or(0) * 1_000_000;
        let mut keys = self.paid_at.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= KEYS_MAX && !keys.contains_key(key_id) {
            keys.retain(|_, paid_at| *paid_at > now);
        }
        let paid_at = keys.get(key_id).copied().unwrap_or(0);
        let (paid_at, allowance) = gcra(paid_at, now, interval, config.burst);
        match keys.get_mut(key_id) {
            Some(stored) => *stored = paid_at,
            None => {
                keys.insert(key_id.to_owned(), paid_at);
            }
        }
        Some(allowance)
    }

    /// Counts a refusal; gives how many there were since the key was last told of, if it is to be told of now.
    fn refused(&self, key_id: &str, now: Timestamp) -> Option<u64> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= KEYS_MAX && !refused.contains_key(key_id) {
            refused.clear();
        }
        let refusals = refused.entry(key_id.to_owned()).or_default();
        refusals.count += 1;
        if refusals.told_at.is_some_and(|told| told.plus_millis(TELL_EVERY_MS) > now) {
            return None;
        }
        refusals.told_at = Some(now);
        Some(std::mem::take(&mut refusals.count))
    }
}

/// The generic cell rate algorithm: each request costs one interval, and the debt may reach `burst` intervals.
fn gcra(paid_at: u64, now: u64, interval: u64, burst: u32) -> (u64, Allowance) {
    let debt_max = interval * u64::from(burst);
    let debt = paid_at.saturating_sub(now);
    let asked = debt + interval;
    let (debt, refused) = if asked > debt_max { (debt, Some(asked - debt_max)) } else { (asked, None) };
    let allowance = Allowance {
        limit: burst,
        remaining: u32::try_from((debt_max - debt.min(debt_max)) / interval).unwrap_or(u32::MAX),
        reset_seconds: seconds(debt),
        retry_after_seconds: refused.map(|wait| seconds(wait).max(1)),
    };
    (now + debt, allowance)
}

fn seconds(nanos: u64) -> u64 {
    nanos.div_ceil(1_000_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(requests_per_minute: u32, burst: u32) -> RateLimitConfig {
        RateLimitConfig { requests_per_minute, burst }
    }

    fn let_in(limits: &RateLimits, config: &RateLimitConfig, at_ms: i64) -> bool {
        let allowance = limits.take("k", config, Timestamp::from_millis(at_ms)).expect("limited");
        allowance.retry_after_seconds.is_none()
    }

    #[test]
    fn a_burst_then_the_steady_rate() {
        let limits = RateLimits::default();
        let config = config(60, 10);
        assert_eq!((0..61).filter(|_| let_in(&limits, &config, 1_000_000)).count(), 10);
        assert_eq!((0..61).filter(|_| let_in(&limits, &config, 1_001_000)).count(), 1, "one a second");
        assert_eq!((0..61).filter(|_| let_in(&limits, &config, 1_061_000)).count(), 10, "and all after a pause");
    }

    #[test]
    fn the_sixty_first_in_a_minute_is_refused_and_told_when_to_come_back() {
        let limits = RateLimits::default();
        let config = config(60, 60);
        let now = Timestamp::from_millis(1_000_000);
        for left in (0..60).rev() {
            assert_eq!(limits.take("k", &config, now).expect("limited").remaining, left);
        }
        let refused = limits.take("k", &config, now).expect("limited");
        assert_eq!(refused, Allowance { limit: 60, remaining: 0, reset_seconds: 60, retry_after_seconds: Some(1) });
        assert!(limits.take("other", &config, now).expect("limited").retry_after_seconds.is_none());
    }

    #[test]
    fn refusals_are_told_once_a_minute_with_their_number() {
        let limits = RateLimits::default();
        let told: Vec<_> = (0..5).map(|second| limits.refused("k", Timestamp::from_millis(second * 30_000))).collect();
        assert_eq!(told, [Some(1), None, Some(2), None, Some(2)]);
    }

    #[test]
    fn zero_is_no_limit() {
        assert_eq!(RateLimits::default().take("k", &config(0, 1), Timestamp::from_millis(0)), None);
    }
}
