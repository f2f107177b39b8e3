//! OpenAI's Chat Completions API, streamed, as OpenAI and compatible servers (Ollama, vLLM, `DeepSeek`, …) speak it:
//! <https://platform.openai.com/docs/api-reference/chat-streaming>.
//!
//! Order of events in a reply: chunks with text, one that says why it ended, one with the tokens, `[DONE]`. Compatible
//! servers leave out the last two or tell them in another chunk, so a reply is whole once it is known why it ended;
//! it is over at `[DONE]` or when the bytes end.

use std::borrow::Cow;

use async_trait::async_trait;
use openclaw_core::sse::SseEvent;
use openclaw_core::{FinishReason, Usage};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::message::find_message;
use super::pump::{Decoder, parse};
use super::vendor::{Vendor, address, key_header};
use super::{ModelEvent, ModelRequest, ModelStream, Provider, ProviderConfigError, ProviderError, ProviderErrorKind};
use crate::clock::Clock;
use crate::config::ProviderConfig;
use crate::outbound::Outbound;

/// Where OpenAI answers.
const BASE_URL: &str = "https://api.openai.com/v1";

/// OpenAI's own host, whose newer models refuse `max_tokens`; compatible servers may know nothing else.
const OFFICIAL_HOST: &str = "api.openai.com";

/// A provider that speaks OpenAI's Chat Completions API.
pub struct Openai {
    vendor: Vendor,
    official: bool,
}

impl Openai {
    /// A provider as configured; the key may be absent, as for Ollama.
    pub fn new(config: &ProviderConfig, outbound: Outbound, clock: Clock) -> Result<Self, ProviderConfigError> {
        let url = address(config.base_url.as_deref().unwrap_or(BASE_URL), "/chat/completions")?;
        let official = url.host() == Some(OFFICIAL_HOST);
        let mut vendor = Vendor::new(config, url, outbound, clock);
        if let Some(key) = config.api_key.as_deref() {
            vendor = vendor.with_header("authorization", key_header(&format!("Bearer {key}"))?);
        }
        Ok(Self { vendor, official })
    }

    /// Whether this is OpenAI itself, not a compatible server.
    pub fn is_official(&self) -> bool {
        self.official
    }
}

#[async_trait]
impl Provider for Openai {
    async fn stream(&self, request: &ModelRequest) -> Result<ModelStream, ProviderError> {
        self.vendor.ask(&CompletionRequest::new(request, self.official), Reply::new(&request.model)).await
    }
}

#[derive(Serialize)]
struct CompletionRequest<'a> {
    model: &'a str,
    messages: Vec<Turn<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    stream: bool,
    stream_options: StreamOptions,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

impl<'a> CompletionRequest<'a> {
    fn new(request: &'a ModelRequest, official: bool) -> Self {
        let system = request.system.iter().map(|text| Turn { role: "system", content: text });
        let turns = request.messages.iter().map(|turn| Turn { role: turn.role.as_str(), content: &turn.content });
        Self {
            model: &request.model,
            messages: system.chain(turns).collect(),
            temperature: request.temperature,
            max_tokens: request.max_tokens.filter(|_| !official),
            max_completion_tokens: request.max_tokens.filter(|_| official),
            stream: true,
            stream_options: StreamOptions { include_usage: true },
        }
    }
}

/// What has been told of a reply so far.
struct Reply {
    model: String,
    model_told: bool,
    usage: Option<Usage>,
    finish_reason: Option<FinishReason>,
}

impl Reply {
    fn new(model: &str) -> Self {
        Self { model: model.to_owned(), model_told: false, usage: None, finish_reason: None }
    }

    fn done(&mut self, finish_reason: FinishReason) -> ModelEvent {
        ModelEvent::Done { model: std::mem::take(&mut self.model), usage: self.usage, finish_reason }
    }
}

impl Decoder for Reply {
    fn read(&mut self, event: SseEvent) -> Result<Option<ModelEvent>, ProviderError> {
        if event.data == "[DONE]" {
            let finish_reason = self.finish_reason.unwrap_or(FinishReason::Stop);
            return Ok(Some(self.done(finish_reason)));
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
        let told = chunk.usage.map(Usage::from);
        self.usage = told.or(self.usage);
        let choice = chunk.choices.into_iter().next();
        let text = choice.and_then(|choice| {
            self.finish_reason = choice.finish_reason.map(|Word(word)| finish_reason(&word)).or(self.finish_reason);
            choice.delta?.content.filter(|text| !text.is_empty())
        });
        if let Some(text) = text {
            return Ok(Some(ModelEvent::Text(text)));
        }
        Ok(told.map(|usage| ModelEvent::Progress { model: self.model.clone(), usage }))
    }

    fn end(&mut self) -> Option<ModelEvent> {
        self.finish_reason.map(|reason| self.done(reason))
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
    delta: Option<Delta>,
    #[serde(borrow)]
    finish_reason: Option<Word<'a>>,
}

/// The text is handed on as it is read, so it is owned at once.
#[derive(Deserialize)]
struct Delta {
    content: Option<String>,
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
    use crate::provider::ModelMessage;
    use crate::provider::pump::read_cut;
    use openclaw_core::Role;

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
            assert_eq!(read_cut(REPLY, cut, Reply::new("gpt-4o")), whole, "pieces of {cut}");
        }
    }

    #[test]
    fn servers_that_send_no_usage_or_no_done_are_understood() {
        let until = |mark: &str| &REPLY[..REPLY.find(mark).expect("it is there")];
        let no_usage = format!(
            "{}data: [DONE]\n\n",
            until("data: {\"id\":\"c1\",\"model\":\"gpt-4o-2024-08-06\",\"choices\":[],")
        );
        assert_eq!(read_cut(&no_usage, 5, Reply::new("m")).last(), Some(&Ok(done(None))));
        let no_done = until("data: [DONE]");
        assert_eq!(read_cut(no_done, 5, Reply::new("m")).last(), Some(&Ok(done(Some(USAGE)))));
        let all_in_one = format!(
            "data: {{\"model\":\"{MODEL}\",\"choices\":[{{\"delta\":{{\"content\":\"x\"}},\"finish_reason\":\"stop\"}}],\"usage\":{{\"prompt_tokens\":9,\"completion_tokens\":4}}}}\n\n"
        );
        assert_eq!(read_cut(&all_in_one, 5, Reply::new("m")), [Ok(text("x")), Ok(done(Some(USAGE)))]);
    }

    #[test]
    fn a_reply_that_stops_before_its_reason_is_broken() {
        let half = &REPLY[..REPLY.find("\"finish_reason\":\"stop\"").expect("it is there")];
        let events = read_cut(half, 11, Reply::new("m"));
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
            assert_eq!(read_cut(&event, 3, Reply::new("m")), [Err(ProviderError::new(kind, message))]);
        }
    }

    #[test]
    fn the_request_holds_what_was_asked_and_nothing_else() {
        fn written(request: &ModelRequest, official: bool) -> String {
            serde_json::to_string(&CompletionRequest::new(request, official)).expect("json")
        }

        let mut request = ModelRequest {
            model: "gpt-4o".into(),
            messages: vec![ModelMessage { role: Role::User, content: "hi".into() }],
            ..ModelRequest::default()
        };
        assert_eq!(
            written(&request, true),
            r#"{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"#
        );
        request.system = Some("Be brief.".into());
        request.temperature = Some(0.0);
        request.max_tokens = Some(9);
        assert_eq!(
            written(&request, true),
            r#"{"model":"gpt-4o","messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"hi"}],"temperature":0.0,"max_completion_tokens":9,"stream":true,"stream_options":{"include_usage":true}}"#
        );
        assert!(written(&request, false).contains(r#""max_tokens":9,"stream""#));
    }
}
