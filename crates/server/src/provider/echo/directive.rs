//! `[[echo key=value …]]` inside a message: what the reply is to be like.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use http::StatusCode;
use openclaw_core::FinishReason;

/// How a directive begins.
const OPEN: &str = "[[echo";

/// How it ends.
const CLOSE: &str = "]]";

/// The keys, as told to who wrote another one.
const KEYS: &str = "delay_ms, chunk_ms, words, status, retry_after, fail_after, stall_after, finish";

/// What the directives of one message ask for; absent: nothing special.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Directive {
    /// The wait before the first word.
    pub(super) delay: Duration,
    /// The wait between two words.
    pub(super) pause: Duration,
    /// How many words to answer.
    pub(super) words: Option<usize>,
    /// The failure to answer with.
    pub(super) status: Option<StatusCode>,
    /// The wait to ask for with it.
    pub(super) retry_after: Option<Duration>,
    /// After how many words to break off.
    pub(super) fail_after: Option<usize>,
    /// After how many words to fall silent.
    pub(super) stall_after: Option<usize>,
    /// The reason to give for the end.
    pub(super) finish: Option<FinishReason>,
}

/// Takes the directives out of a message; the error names the key that is wrong.
pub(super) fn take(message: &str) -> Result<(String, Directive), String> {
    let mut directive = Directive::default();
    let mut text = message.to_owned();
    let mut found = false;
    while let Some((before, inside, after)) = split(&text) {
        for pair in inside.split_whitespace() {
            directive.set(pair)?;
        }
        text = format!("{before}{after}");
        found = true;
    }
    Ok((if found { text.trim().to_owned() } else { text }, directive))
}

/// The text before, inside and after the first directive.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    for (start, _) in text.match_indices(OPEN) {
        let rest = &text[start + OPEN.len()..];
        let end = rest.find(CLOSE)?;
        // `[[echoes]]` is text.
        if end == 0 || rest.starts_with(char::is_whitespace) {
            return Some((&text[..start], &rest[..end], &rest[end + CLOSE.len()..]));
        }
    }
    None
}

impl Directive {
    fn set(&mut self, pair: &str) -> Result<(), String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_taken_out_wherever_they_stand() {
        let (text, directive) = take("Tell [[echo delay_ms=5 words=7]]me[[echo status=529]] [[echo]]").expect("good");
        assert_eq!(text, "Tell me");
        let status = StatusCode::from_u16(529).ok();
        assert_eq!(
            directive,
            Directive { delay: Duration::from_millis(5), words: Some(7), status, ..Directive::default() }
        );
    }

    #[test]
    fn what_is_no_directive_stays_as_it_is() {
        for message in [" plain ", "[[echoes]]", "[[echo delay_ms=5", "[echo]", "[[ echo]]"] {
            assert_eq!(take(message), Ok((message.to_owned(), Directive::default())), "{message:?}");
        }
        assert_eq!(take("[[echoes]] [[echo]]").expect("good").0, "[[echoes]]");
    }
}
