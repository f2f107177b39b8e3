//! Chat: streams, endings, retries of the same call, order within a session.

use std::time::Duration;

use futures_util::future::join_all;
use openclaw_bench::standin::{Behaviour, Standin};
use openclaw_client::{ErrorType, Message, MessageStatus, RequestOptions, Role, Timestamp, UsageBucket};
use openclaw_core::sse::{SseEvent, SseParser};
use reqwest::Method;
use serde_json::Value;

use super::gateway::{Gateway, message, provider};

const MODEL: &str = "claude-3-5-sonnet";

async fn with_vendor() -> (Gateway, Standin) {
    let vendor = Standin::start().await;
    let base_url = vendor.base_url();
    let gateway = Gateway::with(move |config| {
        config.providers.insert("anthropic".into(), provider(base_url));
        config.models.default = MODEL.into();
    })
    .await;
    (gateway, vendor)
}

async fn events(gateway: &Gateway, path: &str, body: &str) -> Vec<SseEvent> {
    let response = gateway.post(path, body).send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let mut parser = SseParser::default();
    parser.push(&response.bytes().await.expect("a whole body")).expect("small events");
    std::iter::from_fn(|| parser.next()).collect()
}

fn data(event: &SseEvent) -> Value {
    serde_json::from_str(&event.data).expect("JSON")
}

async fn messages(gateway: &Gateway, session: &str) -> Vec<Message> {
    gateway.client.sessions().messages(session).all().await.expect("messages")
}

async fn usage(gateway: &Gateway) -> Vec<UsageBucket> {
    gateway.client.usage().list().all().await.expect("usage")
}

/// Asks until the answer is as wanted; the test's own time limit is the bound.
macro_rules! until {
    ($found:expr) => {
        loop {
            if let Some(found) = $found {
                break found;
            }
            tokio::task::yield_now().await;
        }
    };
}

#[tokio::test]
async fn a_stream_is_the_reply_in_pieces_and_ends_with_the_whole() {
    let gateway = Gateway::start().await;
    for (path, body) in [
        ("/api/v1/chat/stream", r#"{"session_id": "s", "message": "one two 三四"}"#),
        ("/api/v1/chat", r#"{"session_id": "s", "message": "one two 三四", "stream": true}"#),
    ] {
        let events = events(&gateway, path, body).await;
        let (done, chunks) = events.split_last().expect("events");
        assert_eq!(done.event, "done");
        assert!(chunks.len() >= 4 && chunks.iter().all(|chunk| chunk.event == "chunk"));
        let text: String =
            chunks.iter().map(|chunk| data(chunk)["content"].as_str().expect("text").to_owned()).collect();
        assert_eq!(text, "one two 三四");
        assert_eq!(data(done)["content"], "one two 三四");
        assert_eq!(data(done)["finish_reason"], "stop");
        assert!(chunks.iter().all(|chunk| data(chunk)["id"] == data(done)["id"] && data(chunk)["session_id"] == "s"));
    }
    let request = gateway.post("/api/v1/chat", r#"{"message": "hi"}"#).header("accept", "text/event-stream");
    assert_eq!(request.send().await.expect("an answer").headers()["content-type"], "text/event-stream");
    let request =
        gateway.post("/api/v1/chat", r#"{"message": "hi", "stream": false}"#).header("accept", "text/event-stream");
    assert_eq!(request.send().await.expect("an answer").headers()["content-type"], "application/json");
}

#[tokio::test]
async fn the_model_is_shown_what_was_said_within_the_bounds() {
    let (gateway, vendor) = with_vendor().await;
    vendor.script([Behaviour::text("first reply"), Behaviour::text("second reply"), Behaviour::text("third")]);
    for text in ["first", "second"] {
        gateway.client.chat().send(message("s", text, MODEL)).await.expect("a reply");
    }
    let shown = |index: usize| -> Vec<String> {
        let body = vendor.requests()[index].json();
        let messages = body["messages"].as_array().expect("messages").clone();
        messages.iter().map(|message| message["content"].as_str().expect("text").to_owned()).collect()
    };
    assert_eq!(shown(1), ["first", "first reply", "second"]);

    let mut config = gateway.app.live.load().config.clone();
    config.sessions.history_messages_max = 2;
    gateway.app.reload(config.clone()).expect("a good configuration");
    gateway.client.chat().send(message("s", "third", MODEL)).await.expect("a reply");
    assert_eq!(shown(2), ["second", "second reply", "third"]);

    config.sessions.history_tokens_max = 0;
    gateway.app.reload(config).expect("a good configuration");
    gateway.client.chat().send(message("s", "fourth", MODEL)).await.expect("a reply");
    assert_eq!(shown(3), ["fourth"]);
}

#[tokio::test]
async fn the_same_key_and_body_give_the_same_answer_and_ask_once() {
    let (gateway, vendor) = with_vendor().await;
    let keyed = |key: &str| gateway.client.chat().with(RequestOptions::new().idempotency_key(key));
    let first = keyed("k").send(message("s", "hi", MODEL)).await.expect("a reply");
    let again = keyed("k").send(message("s", "hi", MODEL)).await.expect("the same");
    assert_eq!(first, again);
    let mut stream = keyed("k").stream(message("s", "hi", MODEL)).await.expect("the same, streamed");
    assert_eq!(stream.final_response().await.expect("a reply"), first);
    assert_eq!(vendor.request_count(), 1);
    assert_eq!(messages(&gateway, "s").await.len(), 2);

    let other = keyed("k").send(message("s", "other", MODEL)).await.expect_err("another body");
    assert_eq!((other.status(), other.code()), (Some(409), Some("idempotency_key_reused")));
    keyed("k2").send(message("s", "hi", MODEL)).await.expect("another key asks again");
    assert_eq!(vendor.request_count(), 2);
}

#[tokio::test]
async fn a_failed_call_frees_its_key_and_a_call_under_way_holds_it() {
    let (gateway, vendor) = with_vendor().await;
    let keyed = || gateway.client.chat().with(RequestOptions::new().idempotency_key("k"));
    vendor.script([Behaviour::status(500)]);
    keyed().send(message("s", "hi", MODEL)).await.expect_err("a failure");
    keyed().send(message("s", "hi", MODEL)).await.expect("the key is free again");

    vendor.script([Behaviour { stall_after: Some(1), ..Behaviour::default() }]);
    let body = r#"{"message": "hi"}"#;
    let post = || gateway.post("/api/v1/chat/stream", body).header("idempotency-key", "held");
    let held = post().send().await.expect("a stream");
    let busy = post().send().await.expect("an answer");
    assert_eq!((busy.status().as_u16(), busy.headers()["retry-after"].to_str().expect("text")), (409, "1"));
    let envelope: Value = busy.json().await.expect("JSON");
    assert_eq!(envelope["error"]["code"], "idempotency_in_progress");
    drop(held);
}

#[tokio::test]
async fn hanging_up_stops_the_vendor_keeps_the_part_and_books_it_once() {
    let (gateway, vendor) = with_vendor().await;
    for (index, path) in ["/api/v1/chat/stream", "/api/v1/chat"].into_iter().enumerate() {
        let session = format!("s{index}");
        vendor.script([Behaviour { stall_after: Some(3), ..Behaviour::default() }]);
        let body = format!(r#"{{"session_id": "{session}", "message": "hi"}}"#);
        let request = gateway.post(path, body).send();
        if path.ends_with("stream") {
            let mut response = request.await.expect("a stream");
            response.chunk().await.expect("a piece").expect("a piece");
            drop(response);
        } else {
            let mut request = Box::pin(request);
            tokio::select! {
                _ = &mut request => panic!("the vendor stalls, so there is no answer"),
                () = vendor.wait_until(|vendor| vendor.open_streams() == 1) => {}
            }
            until!(futures_util::poll!(&mut request).is_pending().then_some(()));
            drop(request);
        }
        vendor.wait_until(|vendor| vendor.aborted_streams() == index + 1).await;
        let partial =
            until!(messages(&gateway, &session).await.into_iter().find(|message| message.role == Role::Assistant));
        assert_eq!(partial.status, MessageStatus::Cancelled);
        assert!(!partial.content.is_empty() && partial.finish_reason.is_none());
        let bucket = until!(usage(&gateway).await.into_iter().find(|bucket| bucket.turns == index as u64 + 1));
        assert_eq!(bucket.estimated_turns, index as u64 + 1);
        assert!(bucket.input_tokens >= 45 * (index as u64 + 1) && bucket.output_tokens > 0);
    }
}

#[tokio::test]
async fn a_vendor_that_breaks_off_is_told_and_never_passed_off_as_an_answer() {
    let (gateway, vendor) = with_vendor().await;
    let broken = [
        Behaviour { cut_after: Some(3), ..Behaviour::default() },
        Behaviour { error_after: Some(3), error_message: "overloaded, sorry".into(), ..Behaviour::default() },
    ];
    for (index, behaviour) in broken.into_iter().enumerate() {
        vendor.script([behaviour.clone()]);
        let session = format!("s{index}");
        let body = format!(r#"{{"session_id": "{session}", "message": "hi"}}"#);
        let events = events(&gateway, "/api/v1/chat/stream", &body).await;
        let last = events.last().expect("events");
        assert_eq!(last.event, "error");
        assert_eq!(data(last)["error"]["type"], "provider_error");
        assert!(data(last)["request_id"].as_str().expect("an id").starts_with("req_"));
        assert!(events.iter().all(|event| event.event != "done"));
        let kept = messages(&gateway, &session).await;
        assert_eq!(kept.last().expect("the part").status, MessageStatus::Failed);

        vendor.script([behaviour]);
        let error = gateway.client.chat().send(message(&session, "hi", MODEL)).await.expect_err("half an answer");
        assert_eq!((error.status(), error.kind()), (Some(502), Some(ErrorType::ProviderError)));
    }
    let turns: u64 = usage(&gateway).await.iter().map(|bucket| bucket.turns).sum();
    assert_eq!(turns, 4, "each turn is booked once");
}

#[tokio::test]
async fn a_vendor_that_fails_at_once_gives_a_stream_a_true_status() {
    let (gateway, vendor) = with_vendor().await;
    vendor.script([Behaviour { error_message: "no such thing".into(), ..Behaviour::status(400) }]);
    let response = gateway.post("/api/v1/chat/stream", r#"{"message": "hi"}"#).send().await.expect("an answer");
    assert_eq!(response.status(), 502);
    let envelope: Value = response.json().await.expect("JSON");
    assert_eq!(envelope["error"]["code"], "provider_refused");
    assert!(envelope["error"]["message"].as_str().expect("text").contains("no such thing"));
}

#[tokio::test]
async fn messages_of_a_session_are_answered_in_order_and_one_too_many_is_refused() {
    let gateway = Gateway::with(|config| config.sessions.queue_max = 2).await;
    let send = |text: &'static str| gateway.client.chat().send(message("s", text, "echo"));
    let outcomes = join_all([send("[[echo delay_ms=300]]a"), send("b"), send("c"), send("d")]).await;
    let refused: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert_eq!(refused.len(), 1);
    assert_eq!((refused[0].status(), refused[0].code()), (Some(409), Some("session_busy")));
    let kept = messages(&gateway, "s").await;
    assert_eq!(kept.len(), 6);
    for pair in kept.chunks(2) {
        assert_eq!((pair[0].role, pair[1].role), (Role::User, Role::Assistant));
        assert_eq!(pair[0].content.rsplit(']').next(), Some(pair[1].content.as_str()));
    }
}

#[tokio::test]
async fn a_chat_offers_no_tools_and_calls_none() {
    let gateway = Gateway::start().await;
    let task = "I look. [[tool web_fetch]] [[then]] Never reached.";
    let reply = gateway.client.chat().send(message("s", task, "echo")).await.expect("an answer");
    assert_eq!((&*reply.content, reply.finish_reason.as_str()), ("I look.", "tool_calls"));
    let reply = gateway.client.chat().send(message("s", "and now?", "echo")).await.expect("the session goes on");
    assert_eq!(reply.content, "and now?");
}

#[tokio::test]
async fn a_turn_that_takes_too_long_is_504_and_its_part_is_kept() {
    let gateway = Gateway::with(|config| config.gateway.api.request_timeout_seconds = 1).await;
    let error =
        gateway.client.chat().send(message("s", "[[echo stall_after=1]]a b", "echo")).await.expect_err("too long");
    assert_eq!(
        (error.status(), error.kind(), error.code()),
        (Some(504), Some(ErrorType::TimeoutError), Some("request_timeout"))
    );
    let kept = messages(&gateway, "s").await;
    assert_eq!((kept[1].content.as_str(), kept[1].status), ("a ", MessageStatus::Cancelled));
}

#[tokio::test]
async fn a_shutdown_lets_replies_finish_within_its_bound_and_keeps_the_rest() {
    let gateway = Gateway::start().await;
    let short = tokio::spawn(gateway.client.chat().send(message("short", "[[echo delay_ms=300]]hello", "echo")));
    let long = gateway.post("/api/v1/chat/stream", r#"{"session_id": "long", "message": "[[echo stall_after=1]]a b"}"#);
    let mut long = long.send().await.expect("a stream");
    long.chunk().await.expect("a piece");
    until!((gateway.app.metrics.turns_running() == 2).then_some(()));

    let whole = gateway.app.tasks.drain(&gateway.app.clock, Duration::from_secs(1)).await;
    assert!(!whole, "the long one was cut off");
    assert_eq!(short.await.expect("no panic").expect("a whole reply").content, "hello");
    let rest = long.text().await.expect("the stream ends in good order");
    assert!(rest.contains("event: error") && rest.contains("shutting_down"), "{rest}");
    let refused = gateway.client.chat().send(message("new", "hi", "echo")).await.expect_err("no new work");
    assert!(refused.status().is_none(), "it no longer listens");
    let page = openclaw::store::PageQuery { limit: 10, after: None };
    let kept = gateway.app.store.list_messages("default".into(), "long".into(), true, page).await.expect("the store");
    assert_eq!(kept.expect("the session").data[0].status, MessageStatus::Cancelled);
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told_by_field() {
    let gateway = Gateway::start().await;
    for (body, code, param) in [
        (r#"{"message": ""}"#, "message_empty", Some("message")),
        (r#"{"session_id": "", "message": "hi"}"#, "session_id_invalid", Some("session_id")),
        (r#"{"session_id": "..", "message": "hi"}"#, "session_id_invalid", Some("session_id")),
        (r#"{"message": "hi", "context": {"temperature": 3}}"#, "temperature_invalid", Some("context.temperature")),
        (r#"{"message": "hi", "context": {"temperature": "hot"}}"#, "field_invalid", Some("context.temperature")),
        (r#"{"message": "hi", "context": {"max_tokens": 0}}"#, "max_tokens_invalid", Some("context.max_tokens")),
        (r#"{"message": "hi", "context": {"model": "ecko"}}"#, "model_not_found", Some("context.model")),
        (r#"{"message": "hi", "user": {}}"#, "field_missing", Some("user.id")),
        (r#"{"message": 5}"#, "field_invalid", Some("message")),
        (r#"{"session_id": "s"}"#, "field_missing", Some("message")),
        ("[]", "body_not_object", None),
        (r#""hi""#, "body_not_object", None),
        (r#"{"message": "hi"} x"#, "body_not_json", None),
        ("message=hi", "body_not_json", None),
        ("", "body_not_json", None),
    ] {
        let response = gateway.post("/api/v1/chat", body).send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{body}");
        let envelope: Value = response.json().await.expect("JSON");
        assert_eq!(
            (envelope["error"]["code"].as_str(), envelope["error"]["param"].as_str()),
            (Some(code), param),
            "{body}"
        );
    }
    let unknown_fields = gateway.post("/api/v1/chat", r#"{"message": "hi", "new": 1, "context": {"newer": 2}}"#);
    assert_eq!(unknown_fields.send().await.expect("an answer").status(), 200, "unknown fields are ignored");
    let form = gateway.post("/api/v1/chat", r#"{"message": "hi"}"#);
    let form = form.header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(form.send().await.expect("an answer").status(), 200, "JSON whatever the Content-Type says");
}

#[tokio::test]
async fn events_commit_with_what_they_tell_of() {
    let gateway = Gateway::start().await;
    let body = r#"{"session_id": "s", "message": "hi", "channel": "telegram", "user": {"id": "tg_user_789", "username": "john_doe"}}"#;
    gateway.post("/api/v1/chat", body).send().await.expect("an answer");
    let payloads = gateway.texts("SELECT payload FROM events ORDER BY seq").await;
    let events: Vec<Value> = payloads.iter().map(|payload| serde_json::from_str(payload).expect("JSON")).collect();
    let names: Vec<_> = events.iter().map(|event| event["event"].as_str().expect("a name")).collect();
    assert_eq!(names, ["session.created", "message.received", "message.sent"]);
    for event in &events[1..] {
        assert_eq!(event["data"]["channel"], "telegram");
        assert_eq!(event["data"]["user"]["username"], "john_doe");
        assert!(Timestamp::parse(event["timestamp"].as_str().expect("text")).is_some());
    }
    assert_eq!(events[2]["data"]["reply_to"], events[1]["data"]["message_id"]);
    assert_eq!(gateway.request(Method::GET, "/readyz").send().await.expect("an answer").status(), 200);
}
