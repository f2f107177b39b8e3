//! `echo`: the built-in model, which answers in the caller's own words, for trying and testing without a vendor.
//!
//! It needs no account, costs nothing and is the same every time: the reply is the message, streamed word by word, and
//! each word is a token. Directives in the message script the reply, and the tools that it asks for step by step. It
//! keeps nothing: at which step it is, it sees in the conversation. `docs/echo.md` is the whole of it.

mod directive;
mod placeholder;
mod reply;
mod script;
mod word;

use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream;
use http::StatusCode;

use self::placeholder::{Place, fill};
use self::reply::{Reply, wait};
use self::script::{Cue, Script};
use self::word::{reply_words, words};
use super::tool::CallBounds;
use super::vendor::kind_of;
use super::{
    ModelEvent, ModelMessage, ModelRequest, ModelStream, Provider, ProviderError, ProviderErrorKind, ToolCall,
};
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
        let task = Task::of(&request.messages);
        let script = Script::read(task.message).map_err(|why| refused(&why))?;
        let cue = script.cue(task.step);
        let pieces = task.pieces(&cue)?;
        wait(&self.clock, cue.directive.delay).await;
        if let Some(status) = cue.directive.status {
            return Err(failure(status, cue.directive.retry_after));
        }
        let reply = Reply {
            model: request.model.clone(),
            pieces,
            sent: 0,
            input_tokens: prompt_tokens(request),
            output_tokens_max: request.max_tokens.map_or(usize::MAX, |most| most as usize),
            directive: cue.directive.clone(),
            over: false,
            clock: self.clock.clone(),
            idle_timeout: self.idle_timeout,
        };
        Ok(Box::pin(stream::unfold(reply, |mut reply| async move { Some((reply.next().await?, reply)) })))
    }
}

/// What the conversation asks for, and how far that has come.
struct Task<'a> {
    /// The user's latest message.
    message: &'a str,
    /// How many replies to it asked for tools.
    step: usize,
    /// What these brought.
    results: Vec<&'a str>,
    /// How many calls the whole conversation holds.
    calls: usize,
}

impl<'a> Task<'a> {
    fn of(messages: &'a [ModelMessage]) -> Self {
        let mut task = Self { message: "", step: 0, results: Vec::new(), calls: 0 };
        for message in messages {
            match message {
                ModelMessage::User(message) => task = Self { message, step: 0, results: Vec::new(), ..task },
                ModelMessage::Assistant { tool_calls, .. } => {
                    task.step += usize::from(!tool_calls.is_empty());
                    task.calls += tool_calls.len();
                }
                ModelMessage::ToolResults(results) => {
                    task.results.extend(results.iter().map(|result| result.content.as_str()));
                }
            }
        }
        task
    }

    /// The words to say and the tools to ask for.
    fn pieces(&self, cue: &Cue<'_>) -> Result<Vec<ModelEvent>, ProviderError> {
        let fill = |text: &str, place| fill(text, &self.results, place).map_err(|why| refused(&why));
        let text = fill(cue.text, Place::Text)?;
        let text = match text.trim() {
            "" if cue.tools.is_empty() => NAME,
            "" => "",
            _ => &text,
        };
        let words = if text.is_empty() { Vec::new() } else { reply_words(text, cue.directive.words) };
        let mut pieces: Vec<_> = words.into_iter().map(ModelEvent::Text).collect();
        let mut bounds = CallBounds::default();
        for (number, tool) in (self.calls + 1..).zip(cue.tools) {
            let arguments = fill(&tool.arguments, Place::Json)?;
            bounds.grow(arguments.len())?;
            pieces.push(ModelEvent::ToolCall(ToolCall {
                id: format!("call_{number}"),
                name: tool.name.clone(),
                arguments,
            }));
        }
        Ok(pieces)
    }
}

/// The words of the system text and of every message, and one for each call.
fn prompt_tokens(request: &ModelRequest) -> u64 {
    let count = |text: &str| words(text).count();
    let tokens = |message: &ModelMessage| match message {
        ModelMessage::User(text) => count(text),
        ModelMessage::Assistant { content, tool_calls } => count(content) + tool_calls.len(),
        ModelMessage::ToolResults(results) => results.iter().map(|result| count(&result.content)).sum(),
    };
    let system = request.system.as_deref().map_or(0, count);
    (system + request.messages.iter().map(tokens).sum::<usize>()) as u64
}

fn refused(why: &str) -> ProviderError {
    ProviderError::new(ProviderErrorKind::Refused, why)
}

fn failure(status: StatusCode, retry_after: Option<Duration>) -> ProviderError {
    ProviderError { kind: kind_of(status), message: format!("echo was told to answer {status}"), retry_after }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ToolResult;
    use futures_util::{FutureExt, StreamExt};
    use openclaw_core::{FinishReason, Timestamp, Usage};

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

    /// Carries a script out, answering each call with `results` in turn; gives the replies as `text|name arguments|…`.
    fn act(task: &str, results: &[&str]) -> Vec<String> {
        let mut request = request(task);
        let mut results = results.iter();
        let mut replies = Vec::new();
        for _ in 0..10 {
            let events = ask(&request).expect("a reply");
            let calls: Vec<ToolCall> = events
                .iter()
                .filter_map(|event| if let Ok(ModelEvent::ToolCall(call)) = event { Some(call.clone()) } else { None })
                .collect();
            let content = texts(&events).concat();
            let asked = calls.iter().map(|call| format!("|{} {} {}", call.id, call.name, call.arguments));
            replies.push(content.clone() + &asked.collect::<String>());
            let ended = if calls.is_empty() { FinishReason::Stop } else { FinishReason::ToolCalls };
            assert!(
                matches!(events.last(), Some(Ok(ModelEvent::Done { finish_reason, .. })) if *finish_reason == ended)
            );
            if calls.is_empty() {
                break;
            }
            let result = |call: &ToolCall| ToolResult {
                call_id: call.id.clone(),
                content: (*results.next().unwrap_or(&"more")).to_owned(),
                is_error: false,
            };
            let outcomes = calls.iter().map(result).collect();
            request.messages.push(ModelMessage::Assistant { content, tool_calls: calls });
            request.messages.push(ModelMessage::ToolResults(outcomes));
        }
        replies
    }

    #[test]
    fn a_script_is_carried_out_step_by_step() {
        let task = concat!(
            r#"I ask. [[tool agent_spawn {"task":"a"}]] [[tool agent_spawn {"task":"b"}]] [[then]] "#,
            r#"[[tool agent_wait {"ids":["{{result.1.id}}","{{result.id}}"]}]] [[then]] All: {{results}}; last: {{result}}"#,
        );
        assert_eq!(
            act(task, &[r#"{"id":"agt_1"}"#, r#"{"id":"agt_2"}"#, "both \"done\""]),
            [
                r#"I ask.|call_1 agent_spawn {"task":"a"}|call_2 agent_spawn {"task":"b"}"#,
                r#"|call_3 agent_wait {"ids":["agt_1","agt_2"]}"#,
                "All: {\"id\":\"agt_1\"}\n{\"id\":\"agt_2\"}\nboth \"done\"; last: both \"done\"",
            ]
        );
        assert_eq!(
            act("[[tool look]]", &["{{result.1}} [[tool again]]"]),
            ["|call_1 look {}", NAME],
            "no text, no answer"
        );
        assert_eq!(act("[[echo words=2]] [[tool look]] la", &[]), ["|call_1 look {}", "la la"]);
        assert_eq!(act("[[tool look]] Saw {{result}}", &["[[tool {{result}}"])[1], "Saw [[tool {{result}}");
    }

    #[test]
    fn a_loop_asks_until_it_is_stopped() {
        let replies = act("[[loop tool look {\"q\":1}]]", &[]);
        let expected: Vec<_> = (1..=10).map(|number| format!("|call_{number} look {{\"q\":1}}")).collect();
        assert_eq!(replies, expected);
    }

    #[test]
    fn another_message_is_another_script_with_ids_of_its_own() {
        let mut request = request("[[tool look]] [[tool look]] done");
        let call = |id: &str| ToolCall { id: id.into(), name: "look".into(), arguments: "{}".into() };
        let tool_calls = vec![call("call_1"), call("call_2")];
        request.messages.push(ModelMessage::Assistant { content: String::new(), tool_calls });
        request.messages.push(ModelMessage::ToolResults(vec![]));
        request.messages.push(ModelMessage::answer("done"));
        request.messages.push(ModelMessage::User("[[tool look]] {{result}}".into()));
        let events = ask(&request).expect("a reply");
        assert_eq!(events[0], Ok(ModelEvent::ToolCall(call("call_3"))));
    }

    #[test]
    fn a_call_counts_as_a_word() {
        let mut request = request("Hm [[tool a]] [[tool b]] [[echo chunk_ms=0]] [[then]] end");
        request.max_tokens = Some(2);
        let events = ask(&request).expect("a reply");
        let usage = Some(Usage { input_tokens: 9, output_tokens: 2 });
        let done = ModelEvent::Done { model: NAME.into(), usage, finish_reason: FinishReason::Length };
        assert!(
            matches!(&events[..], [Ok(ModelEvent::Text(_)), Ok(ModelEvent::ToolCall(_)), Ok(end)] if *end == done),
            "{events:?}"
        );
        let broken = "[[tool a]] [[tool b]] [[echo fail_after=1]] end";
        let events = ask(&self::request(broken)).expect("a reply");
        assert!(matches!(&events[..], [Ok(ModelEvent::ToolCall(_)), Err(_)]), "{events:?}");
    }

    #[test]
    fn a_step_can_fail_alone() {
        let mut request = request("[[tool a]] [[then]] [[tool b]] [[echo status=529]] [[then]] end");
        assert!(ask(&request).is_ok());
        let call = ToolCall { id: "call_1".into(), name: "a".into(), arguments: "{}".into() };
        request.messages.push(ModelMessage::Assistant { content: String::new(), tool_calls: vec![call] });
        assert_eq!(ask(&request).expect_err("told to fail").kind, ProviderErrorKind::Failed);
        assert!(
            ask(&self::request("[[echo status=529]] [[tool a]] end")).is_err(),
            "before the first tool: all of them"
        );
    }

    /// The page's own examples: the block of text in its section, and the right cells of its last table.
    #[test]
    fn the_documented_scripts_do_what_is_said_there() {
        let page = include_str!("../../../../docs/echo.md");
        let section = page.split("## Scripting tools").nth(1).and_then(|rest| rest.split("## As a vendor").next());
        let section = section.expect("the section is there");
        let example = section.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        assert_eq!(
            act(example, &["a page", "\"b\""]),
            [
                r#"I look first.|call_1 web_fetch {"url": "https://example.com/a"}|call_2 web_fetch {"url": "https://example.com/b"}"#,
                r#"|call_3 file_write {"path": "pages.txt", "content": "a page\n\"b\""}"#,
                "Both pages are in pages.txt; the first says: a page",
            ]
        );
        let table = section.split("| to test").nth(1).expect("a table");
        let cells: Vec<&str> =
            table.lines().filter_map(|line| line.strip_suffix("` |")?.rsplit("| `").next()).collect();
        assert_eq!(cells.len(), 5, "{cells:?}");
        assert_eq!(
            act(cells[0], &[r#"{"id":"agt_1"}"#, "Hi"])[1..],
            [r#"|call_2 agent_wait {"ids": ["agt_1"]}"#, "Hi"]
        );
        assert_eq!(act(cells[1], &["unknown"]), ["|call_1 no_such_tool {}", "It said: unknown"]);
        assert_eq!(act(cells[2], &[]).len(), 10, "it goes on");
        for slow_or_failing in &cells[3..] {
            Script::read(slow_or_failing).expect("a good script");
        }
    }
}
