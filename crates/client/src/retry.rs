//! When to try again, and how long to wait first: pure functions of what came back.

use std::time::Duration;

use openclaw_core::Timestamp;
use reqwest::header::{HeaderMap, RETRY_AFTER};

/// The longest wait that a gateway may ask for; if it asks for more, the caller hears of the failure now.
const ASKED_WAIT_MAX: Duration = Duration::from_mins(2);
/// The share of a wait that chance may take off, so that clients which failed together do not return together.
const JITTER: f64 = 0.25;
/// The one conflict that passes by itself: an earlier try of this very call is still being answered.
const CODE_IN_PROGRESS: &str = "idempotency_in_progress";

/// What a failure says about another try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// Another try would fail too, or would do harm.
    GiveUp,
    /// Another try may succeed, after the wait that was asked for, if one was.
    TryAgain { asked: Option<Duration> },
}

/// How long to wait before each retry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// Before the first retry; doubled for each that follows.
    pub(crate) first: Duration,
    /// The longest wait.
    pub(crate) longest: Duration,
}

impl Default for Backoff {
    /// As the SDKs of the large vendors wait.
    fn default() -> Self {
        Self { first: Duration::from_millis(500), longest: Duration::from_secs(8) }
    }
}

impl Backoff {
    /// The wait before the next retry, after that many; `chance` is from 0 to 1.
    pub(crate) fn wait(self, retries: u32, chance: f64) -> Duration {
        let full = self.first.saturating_mul(2u32.saturating_pow(retries)).min(self.longest);
        Duration::try_from_secs_f64(full.as_secs_f64() * (1.0 - JITTER * chance)).unwrap_or(full)
    }
}

/// Judges an answer that was not a success. What is not repeatable is tried again only if it was surely not taken.
pub(crate) fn advice(
    status: u16,
    code: Option<&str>,
    headers: &HeaderMap,
    now: Timestamp,
    is_repeatable: bool,
) -> Advice {
    let worth_it = match text(headers, "x-should-retry") {
        Some("true") => true,
        Some("false") => false,
        _ => match status {
            429 | 503 => true,
            408 | 500..=599 => is_repeatable,
            409 => code == Some(CODE_IN_PROGRESS),
            _ => false,
        },
    };
    let asked = asked_wait(headers, now);
    if worth_it && asked.is_none_or(|wait| wait <= ASKED_WAIT_MAX) {
        Advice::TryAgain { asked }
    } else {
        Advice::GiveUp
    }
}

/// The wait that an answer asks for: `retry-after-ms`, else `retry-after` in seconds or as a date.
pub(crate) fn asked_wait(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let seconds = |text: &str| Duration::try_from_secs_f64(text.trim().parse().ok()?).ok();
    if let Some(wait) = text(headers, "retry-after-ms").and_then(seconds) {
        return Some(wait / 1000);
    }
    let asked = text(headers, RETRY_AFTER.as_str())?;
    seconds(asked).or_else(|| {
        let date = chrono::DateTime::parse_from_rfc2822(asked.trim()).ok()?;
        let millis = date.timestamp_millis().saturating_sub(now.as_millis());
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    })
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(784_111_777_000); // Sun, 06 Nov 1994 08:49:37 GMT

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|&(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    fn advised(status: u16, code: Option<&str>, pairs: &[(&'static str, &'static str)]) -> Advice {
        advice(status, code, &headers(pairs), NOW, true)
    }

    fn asked(pairs: &[(&'static str, &'static str)]) -> Option<Duration> {
        asked_wait(&headers(pairs), NOW)
    }

    #[test]
    fn only_what_may_pass_by_itself_is_tried_again() {
        let again = Advice::TryAgain { asked: None };
        for status in [408, 429, 500, 502, 503, 504, 529] {
            assert_eq!(advised(status, None, &[]), again, "{status}");
        }
        for status in [301, 400, 401, 403, 404, 409, 413, 422] {
            assert_eq!(advised(status, Some("session_busy"), &[]), Advice::GiveUp, "{status}");
        }
        assert_eq!(advised(409, Some(CODE_IN_PROGRESS), &[]), again);
    }

    #[test]
    fn what_may_have_been_done_is_not_done_again() {
        let advised = |status, pairs: &[_]| advice(status, None, &headers(pairs), NOW, false);
        for status in [429, 503] {
            assert_eq!(advised(status, &[]), Advice::TryAgain { asked: None }, "{status}");
        }
        for status in [408, 500, 502, 504] {
            assert_eq!(advised(status, &[]), Advice::GiveUp, "{status}");
        }
        assert_eq!(advised(500, &[("x-should-retry", "true")]), Advice::TryAgain { asked: None });
    }

    #[test]
    fn the_gateway_may_overrule() {
        assert_eq!(advised(400, None, &[("x-should-retry", "true")]), Advice::TryAgain { asked: None });
        assert_eq!(advised(500, None, &[("x-should-retry", "false")]), Advice::GiveUp);
        assert_eq!(advised(500, None, &[("x-should-retry", "perhaps")]), Advice::TryAgain { asked: None });
    }

    #[test]
    fn a_wait_is_read_in_every_form() {
        assert_eq!(asked(&[]), None);
        assert_eq!(asked(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(asked(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
        assert_eq!(asked(&[("retry-after", "7"), ("retry-after-ms", "20")]), Some(Duration::from_millis(20)));
        assert_eq!(asked(&[("retry-after", "7"), ("retry-after-ms", "x")]), Some(Duration::from_secs(7)));
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT")]), Some(Duration::from_secs(10)));
        assert_eq!(asked(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]), Some(Duration::ZERO));
        for nonsense in ["", "soon", "-1", "NaN", "inf", "1e300"] {
            assert_eq!(asked(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
    }

    #[test]
    fn too_long_a_wait_is_left_to_the_caller() {
        let longest = Advice::TryAgain { asked: Some(ASKED_WAIT_MAX) };
        assert_eq!(advised(429, None, &[("retry-after", "120")]), longest);
        assert_eq!(advised(429, None, &[("retry-after", "121")]), Advice::GiveUp);
    }

    #[test]
    fn waits_double_up_to_the_longest_and_chance_only_shortens() {
        let backoff = Backoff::default();
        let full: Vec<u128> = (0..7).map(|retries| backoff.wait(retries, 0.0).as_millis()).collect();
        assert_eq!(full, [500, 1000, 2000, 4000, 8000, 8000, 8000]);
        assert_eq!(backoff.wait(0, 1.0), Duration::from_millis(375));
        assert_eq!(backoff.wait(u32::MAX, 0.0), Duration::from_secs(8));
        let endless = Backoff { first: Duration::MAX, longest: Duration::MAX };
        assert_eq!(endless.wait(9, 0.0), Duration::MAX);
    }
}
