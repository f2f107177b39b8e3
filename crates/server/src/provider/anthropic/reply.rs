//! A reply of the Messages API, streamed: <https://docs.anthropic.com/en/api/messages-streaming>.
//!
//! Order of events: `message_start` (model, tokens of the prompt), then for each block `content_block_start`,
//! `content_block_delta`…, `content_block_stop`, then `message_delta` (why it ended, tokens of the reply) and
//! `message_stop`. `ping` comes at any time, `error` may end it; events and blocks unknown to us are passed over, as
//! asked there.

use std::borrow::Cow;
use std::collections::VecDeque;

use openclaw_core::sse::SseEvent;
use openclaw_core::{FinishReason, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::provider::pump::{Decoder, parse};
use crate::provider::tool::{CallBounds, CallIds};
use crate::provider::{ModelEvent, ModelRequest, ProviderError, ProviderErrorKind, ToolCall};

/// What has been told of a reply so far.
pub(super) struct Reply {
    model: String,
    usage: Option<Usage>,
    finish_reason: Option<FinishReason>,
    calls: Vec<OpenCall>,
    bounds: CallBounds,
    ids: CallIds,
}

/// A call whose block has not yet ended.
struct OpenCall {
    index: u64,
    call: ToolCall,
    /// What the block began with, which counts where nothing more is told.
    input: String,
}

impl Reply {
    pub(super) fn new(request: &ModelRequest) -> Self {
        Self {
            model: request.model.clone(),
            usage: None,
            finish_reason: None,
            calls: Vec::new(),
            bounds: CallBounds::default(),
            ids: CallIds::new(&request.messages),
        }
    }

    fn count(&mut self, tokens: &Tokens) -> ModelEvent {
        let usage = self.usage.get_or_insert_default();
        usage.input_tokens = tokens.whole_input().unwrap_or(usage.input_tokens);
        usage.output_tokens = tokens.output.unwrap_or(usage.output_tokens);
        ModelEvent::Progress { model: self.model.clone(), usage: *usage }
    }

    fn begin_block(&mut self, index: u64, block: Block<'_>) -> Result<Option<ModelEvent>, ProviderError> {
        if block.name != "tool_use" {
            return Ok(text(block.text));
        }
        let (id, name) = (block.id.unwrap_or_default(), block.tool.unwrap_or_default());
        let input = block.input.map_or("{}", RawValue::get).to_owned();
        self.bounds.begin()?;
        self.bounds.grow(id.len() + name.len() + input.len())?;
        self.calls.push(OpenCall { index, call: ToolCall { id, name, arguments: String::new() }, input });
        Ok(None)
    }

    fn go_on(&mut self, index: u64, delta: Delta<'_>) -> Result<Option<ModelEvent>, ProviderError> {
        match &*delta.name {
            "text_delta" => return Ok(text(delta.text)),
            "input_json_delta" => {
                // Blocks of another kind have inputs too, such as the vendor's own tools.
                let open = self.calls.iter_mut().find(|open| open.index == index);
                if let (Some(open), Some(json)) = (open, delta.partial_json) {
                    self.bounds.grow(json.len())?;
                    open.call.arguments.push_str(&json);
                }
            }
            _ => {}
        }
        Ok(None)
    }

    fn end_block(&mut self, index: u64) -> Option<ModelEvent> {
        let at = self.calls.iter().position(|open| open.index == index)?;
        let open = self.calls.remove(at);
        Some(self.call(open))
    }

    fn call(&mut self, open: OpenCall) -> ModelEvent {
        let OpenCall { call: ToolCall { id, name, arguments }, input, .. } = open;
        let arguments = if arguments.is_empty() { input } else { arguments };
        ModelEvent::ToolCall(ToolCall { id: self.ids.take(id), name, arguments })
    }

    fn done(&mut self, told: &mut VecDeque<ModelEvent>) {
        for open in std::mem::take(&mut self.calls) {
            let call = self.call(open);
            told.push_back(call);
        }
        let usual = if self.bounds.any() { FinishReason::ToolCalls } else { FinishReason::Stop };
        let finish_reason = self.finish_reason.filter(|reason| *reason != FinishReason::Stop).unwrap_or(usual);
        told.push_back(ModelEvent::Done { model: std::mem::take(&mut self.model), usage: self.usage, finish_reason });
    }
}

impl Decoder for Reply {
    fn read(&mut self, event: SseEvent, told: &mut VecDeque<ModelEvent>) -> Result<(), ProviderError> {
        let data = event.data.as_str();
        // Every event is named twice; a compatible server may leave out the first.
        let name = if event.event.is_empty() { parse::<Named>(data)?.name } else { Cow::Owned(event.event) };
        let event = match &*name {
            "content_block_delta" => {
                let BlockDelta { index, delta } = parse(data)?;
                self.go_on(index, delta)?
            }
            "message_start" => {
                let message = parse::<MessageStart>(data)?.message;
                self.model = message.model;
                Some(self.count(&message.usage))
            }
            "content_block_start" => {
                let BlockStart { index, content_block } = parse(data)?;
                self.begin_block(index, content_block)?
            }
            "content_block_stop" => self.end_block(parse::<BlockStop>(data)?.index),
            "message_delta" => {
                let MessageDelta { delta, usage } = parse(data)?;
                self.finish_reason = delta.stop_reason.as_deref().map(finish_reason).or(self.finish_reason);
                usage.map(|tokens| self.count(&tokens))
            }
            "message_stop" => {
                self.done(told);
                None
            }
            "error" => return Err(failure(&parse::<ErrorEvent>(data)?.error)),
            _ => None,
        };
        told.extend(event);
        Ok(())
    }

    fn end(&mut self, told: &mut VecDeque<ModelEvent>) {
        if self.finish_reason.is_some() {
            self.done(told);
        }
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
struct BlockStart<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow)]
    content_block: Block<'a>,
}

#[derive(Deserialize)]
struct Block<'a> {
    #[serde(borrow, default, rename = "type")]
    name: Cow<'a, str>,
    text: Option<String>,
    id: Option<String>,
    #[serde(rename = "name")]
    tool: Option<String>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct BlockStop {
    #[serde(default)]
    index: u64,
}

#[derive(Deserialize)]
struct BlockDelta<'a> {
    #[serde(default)]
    index: u64,
    #[serde(borrow)]
    delta: Delta<'a>,
}

/// The text is handed on as it is read, so it is owned at once.
#[derive(Deserialize)]
struct Delta<'a> {
    #[serde(borrow, rename = "type")]
    name: Cow<'a, str>,
    text: Option<String>,
    partial_json: Option<String>,
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

    fn reply(model: &str) -> Reply {
        Reply::new(&ModelRequest { model: model.into(), ..ModelRequest::default() })
    }

    fn call(id: &str, name: &str, arguments: &str) -> ModelEvent {
        ModelEvent::ToolCall(ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() })
    }

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
            assert_eq!(read_cut(REPLY, cut, reply("short")), whole(), "pieces of {cut}");
        }
        assert_eq!(read_cut(&unnamed, 7, reply("short")), whole());
    }

    #[test]
    fn a_reply_is_whole_only_from_its_stop_reason_on() {
        let stop_known = REPLY.find("event: message_stop").expect("it is there");
        for (end, _) in REPLY.match_indices("event: ") {
            let events = read_cut(&REPLY[..end], 4096, reply("short"));
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
            assert_eq!(read_cut(&event, 9, reply("m")), [Err(ProviderError::new(kind, "no [key]"))]);
        }
    }

    #[test]
    fn an_event_that_is_not_json_breaks_the_reply() {
        let events = read_cut("event: message_start\ndata: {\n\n", 99, reply("m"));
        assert!(matches!(&events[..], [Err(error)] if error.kind == ProviderErrorKind::Broken));
    }

    /// A text, two calls of which one has no input, and blocks of the vendor's own tools.
    const CALLS: &str = concat!(
        "data: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-3-5-sonnet-20241022\",\"usage\":{\"input_tokens\":45,\"output_tokens\":1}}}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Let me look.\"}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"server_tool_use\",\"id\":\"srvtoolu_1\",\"name\":\"web_search\",\"input\":{}}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"q\\\":1}\"}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":2,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_1\",\"name\":\"web_fetch\",\"input\":{}}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"\"}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"url\\\":\"}}\n\n",
        "data: {\"type\":\"ping\"}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":2,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\" \\\"页]]\\\\n\\\"}\"}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":2}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":3,\"content_block\":{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"now\",\"input\":{}}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":3}\n\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":156}}\n\n",
        "data: {\"type\":\"message_stop\"}\n\n",
    );

    fn called(finish_reason: FinishReason) -> Vec<Result<ModelEvent, ProviderError>> {
        let usage = Some(Usage { input_tokens: 45, output_tokens: 156 });
        vec![
            Ok(progress(1)),
            Ok(ModelEvent::Text("Let me look.".into())),
            Ok(call("toolu_1", "web_fetch", r#"{"url": "页]]\n"}"#)),
            Ok(call("toolu_2", "now", "{}")),
            Ok(progress(156)),
            Ok(ModelEvent::Done { model: "claude-3-5-sonnet-20241022".into(), usage, finish_reason }),
        ]
    }

    #[test]
    fn calls_read_the_same_in_every_cut() {
        for cut in 1..=CALLS.len() {
            assert_eq!(read_cut(CALLS, cut, reply("short")), called(FinishReason::ToolCalls), "pieces of {cut}");
        }
    }

    #[test]
    fn calls_of_compatible_servers_and_other_endings_are_understood() {
        for (word, finish_reason) in [
            ("end_turn", FinishReason::ToolCalls),
            ("pause_turn", FinishReason::ToolCalls),
            ("max_tokens", FinishReason::Length),
            ("refusal", FinishReason::ContentFilter),
        ] {
            let other = CALLS.replace("\"tool_use\"}", &format!("\"{word}\"}}"));
            assert_eq!(read_cut(&other, 99, reply("m")), called(finish_reason), "{word}");
        }
        let whole_at_once = concat!(
            "data: {\"type\":\"content_block_start\",\"content_block\":{\"type\":\"tool_use\",\"name\":\"look\",\"input\":{\"q\":1}}}\n\n",
            "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"}}\n\n",
        );
        let done = ModelEvent::Done { model: "m".into(), usage: None, finish_reason: FinishReason::ToolCalls };
        let expected = [Ok(call("call_made_1", "look", r#"{"q":1}"#)), Ok(done)];
        assert_eq!(read_cut(whole_at_once, 99, reply("m")), expected, "no id, no deltas, no end of the block");
    }

    #[test]
    fn a_reply_that_breaks_off_among_its_calls_is_never_whole() {
        for (end, _) in CALLS.match_indices("data: {\"type\":\"content_block") {
            let events = read_cut(&CALLS[..end], 99, reply("m"));
            assert!(matches!(events.last(), Some(Err(error)) if error.kind == ProviderErrorKind::Broken), "at {end}");
        }
    }

    #[test]
    fn endless_arguments_break_the_reply() {
        let begin = "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"look\",\"input\":{}}}\n\n";
        let more = format!(
            "data: {{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}}}}\n\n",
            "a".repeat(100_000)
        );
        let events = read_cut(&format!("{begin}{}", more.repeat(11)), 65_536, reply("m"));
        assert!(
            matches!(&events[..], [Err(error)] if error.kind == ProviderErrorKind::Broken && error.message.contains("bytes")),
            "{events:?}"
        );
    }
}
