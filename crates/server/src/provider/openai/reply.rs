//! A reply of the Chat Completions API, streamed: <https://platform.openai.com/docs/api-reference/chat-streaming>.
//!
//! Order of events: chunks with text and pieces of calls, one that says why it ended, one with the tokens, `[DONE]`.
//! Compatible servers leave out the last two or tell them in another chunk, so a reply is whole once it is known why it
//! ended; it is over at `[DONE]` or when the bytes end.

use std::borrow::Cow;
use std::collections::VecDeque;

use openclaw_core::sse::SseEvent;
use openclaw_core::{FinishReason, Usage};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::call::{CallPiece, Calls};
use crate::provider::message::find_message;
use crate::provider::pump::{Decoder, parse};
use crate::provider::{ModelEvent, ModelRequest, ProviderError, ProviderErrorKind};

/// What has been told of a reply so far.
pub(super) struct Reply {
    model: String,
    model_told: bool,
    usage: Option<Usage>,
    finish_reason: Option<FinishReason>,
    calls: Calls,
}

impl Reply {
    pub(super) fn new(request: &ModelRequest) -> Self {
        Self {
            model: request.model.clone(),
            model_told: false,
            usage: None,
            finish_reason: None,
            calls: Calls::new(&request.messages),
        }
    }

    /// Only here are the calls whole: their pieces may come in any order.
    fn done(&mut self, finish_reason: FinishReason, told: &mut VecDeque<ModelEvent>) {
        let calls = self.calls.take();
        // Compatible servers say `stop` after calls too.
        let calls_alone = finish_reason == FinishReason::Stop && !calls.is_empty();
        let finish_reason = if calls_alone { FinishReason::ToolCalls } else { finish_reason };
        told.extend(calls.into_iter().map(ModelEvent::ToolCall));
        told.push_back(ModelEvent::Done { model: std::mem::take(&mut self.model), usage: self.usage, finish_reason });
    }
}

impl Decoder for Reply {
    fn read(&mut self, event: SseEvent, told: &mut VecDeque<ModelEvent>) -> Result<(), ProviderError> {
        if event.data == "[DONE]" {
            self.done(self.finish_reason.unwrap_or(FinishReason::Stop), told);
            return Ok(());
        }
        let chunk: Chunk = parse(&event.data)?;
        if let Some(error) = chunk.error {
            return Err(failure(error));
        }
        if let Some(Word(model)) = chunk.model
            && !self.model_told
            && !model.is_empty()
        {
            self.model = model.into_owned();
            self.model_told = true;
        }
        let usage = chunk.usage.map(Usage::from);
        self.usage = usage.or(self.usage);
        let choice = chunk.choices.into_iter().next();
        let mut text = None;
        if let Some(choice) = choice {
            self.finish_reason = choice.finish_reason.map(|Word(word)| finish_reason(&word)).or(self.finish_reason);
            let delta = choice.delta.unwrap_or_default();
            for piece in delta.tool_calls.unwrap_or_default() {
                self.calls.add(piece)?;
            }
            text = delta.content.filter(|text| !text.is_empty());
        }
        told.extend(match (text, usage) {
            (Some(text), _) => Some(ModelEvent::Text(text)),
            (None, Some(usage)) => Some(ModelEvent::Progress { model: self.model.clone(), usage }),
            (None, None) => None,
        });
        Ok(())
    }

    fn end(&mut self, told: &mut VecDeque<ModelEvent>) {
        if let Some(finish_reason) = self.finish_reason {
            self.done(finish_reason, told);
        }
    }
}

fn finish_reason(word: &str) -> FinishReason {
    match word {
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Stop,
    }
}

/// An error told in the stream has no status; some servers put one into `code`.
fn failure(error: &RawValue) -> ProviderError {
    #[derive(Deserialize)]
    struct Coded {
        code: Option<serde_json::Value>,
    }

    let code = parse::<Coded>(error.get()).ok().and_then(|coded| coded.code).unwrap_or_default();
    let kind = if code == 429 || code == "429" || code == "rate_limit_exceeded" {
        ProviderErrorKind::RateLimited
    } else {
        ProviderErrorKind::Failed
    };
    let message = find_message(error.get()).unwrap_or_else(|| "the vendor failed and did not say why".into());
    ProviderError::new(kind, message)
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    model: Option<Word<'a>>,
    #[serde(borrow, default)]
    choices: Vec<Choice<'a>>,
    usage: Option<Tokens>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

/// Text borrowed from the event where it has no escapes; serde borrows a `Cow` in an `Option` only by way of a type.
#[derive(Deserialize)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Choice<'a> {
    #[serde(borrow)]
    delta: Option<Delta<'a>>,
    #[serde(borrow)]
    finish_reason: Option<Word<'a>>,
}

/// The text is handed on as it is read, so it is owned at once.
#[derive(Default, Deserialize)]
struct Delta<'a> {
    content: Option<String>,
    #[serde(borrow)]
    tool_calls: Option<Vec<CallPiece<'a>>>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self { input_tokens: tokens.prompt_tokens, output_tokens: tokens.completion_tokens }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ToolCall;
    use crate::provider::pump::read_cut;

    const REPLY: &str = concat!(
        "data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],\"usage\":null}\n\n",
        "data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"你好, \"},\"finish_reason\":null}]}\n\n",
        ": keep-alive\n\n",
        "data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\\n\\u0042\"},\"finish_reason\":null}]}\n\n",
        "data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
        "data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4,\"total_tokens\":13}}\n\n",
        "data: [DONE]\n\n",
    );
    const MODEL: &str = "gpt-4o-2024-08-06";
    const USAGE: Usage = Usage { input_tokens: 9, output_tokens: 4 };

    fn reply(model: &str) -> Reply {
        Reply::new(&ModelRequest { model: model.into(), ..ModelRequest::default() })
    }

    fn call(id: &str, name: &str, arguments: &str) -> ModelEvent {
        ModelEvent::ToolCall(ToolCall { id: id.into(), name: name.into(), arguments: arguments.into() })
    }

    fn done(usage: Option<Usage>) -> ModelEvent {
        ModelEvent::Done { model: MODEL.into(), usage, finish_reason: FinishReason::Stop }
    }

    fn text(text: &str) -> ModelEvent {
        ModelEvent::Text(text.into())
    }

    #[test]
    fn a_reply_reads_the_same_in_every_cut() {
        let progress = Ok(ModelEvent::Progress { model: MODEL.into(), usage: USAGE });
        let whole = [Ok(text("你好, ")), Ok(text("a\nB")), progress, Ok(done(Some(USAGE)))];
        for cut in 1..=REPLY.len() {
            assert_eq!(read_cut(REPLY, cut, reply("gpt-4o")), whole, "pieces of {cut}");
        }
    }

    #[test]
    fn servers_that_send_no_usage_or_no_done_are_understood() {
        let until = |mark: &str| &REPLY[..REPLY.find(mark).expect("it is there")];
        let no_usage = format!(
            "{}data: [DONE]\n\n",
            until("data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[],")
        );
        assert_eq!(read_cut(&no_usage, 5, reply("m")).last(), Some(&Ok(done(None))));
        let no_done = until("data: [DONE]");
        assert_eq!(read_cut(no_done, 5, reply("m")).last(), Some(&Ok(done(Some(USAGE)))));
        let all_in_one = format!(
            "data: {{\"model\":\"{MODEL}\",\"choices\":[{{\"delta\":{{\"content\":\"x\"}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":9,\"completion_tokens\":4}}}}\n\n"
        );
        assert_eq!(read_cut(&all_in_one, 5, reply("m")), [Ok(text("x")), Ok(done(Some(USAGE)))]);
    }

    #[test]
    fn a_reply_that_stops_before_its_reason_is_broken() {
        let half = &REPLY[..REPLY.find("\"finish_reason\":\"stop\"").expect("it is there")];
        let events = read_cut(half, 11, reply("m"));
        assert!(matches!(events.last(), Some(Err(error)) if error.kind == ProviderErrorKind::Broken), "{events:?}");
    }

    #[test]
    fn an_error_in_the_stream_is_told_in_the_vendors_words() {
        for (error, kind, message) in [
            (r#"{"message":"no sk-canary","code":429}"#, ProviderErrorKind::RateLimited, "no [key]"),
            (r#"{"message":"overloaded","code":null}"#, ProviderErrorKind::Failed, "overloaded"),
            (r#""out of memory""#, ProviderErrorKind::Failed, "out of memory"),
        ] {
            let event = format!("data: {{\"error\":{error}}}\n\n");
            assert_eq!(read_cut(&event, 3, reply("m")), [Err(ProviderError::new(kind, message))]);
        }
    }

    /// A text and two calls, their pieces mixed.
    const CALLS: &str = concat!(
        "data: {\"model\":\"gpt-4o-2024-08-06\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Let me look.\",\"tool_calls\":null}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"web_fetch\",\"arguments\":\"\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":\"call_b\",\"type\":\"function\",\"function\":{\"name\":\"now\",\"arguments\":\"\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"url\\\":\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\" \\\"页]]\\\\n\\\"}\"}}]}}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":4}}\n\n",
        "data: [DONE]\n\n",
    );

    fn called(finish_reason: FinishReason) -> Vec<Result<ModelEvent, ProviderError>> {
        vec![
            Ok(text("Let me look.")),
            Ok(ModelEvent::Progress { model: MODEL.into(), usage: USAGE }),
            Ok(call("call_a", "web_fetch", r#"{"url": "页]]\n"}"#)),
            Ok(call("call_b", "now", "{}")),
            Ok(ModelEvent::Done { model: MODEL.into(), usage: Some(USAGE), finish_reason }),
        ]
    }

    #[test]
    fn calls_read_the_same_in_every_cut() {
        for cut in 1..=CALLS.len() {
            assert_eq!(read_cut(CALLS, cut, reply("m")), called(FinishReason::ToolCalls), "pieces of {cut}");
        }
    }

    #[test]
    fn calls_count_whatever_reason_the_server_gives() {
        for (word, finish_reason) in [("stop", FinishReason::ToolCalls), ("length", FinishReason::Length)] {
            let other = CALLS.replace("\"finish_reason\":\"tool_calls\"", &format!("\"finish_reason\":\"{word}\""));
            assert_eq!(read_cut(&other, 99, reply("m")), called(finish_reason), "{word}");
        }
        let no_reason = CALLS.replace("\"finish_reason\":\"tool_calls\"", "\"finish_reason\":null");
        assert_eq!(read_cut(&no_reason, 99, reply("m")), called(FinishReason::ToolCalls), "only [DONE]");
        let no_end = no_reason.replace("data: [DONE]\n\n", "");
        let events = read_cut(&no_end, 99, reply("m"));
        assert!(matches!(&events[2..], [Err(error)] if error.kind == ProviderErrorKind::Broken), "{events:?}");
        let in_one = "data: {\"choices\":[{\"delta\":{\"content\":\"x\",\"tool_calls\":[{\"function\":{\"name\":\"now\"}}]},\"finish_reason\":\"stop\"}]}\n\n";
        let done = ModelEvent::Done { model: "m".into(), usage: None, finish_reason: FinishReason::ToolCalls };
        assert_eq!(read_cut(in_one, 7, reply("m")), [Ok(text("x")), Ok(call("call_made_1", "now", "{}")), Ok(done)]);
    }
}
