//! Providers against real HTTP servers that speak each vendor's wire format, and misbehave.

use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use openclaw::clock::Clock;
use openclaw::config::{Config, ProviderConfig, ProviderKind};
use openclaw::outbound::Outbound;
use openclaw::provider::{
    ModelEvent, ModelMessage, ModelRequest, OpenError, Opened, ProviderError, ProviderErrorKind, Providers, ToolCall,
    ToolDefinition, ToolResult,
};
use openclaw_bench::standin::{self, Behaviour, Standin};
use openclaw_core::{FinishReason, ProviderHealth, Timestamp, Usage};
use serde_json::json;

const KEY: &str = "sk-canary-5f2a";
const USAGE: Usage = Usage { input_tokens: 45, output_tokens: 156 };

/// A vendor's wire format, a short name in it and the model that answers to it.
const VENDORS: [(ProviderKind, &str, &str); 2] = [
    (ProviderKind::Anthropic, "claude-3-5-sonnet", "claude-3-5-sonnet-20241022"),
    (ProviderKind::Openai, "gpt-4o", "gpt-4o-2024-08-06"),
];

/// The providers `one` and `two`, where they are, and a clock moved by hand.
struct Bench {
    providers: Providers,
    clock: Clock,
}

impl Bench {
    /// `one` at that address with that many retries; `two` at the other, asked where `one` fails.
    fn new(kind: ProviderKind, model: &str, one: &Standin, max_retries: u32, two: Option<&Standin>) -> Self {
        let provider = |base_url: String, max_retries| ProviderConfig {
            r#type: Some(kind),
            api_key: Some(KEY.into()),
            base_url: Some(format!("{base_url}/v1")),
            max_retries,
            idle_timeout_seconds: 30,
            ..ProviderConfig::default()
        };
        let mut config = Config::default();
        config.providers.insert("one".into(), provider(one.base_url(), max_retries));
        if let Some(two) = two {
            config.providers.insert("two".into(), provider(two.base_url(), 0));
            config.models.fallbacks = BTreeMap::from([(format!("one/{model}"), vec![format!("two/{model}")])]);
        }
        config.models.default = format!("one/{model}");
        let clock = Clock::manual(Timestamp::default());
        let outbound = Outbound::new(&config.outbound, clock.clone());
        let providers = Providers::new(&config, &outbound, &clock).expect("a good configuration");
        Self { providers, clock }
    }

    /// Opens a reply to a message; waits pass by themselves.
    async fn open(&self, message: &str) -> Result<Opened, OpenError> {
        let messages = vec![ModelMessage::User(message.into())];
        self.ask(ModelRequest { messages, temperature: Some(0.7), ..ModelRequest::default() }).await
    }

    /// Opens the reply to a whole request.
    async fn ask(&self, mut request: ModelRequest) -> Result<Opened, OpenError> {
        self.hurry(self.providers.resolve(None).expect("the default").open(&mut request)).await
    }

    /// The text of a reply and how it ended.
    async fn read(&self, mut opened: Opened) -> (String, Option<Result<ModelEvent, ProviderError>>) {
        let mut text = String::new();
        let mut end = None;
        while let Some(event) = self.hurry(opened.stream.next()).await {
            assert!(end.is_none(), "nothing comes after the end");
            match event {
                Ok(ModelEvent::Text(piece)) => text.push_str(&piece),
                Ok(ModelEvent::Progress { .. }) => {}
                other => end = Some(other),
            }
        }
        (text, end)
    }

    /// Waits for a future while the clock runs a hundred times as fast as the machine's.
    #[expect(clippy::disallowed_methods, reason = "the manual clock is moved on in real time here")]
    async fn hurry<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(future);
        loop {
            tokio::select! {
                biased;
                output = &mut future => return output,
                () = tokio::time::sleep(Duration::from_millis(1)) => self.clock.advance(Duration::from_millis(100)),
            }
        }
    }
}

fn done(model: &str) -> ModelEvent {
    ModelEvent::Done { model: model.into(), usage: Some(USAGE), finish_reason: FinishReason::Stop }
}

fn broken_kind(end: Option<Result<ModelEvent, ProviderError>>) -> ProviderErrorKind {
    end.expect("an end").expect_err("a failure").kind
}

#[tokio::test]
async fn a_reply_cut_at_every_byte_is_the_same_reply() {
    for (kind, asked, model) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 0, None);
        let text = "当然!\n\"这是\" a 🦀 \\ script";
        for split in [1, 2, 3, 7, 100_000] {
            standin.script([Behaviour { split: Some(split), chunks: 5, ..Behaviour::text(text) }]);
            let opened = bench.open("hi").await.expect("a reply");
            assert_eq!(
                bench.read(opened).await,
                (text.to_owned(), Some(Ok(done(model)))),
                "{kind:?} in pieces of {split}"
            );
        }
        assert_eq!((standin.finished_streams(), standin.aborted_streams()), (5, 0));
        assert_eq!(bench.providers.status()[0].health, ProviderHealth::Up);
    }
}

#[tokio::test]
async fn the_vendor_is_sent_what_its_documentation_asks_for_and_nothing_else() {
    let standin = Standin::start().await;
    for (kind, asked, _) in VENDORS {
        let bench = Bench::new(kind, asked, &standin, 0, None);
        let opened = bench.open("帮我").await.expect("a reply");
        bench.read(opened).await;
    }
    let [anthropic, openai] = &standin.requests()[..] else { panic!("two requests") };
    assert_eq!(anthropic.path, "/v1/messages");
    assert_eq!(anthropic.header("x-api-key"), Some(KEY));
    assert_eq!(anthropic.header("anthropic-version"), Some("2023-06-01"));
    assert_eq!(
        anthropic.json(),
        json!({
            "model": "claude-3-5-sonnet-20241022", "max_tokens": 4096, "temperature": 0.7, "stream": true,
            "messages": [{"role": "user", "content": "帮我"}],
        })
    );
    assert_eq!(openai.path, "/v1/chat/completions");
    assert_eq!(openai.header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert_eq!(
        openai.json(),
        json!({
            "model": "gpt-4o", "temperature": 0.7, "stream": true, "stream_options": {"include_usage": true},
            "messages": [{"role": "user", "content": "帮我"}],
        })
    );
}

#[tokio::test]
async fn a_tool_is_offered_called_and_its_result_shown() {
    for (kind, asked, model) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 0, None);
        let arguments = r#"{"url":"页]]\n\""}"#;
        let tools = vec![ToolDefinition {
            name: "web_fetch".into(),
            description: "Reads a page.".into(),
            parameters: json!({"type": "object"}),
        }];
        let mut request =
            ModelRequest { messages: vec![ModelMessage::User("look".into())], tools, ..ModelRequest::default() };
        let mut called = None;
        for (split, text) in [(1, "Let me look."), (2, ""), (3, "Let me look."), (7, ""), (100_000, "Let me look.")] {
            let tool = Some(standin::ToolCall { name: "web_fetch".into(), input: arguments.into() });
            standin.script([Behaviour { split: Some(split), chunks: 1, tool, ..Behaviour::text(text) }]);
            let opened = bench.ask(request.clone()).await.expect("a reply");
            let events: Vec<ModelEvent> = opened.stream.map(|event| event.expect("no failure")).collect().await;
            let mut told = events.into_iter().filter(|event| !matches!(event, ModelEvent::Progress { .. }));
            if !text.is_empty() {
                assert_eq!(told.next(), Some(ModelEvent::Text(text.into())), "{kind:?} in pieces of {split}");
            }
            let Some(ModelEvent::ToolCall(call)) = told.next() else {
                panic!("{kind:?} in pieces of {split}: no call")
            };
            assert_eq!((&*call.name, &*call.arguments), ("web_fetch", arguments), "{kind:?} in pieces of {split}");
            let end =
                ModelEvent::Done { model: model.into(), usage: Some(USAGE), finish_reason: FinishReason::ToolCalls };
            assert_eq!(told.collect::<Vec<_>>(), [end], "{kind:?} in pieces of {split}");
            called = Some(call);
        }
        let call: ToolCall = called.expect("it was called");
        let result = ToolResult { call_id: call.id.clone(), content: "a page".into(), is_error: false };
        request.messages.push(ModelMessage::Assistant { content: String::new(), tool_calls: vec![call.clone()] });
        request.messages.push(ModelMessage::ToolResults(vec![result]));
        let opened = bench.ask(request).await.expect("a reply");
        assert_eq!(bench.read(opened).await.1, Some(Ok(done(model))));
        let sent = standin.requests().pop().expect("a request").json();
        let (asked, shown, offered) = match kind {
            ProviderKind::Anthropic => (
                json!({"role": "assistant", "content": [
                    {"type": "tool_use", "id": call.id, "name": "web_fetch", "input": {"url": "页]]\n\""}},
                ]}),
                json!({"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": call.id, "content": "a page"},
                ]}),
                json!([{"name": "web_fetch", "description": "Reads a page.", "input_schema": {"type": "object"}}]),
            ),
            _ => (
                json!({"role": "assistant", "content": null, "tool_calls": [
                    {"id": call.id, "type": "function", "function": {"name": "web_fetch", "arguments": arguments}},
                ]}),
                json!({"role": "tool", "tool_call_id": call.id, "content": "a page"}),
                json!([{"type": "function", "function": {
                    "name": "web_fetch", "description": "Reads a page.", "parameters": {"type": "object"},
                }}]),
            ),
        };
        assert_eq!(sent["messages"], json!([{"role": "user", "content": "look"}, asked, shown]), "{kind:?}");
        assert_eq!(sent["tools"], offered, "{kind:?}");
    }
}

#[tokio::test]
async fn pieces_come_while_the_vendor_still_speaks_and_its_silence_is_told() {
    for (kind, asked, _) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 0, None);
        standin.script([Behaviour { stall_after: Some(2), chunks: 4, ..Behaviour::text("abcd") }]);
        let opened = bench.open("hi").await.expect("the stream is open, yet a reply has begun");
        assert_eq!(standin.open_streams(), 1);
        let (text, end) = bench.read(opened).await;
        assert_eq!((text.as_str(), broken_kind(end)), ("ab", ProviderErrorKind::TimedOut), "{kind:?}");
        standin.wait_until(|standin| standin.aborted_streams() == 1).await;
    }
}

#[tokio::test]
async fn a_reply_that_breaks_in_the_middle_is_never_given_as_whole() {
    for (kind, asked, _) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 5, None);
        standin.script([
            Behaviour { cut_after: Some(2), chunks: 4, ..Behaviour::text("abcd") },
            Behaviour {
                error_after: Some(3),
                error_message: "Overloaded".into(),
                chunks: 4,
                ..Behaviour::text("abcd")
            },
        ]);
        let opened = bench.open("hi").await.expect("a reply has begun");
        let (text, end) = bench.read(opened).await;
        assert_eq!((text.as_str(), broken_kind(end)), ("ab", ProviderErrorKind::Broken), "{kind:?}");
        let opened = bench.open("hi").await.expect("a reply has begun");
        let overloaded = ProviderError::new(ProviderErrorKind::Failed, "Overloaded");
        assert_eq!(bench.read(opened).await, ("abc".to_owned(), Some(Err(overloaded))), "{kind:?}");
        assert_eq!(standin.request_count(), 2, "what has begun is not asked again");
        assert_eq!(bench.providers.status()[0].health, ProviderHealth::Down);
    }
}

#[tokio::test]
async fn an_overload_is_waited_out_for_as_long_as_the_vendor_asks() {
    for (kind, asked, model) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 2, None);
        standin.script([
            Behaviour { retry_after: Some(7), ..Behaviour::status(529) },
            Behaviour { cut_after: Some(0), ..Behaviour::default() },
            Behaviour::text("当然!"),
        ]);
        let opened = bench.open("hi").await.expect("the third answer");
        assert!(bench.clock.now().as_millis() >= 7_000 + 750, "it waited {} ms", bench.clock.now().as_millis());
        assert_eq!(bench.read(opened).await, ("当然!".to_owned(), Some(Ok(done(model)))));
        assert_eq!(standin.request_count(), 3);
    }
}

#[tokio::test]
async fn a_vendor_that_asks_for_more_than_a_minute_is_not_asked_again() {
    let standin = Standin::start().await;
    let bench = Bench::new(ProviderKind::Anthropic, "claude-3-opus", &standin, 5, None);
    standin.script([Behaviour { retry_after: Some(61), ..Behaviour::status(429) }]);
    let failure = bench.open("hi").await.err().expect("it is limited");
    assert_eq!(failure.error.kind, ProviderErrorKind::RateLimited);
    assert_eq!(failure.error.retry_after, Some(Duration::from_secs(61)));
    assert_eq!(standin.request_count(), 1);
}

#[tokio::test]
async fn a_dropped_stream_stops_the_vendor() {
    for (kind, asked, _) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 0, None);
        standin.script([Behaviour { stall_after: Some(1), ..Behaviour::default() }]);
        let mut opened = bench.open("hi").await.expect("a reply has begun");
        assert!(matches!(opened.stream.next().await, Some(Ok(_))));
        drop(opened);
        standin.wait_until(|standin| standin.aborted_streams() == 1).await;
    }
}

#[tokio::test]
async fn a_call_given_up_before_the_head_of_the_answer_stops_the_vendor() {
    let standin = Standin::start().await;
    let bench = Bench::new(ProviderKind::Openai, "gpt-4o", &standin, 0, None);
    standin.script([Behaviour { delay: Duration::from_mins(1), ..Behaviour::default() }]);
    let failure = bench.open("hi").await.err().expect("no answer in time");
    assert_eq!(failure.error.kind, ProviderErrorKind::TimedOut);
    standin.wait_until(|standin| standin.aborted_streams() == 1).await;
}

#[tokio::test]
async fn a_refusal_is_told_in_the_vendors_words_without_the_key() {
    for (kind, asked, _) in VENDORS {
        let standin = Standin::start().await;
        let bench = Bench::new(kind, asked, &standin, 5, None);
        for (status, expected) in [(400, ProviderErrorKind::Refused), (401, ProviderErrorKind::Unauthorized)] {
            let error_message = format!("no good: {KEY}");
            standin.script([Behaviour { error_message, ..Behaviour::status(status) }]);
            let failure = bench.open("hi").await.err().expect("refused");
            assert_eq!(failure.error, ProviderError::new(expected, "no good: [key]"), "{kind:?}");
        }
        assert_eq!(standin.request_count(), 2, "a refusal is not asked again");
    }
}

#[tokio::test]
async fn another_provider_answers_only_where_nothing_has_been_said() {
    for (kind, asked, model) in VENDORS {
        for failing in
            [Behaviour::status(529), Behaviour::status(401), Behaviour { cut_after: Some(0), ..Behaviour::default() }]
        {
            let (one, two) = (Standin::start().await, Standin::start().await);
            let bench = Bench::new(kind, asked, &one, 0, Some(&two));
            one.script([failing]);
            two.script([Behaviour::text("from two")]);
            let opened = bench.open("hi").await.expect("two answers");
            assert_eq!(opened.provider, "two");
            assert_eq!(bench.read(opened).await, ("from two".to_owned(), Some(Ok(done(model)))));
        }
        for behaviour in [Behaviour::status(400), Behaviour { cut_after: Some(1), ..Behaviour::default() }] {
            let (one, two) = (Standin::start().await, Standin::start().await);
            let bench = Bench::new(kind, asked, &one, 0, Some(&two));
            one.script([behaviour]);
            if let Ok(opened) = bench.open("hi").await {
                assert_eq!(broken_kind(bench.read(opened).await.1), ProviderErrorKind::Broken);
            }
            assert_eq!((one.request_count(), two.request_count()), (1, 0), "{kind:?}");
        }
    }
}

#[tokio::test]
async fn a_vendor_that_is_not_there_is_told_without_its_address() {
    let standin = Standin::start().await;
    let bench = Bench::new(ProviderKind::Openai, "gpt-4o", &standin, 1, None);
    let address = standin.address();
    drop(standin);
    let failure = bench.open("hi").await.err().expect("nobody listens");
    assert_eq!(failure.error.kind, ProviderErrorKind::Unreachable);
    assert!(!failure.to_string().contains(&address.port().to_string()), "{failure}");
    assert_eq!(bench.providers.status()[0].health, ProviderHealth::Down);
}
