//! A reply of the Messages API, streamed: <https://docs.anthropic.com/en/api/messages-streaming>.
//!
//! Order of events: `message_start` (model, tokens of the prompt), then for each block `content_block_start`,
//! `content_block_delta`…, `content_block_stop`, then `message_delta` (why it ended, tokens of the reply) and
//! `message_stop`. `ping` comes at any time, `error` may end it; events and blocks unknown to us are passed over, as
//! asked there.

use std::borrow::Cow;

use openclaw_core::sse::SseEvent;
use openclaw_core::{FinishReason, Usage};
use serde::Deserialize;

use crate::provider::pump::{Decoder, parse};
use crate::provider::{ModelEvent, ProviderError, ProviderErrorKind};

/// What has been told of a reply so far.
pub(super) struct Reply {
    model: String,
    usage: Option<Usage>,
    finish_reason: Option<FinishReason>,
}

impl Reply {
    pub(super) fn new(model: &str) -> Self {
        Self { model: model.to_owned(), usage: None, finish_reason: None }
    }

    fn count(&mut self, tokens: &Tokens) -> ModelEvent {
        let usage = self.usage.get_or_insert_default();
        usage.input_tokens = tokens.whole_input().unwrap_or(usage.input_tokens);
        usage.output_tokens = tokens.output.unwrap_or(usage.output_tokens);
        ModelEvent::Progress { model: self.model.clone(), usage: *usage }
    }

    fn done(&mut self, finish_reason: FinishReason) -> ModelEvent {
        ModelEvent::Done { model: std::mem::take(&mut self.model), usage: self.usage, finish_reason }
    }
}

impl Decoder for Reply {
    fn read(&mut self, event: SseEvent) -> Result<Option<ModelEvent>, ProviderError> {
        let data = event.data.as_str();
        // Every event is named twice; a compatible server may leave out the first.
        let name = if event.event.is_empty() { parse::<Named>(data)?.name } else { Cow::Owned(event.event) };
        Ok(match &*name {
            "content_block_delta" => {
                let delta = parse::<BlockDelta>(data)?.delta;
                if delta.name == "text_delta" { text(delta.text) } else { None }
            }
            "message_start" => {
                let message = parse::<MessageStart>(data)?.message;
                self.model = message.model;
                Some(self.count(&message.usage))
            }
            "content_block_start" => text(parse::<BlockStart>(data)?.content_block.text),
            "message_delta" => {
                let MessageDelta { delta, usage } = parse(data)?;
                self.finish_reason = delta.stop_reason.as_deref().map(finish_reason).or(self.finish_reason);
                usage.map(|tokens| self.count(&tokens))
            }
            "message_stop" => {
                let finish_reason = self.finish_reason.unwrap_or(FinishReason::Stop);
                Some(self.done(finish_reason))
            }
            "error" => return Err(failure(&parse::<ErrorEvent>(data)?.error)),
            _ => None,
        })
    }

    fn end(&mut self) -> Option<ModelEvent> {
        self.finish_reason.map(|reason| self.done(reason))
    }
}

fn text(text: Option<String>) -> Option<ModelEvent> {
    text.filter(|text| !text.is_empty()).map(ModelEvent::Text)
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::ContentFilter,
        _ => FinishReason::Stop,
    }
}

/// <https://docs.anthropic.com/en/api/errors>; in a stream there is no status, only the name.
fn failure(error: &Failure) -> ProviderError {
    let kind = match &*error.name {
        "rate_limit_error" => ProviderErrorKind::RateLimited,
        "timeout_error" => ProviderErrorKind::TimedOut,
        "authentication_error" | "permission_error" | "billing_error" => ProviderErrorKind::Unauthorized,
        "invalid_request_error" | "not_found_error" | "request_too_large" => ProviderErrorKind::Refused,
        _ => ProviderErrorKind::Failed,
    };
    ProviderError::new(kind, &*error.message)
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(borrow, rename = "type")]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct MessageStart {
    message: Message,
}

#[derive(Deserialize)]
struct Message {
    model: String,
    #[serde(default)]
    usage: Tokens,
}

/// Tokens read from and written to the prompt cache are tokens of the prompt too, counted apart by this vendor.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Tokens {
    #[serde(rename = "input_tokens")]
    input: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_written: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: Option<u64>,
    #[serde(rename = "output_tokens")]
    output: Option<u64>,
}

impl Tokens {
    fn whole_input(&self) -> Option<u64> {
        let cached = self.cache_written.unwrap_or(0) + self.cache_read.unwrap_or(0);
        self.input.map(|fresh| fresh + cached)
    }
}

#[derive(Deserialize)]
struct BlockStart {
    content_block: Block,
}

#[derive(Deserialize)]
struct Block {
    text: Option<String>,
}

#[derive(Deserialize)]
struct BlockDelta<'a> {
    #[serde(borrow)]
    delta: Delta<'a>,
}

/// The text is handed on as it is read, so it is owned at once.
#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, rename = "type")]
    name: Cow<'a, str>,
    text: Option<String>,
}

#[derive(Deserialize)]
struct MessageDelta {
    delta: End,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct End {
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct ErrorEvent<'a> {
    #[serde(borrow)]
    error: Failure<'a>,
}

#[derive(Deserialize)]
struct Failure<'a> {
    #[serde(borrow, rename = "type")]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    message: Cow<'a, str>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::pump::read_cut;

    const REPLY: &str = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-3-5-sonnet-20241022\",\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":40,\"cache_read_input_tokens\":5,\"output_tokens\":1}}}\n\n",
        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"当然!\\n\"}}\n\n",
        "event: from_the_future\ndata: {\"delta\":7}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"\"}}\n\n",
        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"这是\\u0041\"}}\n\n",
        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"max_tokens\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":156}}\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
    );

    fn progress(output_tokens: u64) -> ModelEvent {
        let model = "claude-3-5-sonnet-20241022".into();
        ModelEvent::Progress { model, usage: Usage { input_tokens: 45, output_tokens } }
    }

    fn whole() -> Vec<Result<ModelEvent, ProviderError>> {
        vec![
            Ok(progress(1)),
            Ok(ModelEvent::Text("当然!\n".into())),
            Ok(ModelEvent::Text("这是A".into())),
            Ok(progress(156)),
            Ok(ModelEvent::Done {
                model: "claude-3-5-sonnet-20241022".into(),
                usage: Some(Usage { input_tokens: 45, output_tokens: 156 }),
                finish_reason: FinishReason::Length,
            }),
        ]
    }

    #[test]
    fn a_reply_reads_the_same_in_every_cut_and_without_event_lines() {
        let unnamed: String = REPLY
            .lines()
            .filter(|line| !line.starts_with("event: ") || line.contains("future"))
            .fold(String::new(), |text, line| text + line + "\n");
        for cut in 1..=REPLY.len() {
            assert_eq!(read_cut(REPLY, cut, Reply::new("short")), whole(), "pieces of {cut}");
        }
        assert_eq!(read_cut(&unnamed, 7, Reply::new("short")), whole());
    }

    #[test]
    fn a_reply_is_whole_only_from_its_stop_reason_on() {
        let stop_known = REPLY.find("event: message_stop").expect("it is there");
        for (end, _) in REPLY.match_indices("event: ") {
            let events = read_cut(&REPLY[..end], 4096, Reply::new("short"));
            match events.last() {
                Some(Ok(ModelEvent::Done { .. })) => assert!(end >= stop_known, "whole at {end}"),
                Some(Err(error)) => {
                    assert!(end < stop_known && error.kind == ProviderErrorKind::Broken, "{error:?} at {end}");
                }
                other => panic!("{other:?} at {end}"),
            }
        }
    }

    #[test]
    fn an_error_event_tells_its_kind_and_never_the_key() {
        for (name, kind) in [
            ("overloaded_error", ProviderErrorKind::Failed),
            ("rate_limit_error", ProviderErrorKind::RateLimited),
            ("invalid_request_error", ProviderErrorKind::Refused),
            ("authentication_error", ProviderErrorKind::Unauthorized),
        ] {
            let event = format!(
                "event: error\ndata: {{\"type\":\"error\",\"error\":{{\"type\":\"{name}\",\"message\":\"no sk-canary\"}}}}\n\n"
            );
            assert_eq!(read_cut(&event, 9, Reply::new("m")), [Err(ProviderError::new(kind, "no [key]"))]);
        }
    }

    #[test]
    fn an_event_that_is_not_json_breaks_the_reply() {
        let events = read_cut("event: message_start\ndata: {\n\n", 99, Reply::new("m"));
        assert!(matches!(&events[..], [Err(error)] if error.kind == ProviderErrorKind::Broken));
    }
}
