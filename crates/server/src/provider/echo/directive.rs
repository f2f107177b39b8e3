//! The keys of `[[echo key=value …]]`: what a reply is to be like.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;
use openclaw_core::FinishReason;

/// The keys, as told to who wrote another one.
const KEYS: &str = "delay_ms, chunk_ms, words, status, retry_after, fail_after, stall_after, finish";

/// What the keys ask for; absent: nothing special.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    /// The wait before the first word or call.
    pub(super) delay: Duration,
    /// The wait between two words or calls.
    pub(super) pause: Duration,
    /// How many words to answer.
    pub(super) words: Option<usize>,
    /// The failure to answer with.
    pub(super) status: Option<StatusCode>,
    /// The wait to ask for with it.
    pub(super) retry_after: Option<Duration>,
    /// After how many words and calls to break off.
    pub(super) fail_after: Option<usize>,
    /// After how many words and calls to fall silent.
    pub(super) stall_after: Option<usize>,
    /// The reason to give for the end.
    pub(super) finish: Option<FinishReason>,
}

impl Directive {
    /// Sets one `key=value`; the error names the key that is wrong.
    pub(super) fn set(&mut self, pair: &str) -> Result<(), String> {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match key {
            "delay_ms" => self.delay = Duration::from_millis(number(key, value, 0..=600_000)?),
            "chunk_ms" => self.pause = Duration::from_millis(number(key, value, 0..=60_000)?),
            "words" => self.words = Some(number(key, value, 1..=100_000)?),
            "status" => self.status = StatusCode::from_u16(number(key, value, 400..=599)?).ok(),
            "retry_after" => self.retry_after = Some(Duration::from_secs(number(key, value, 0..=3600)?)),
            "fail_after" => self.fail_after = Some(number(key, value, 0..=100_000)?),
            "stall_after" => self.stall_after = Some(number(key, value, 0..=100_000)?),
            "finish" => {
                let reason = FinishReason::parse(value);
                self.finish = Some(reason.ok_or("echo: `finish` is one of stop, length, tool_calls, content_filter")?);
            }
            _ => return Err(format!("echo: `{key}` is not a key of a directive; the keys are {KEYS}")),
        }
        Ok(())
    }
}

fn number<N>(key: &str, value: &str, range: RangeInclusive<N>) -> Result<N, String>
where
    N: FromStr + PartialOrd + std::fmt::Display,
{
    let number = value.parse().ok().filter(|number| range.contains(number));
    number.ok_or_else(|| format!("echo: `{key}` is a whole number from {} to {}", range.start(), range.end()))
}
