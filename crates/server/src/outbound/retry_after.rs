//! When the other side wants to be asked again.

use std::time::Duration;

use chrono::DateTime;
use http::HeaderMap;
use http::header::RETRY_AFTER;
use openclaw_core::Timestamp;

/// `Retry-After` as a wait, given in seconds or as a date (RFC 9110, 10.2.3); not bounded.
pub fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?;
    Some(Duration::from_millis(u64::try_from(date.timestamp_millis() - now.as_millis()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn it_is_read_as_seconds_and_as_a_date() {
        let now = Timestamp::parse("2026-11-23T08:00:00Z").expect("a time");
        for (value, wait) in [
            ("2", Some(2)),
            ("0", Some(0)),
            ("Mon, 23 Nov 2026 08:00:30 GMT", Some(30)),
            ("Mon, 23 Nov 2026 07:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("99999999999999999999", None),
        ] {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_static(value))]);
            assert_eq!(retry_after(&headers, now), wait.map(Duration::from_secs), "{value}");
        }
    }
}
