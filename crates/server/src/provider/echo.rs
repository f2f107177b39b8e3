//! `echo`: the built-in model, which answers in the caller's own words, for trying and testing without a vendor.
//!
//! It needs no account, costs nothing and is the same every time: the reply is the message, streamed word by word (a
//! word with the blanks after it; Chinese and Japanese characters one by one). A word is a token: the prompt's are the
//! words of the system text and of every message, the reply's are the words sent; `max_tokens` cuts the reply.
//!
//! A directive in the message scripts the reply and is no part of it: `[[echo delay_ms=500 words=1000]] Tell me more`.
//!
//! | key | range | what happens |
//! |---|---|---|
//! | `delay_ms` | 0 to 600000 | waits before the first word |
//! | `chunk_ms` | 0 to 60000 | waits between two words |
//! | `words` | 1 to 100000 | answers that many words: the message's own, again and again |
//! | `status` | 400 to 599 | fails before the first word, as a vendor that answers with this HTTP status |
//! | `retry_after` | 0 to 3600 | with `status`: asks to wait that many seconds |
//! | `fail_after` | 0 to 100000 | breaks off after that many words |
//! | `stall_after` | 0 to 100000 | falls silent after that many words, until the provider's idle timeout or the caller ends it |
//! | `finish` | `stop`, `length`, `tool_calls`, `content_filter` | says that the reply ended for this reason |
//!
//! A key that is not in the table or a value out of its range is refused with its name. A message that holds nothing
//! but a directive is answered `echo`. A directive in an earlier message of the session does nothing.

mod directive;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream;
use http::StatusCode;
use openclaw_core::{FinishReason, Usage};

use self::directive::Directive;
use super::vendor::kind_of;
use super::{ModelEvent, ModelMessage, ModelRequest, ModelStream, Provider, ProviderError, ProviderErrorKind};
use crate::clock::Clock;

/// The name of the built-in model, and of its provider.
pub const NAME: &str = "echo";

/// The built-in provider.
pub struct Echo {
    clock: Clock,
    idle_timeout: Duration,
}

impl Echo {
    /// A provider that, told to fall silent, fails after `idle_timeout` as a vendor would.
    pub fn new(clock: Clock, idle_timeout: Duration) -> Self {
        Self { clock, idle_timeout }
    }
}

#[async_trait]
impl Provider for Echo {
    async fn stream(&self, request: &ModelRequest) -> Result<ModelStream, ProviderError> {
        let message = match request.messages.last() {
            Some(ModelMessage::User(message)) => message,
            _ => "",
        };
        let (text, directive) = directive::take(message).map_err(|why| refused(&why))?;
        wait(&self.clock, directive.delay).await;
        if let Some(status) = directive.status {
            return Err(failure(status, directive.retry_after));
        }
        let prompt = request.messages.iter().flat_map(texts).chain(request.system.as_deref());
        let reply = Reply {
            model: request.model.clone(),
            words: reply_words(&text, directive.words),
            next: 0,
            input_tokens: prompt.map(|text| words(text).len() as u64).sum(),
            output_tokens_max: request.max_tokens.map_or(usize::MAX, |most| most as usize),
            directive,
            over: false,
            clock: self.clock.clone(),
            idle_timeout: self.idle_timeout,
        };
        Ok(Box::pin(stream::unfold(reply, |mut reply| async move { Some((reply.next().await?, reply)) })))
    }
}

/// A reply under way.
struct Reply {
    model: String,
    words: Vec<String>,
    next: usize,
    input_tokens: u64,
    output_tokens_max: usize,
    directive: Directive,
    over: bool,
    clock: Clock,
    idle_timeout: Duration,
}

impl Reply {
    async fn next(&mut self) -> Option<Result<ModelEvent, ProviderError>> {
        if self.over {
            return None;
        }
        let sent = self.next;
        let left = self.words.get_mut(sent).filter(|_| sent < self.output_tokens_max).map(std::mem::take);
        let reached = |after: Option<usize>| after.is_some_and(|after| sent >= after || left.is_none());
        if reached(self.directive.fail_after) {
            self.over = true;
            return Some(Err(ProviderError::new(ProviderErrorKind::Broken, "echo was told to break off")));
        }
        if reached(self.directive.stall_after) {
            self.over = true;
            self.clock.sleep(self.idle_timeout).await;
            return Some(Err(ProviderError::new(ProviderErrorKind::TimedOut, "echo was told to fall silent")));
        }
        let Some(word) = left else {
            self.over = true;
            return Some(Ok(self.done()));
        };
        if sent > 0 {
            wait(&self.clock, self.directive.pause).await;
        }
        self.next += 1;
        Some(Ok(ModelEvent::Text(word)))
    }

    fn done(&self) -> ModelEvent {
        let ended = if self.next < self.words.len() { FinishReason::Length } else { FinishReason::Stop };
        ModelEvent::Done {
            model: self.model.clone(),
            usage: Some(Usage { input_tokens: self.input_tokens, output_tokens: self.next as u64 }),
            finish_reason: self.directive.finish.unwrap_or(ended),
        }
    }
}

/// The texts of a message.
fn texts(message: &ModelMessage) -> Vec<&str> {
    match message {
        ModelMessage::User(text) => vec![text],
        ModelMessage::Assistant { content, .. } => vec![content],
        ModelMessage::ToolResults(results) => results.iter().map(|result| result.content.as_str()).collect(),
    }
}

async fn wait(clock: &Clock, time: Duration) {
    if !time.is_zero() {
        clock.sleep(time).await;
    }
}

fn refused(why: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Refused, why)
}

fn failure(status: StatusCode, retry_after: Option<Duration>) -> ProviderError {
    ProviderError { kind: kind_of(status), message: format!("echo was told to answer {status}"), retry_after }
}

/// The words of a reply: the text's own, or that many of them in turn.
fn reply_words(text: &str, count: Option<usize>) -> Vec<String> {
    let text = if text.trim().is_empty() { NAME } else { text };
    let Some(count) = count else {
        return words(text).into_iter().map(str::to_owned).collect();
    };
    let spaced = format!("{} ", text.trim());
    let mut reply: Vec<String> = words(&spaced).into_iter().cycle().take(count).map(str::to_owned).collect();
    if let Some(last) = reply.last_mut() {
        last.truncate(last.trim_end().len());
    }
    reply
}

/// Cuts a text into words; joined, they are the text.
fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        let begins =
            !character.is_whitespace() && (before.is_whitespace() || stands_alone(character) || stands_alone(before));
        if begins && !text[start..at].trim_start().is_empty() {
            words.push(&text[start..at]);
            start = at;
        }
        before = character;
    }
    if start < text.len() {
        words.push(&text[start..]);
    }
    words
}

/// Characters of scripts that put no blanks between words: Han, Kana, their punctuation and full-width forms.
fn stands_alone(character: char) -> bool {
    matches!(u32::from(character), 0x3000..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{FutureExt, StreamExt};
    use openclaw_core::Timestamp;

    const IDLE: Duration = Duration::from_mins(2);

    fn request(message: &str) -> ModelRequest {
        let messages = vec![ModelMessage::User(message.into())];
        ModelRequest { model: NAME.into(), messages, ..ModelRequest::default() }
    }

    fn ask(request: &ModelRequest) -> Result<Vec<Result<ModelEvent, ProviderError>>, ProviderError> {
        let echo = Echo::new(Clock::manual(Timestamp::default()), IDLE);
        let stream = echo.stream(request).now_or_never().expect("nothing to wait for")?;
        Ok(stream.collect().now_or_never().expect("nothing to wait for"))
    }

    fn texts(events: &[Result<ModelEvent, ProviderError>]) -> Vec<&str> {
        events
            .iter()
            .filter_map(|event| if let Ok(ModelEvent::Text(text)) = event { Some(text.as_str()) } else { None })
            .collect()
    }

    #[test]
    fn words_are_cut_so_that_joined_they_are_the_text() {
        for (text, cut) in [
            ("Hello,  big world ", vec!["Hello,  ", "big ", "world "]),
            ("帮我写个Python脚本", vec!["帮", "我", "写", "个", "Python", "脚", "本"]),
            ("  a\n\nb", vec!["  a\n\n", "b"]),
            ("好 吗", vec!["好 ", "吗"]),
            ("", vec![]),
            (" ", vec![" "]),
        ] {
            assert_eq!(words(text), cut, "{text:?}");
            assert_eq!(words(text).concat(), text);
        }
    }

    #[test]
    fn the_reply_is_the_message_with_its_words_counted() {
        let mut request = request("big world");
        request.system = Some("Be brief.".into());
        request.messages.insert(0, ModelMessage::answer("你好"));
        let events = ask(&request).expect("a reply");
        assert_eq!(texts(&events), ["big ", "world"]);
        let usage = Some(Usage { input_tokens: 6, output_tokens: 2 });
        let done = ModelEvent::Done { model: NAME.into(), usage, finish_reason: FinishReason::Stop };
        assert_eq!(events.last(), Some(&Ok(done)));
    }

    #[test]
    fn a_long_answer_a_cut_one_and_a_told_ending() {
        let events = ask(&request("[[echo words=5]] 你 ok")).expect("a reply");
        assert_eq!(texts(&events).concat(), "你 ok 你 ok 你");
        let mut short = request("one two three");
        short.max_tokens = Some(2);
        let events = ask(&short).expect("a reply");
        assert_eq!(texts(&events), ["one ", "two "]);
        assert!(matches!(events.last(), Some(Ok(ModelEvent::Done { finish_reason: FinishReason::Length, .. }))));
        let events = ask(&request("[[echo finish=tool_calls]]")).expect("a reply");
        assert_eq!(texts(&events), [NAME]);
        assert!(matches!(events.last(), Some(Ok(ModelEvent::Done { finish_reason: FinishReason::ToolCalls, .. }))));
    }

    #[test]
    fn failures_before_and_within_the_reply() {
        let error = ask(&request("[[echo status=429 retry_after=2]]")).expect_err("told to fail");
        assert_eq!((error.kind, error.retry_after), (ProviderErrorKind::RateLimited, Some(Duration::from_secs(2))));
        for (status, kind) in [
            (400, ProviderErrorKind::Refused),
            (401, ProviderErrorKind::Unauthorized),
            (500, ProviderErrorKind::Failed),
            (529, ProviderErrorKind::Failed),
        ] {
            assert_eq!(ask(&request(&format!("[[echo status={status}]]"))).expect_err("told to fail").kind, kind);
        }
        let events = ask(&request("a b c d[[echo fail_after=3]]")).expect("a reply");
        assert_eq!(texts(&events), ["a ", "b ", "c "]);
        assert!(matches!(&events[3..], [Err(error)] if error.kind == ProviderErrorKind::Broken));
        let events = ask(&request("a[[echo fail_after=3]]")).expect("a reply");
        assert!(matches!(events.last(), Some(Err(_))), "it breaks off at the latest where it would end");
    }

    #[test]
    fn what_is_not_in_the_table_is_refused_by_name() {
        for (message, named) in
            [("[[echo dealy_ms=1]]", "dealy_ms"), ("[[echo words=0]]", "words"), ("[[echo words]]", "words")]
        {
            let error = ask(&request(message)).expect_err("a mistake");
            assert_eq!(error.kind, ProviderErrorKind::Refused);
            assert!(error.message.contains(&format!("`{named}`")), "{}", error.message);
        }
    }

    #[test]
    fn waits_are_the_clocks() {
        let clock = Clock::manual(Timestamp::default());
        let echo = Echo::new(clock.clone(), IDLE);
        let request = request("[[echo delay_ms=500 chunk_ms=20 stall_after=2]] a b c");
        let mut opening = echo.stream(&request);
        assert!((&mut opening).now_or_never().is_none());
        clock.advance(Duration::from_millis(500));
        let mut reply = opening.now_or_never().expect("the delay is over").expect("a reply");
        assert_eq!(reply.next().now_or_never(), Some(Some(Ok(ModelEvent::Text("a ".into())))));
        let mut second = reply.next();
        assert_eq!((&mut second).now_or_never(), None);
        clock.advance(Duration::from_millis(20));
        assert_eq!(second.now_or_never(), Some(Some(Ok(ModelEvent::Text("b ".into())))));
        let mut third = reply.next();
        assert_eq!((&mut third).now_or_never(), None);
        clock.advance(IDLE);
        let error = third.now_or_never().expect("the silence is over").expect("an end").expect_err("a failure");
        assert_eq!(error.kind, ProviderErrorKind::TimedOut);
    }
}
