//! The stand-ins speak their vendors' formats, and misbehave exactly as told.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use openclaw_bench::standin::{Behaviour, Standin};
use openclaw_core::sse::{SseEvent, SseParser};
use serde_json::{Value, json};
use tokio::net::TcpStream;

const MESSAGES: &str = "/v1/messages";
const COMPLETIONS: &str = "/some/base/v1/chat/completions";

/// One connection to a stand-in; dropping it hangs up.
struct Caller(SendRequest<Full<Bytes>>);

impl Caller {
    async fn new(standin: &Standin) -> Self {
        let stream = TcpStream::connect(standin.address()).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    async fn post(&mut self, path: &str, body: &Value) -> Response<Incoming> {
        let request = Request::post(path)
            .header("host", "standin")
            .header("x-api-key", "sk-test")
            .header("anthropic-version", "2023-06-01")
            .header("authorization", "Bearer sk-test")
            .body(Full::from(body.to_string()))
            .unwrap();
        self.0.send_request(request).await.unwrap()
    }
}

fn asked(model: &str, message: &str, stream: bool) -> Value {
    json!({
        "model": model, "max_tokens": 100, "stream": stream, "stream_options": {"include_usage": true},
        "messages": [{"role": "user", "content": message}], "tools": [{"name": "web_fetch"}],
    })
}

async fn ask(standin: &Standin, path: &str, message: &str) -> (u16, Value) {
    let response = Caller::new(standin).await.post(path, &asked("gpt-4o", message, false)).await;
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

/// The events of a stream, and whether its body ended as a body should.
async fn stream(standin: &Standin, path: &str, message: &str) -> (Vec<SseEvent>, bool) {
    let mut caller = Caller::new(standin).await;
    let mut body = caller.post(path, &asked("claude-3-5-sonnet", message, true)).await.into_body();
    let mut parser = SseParser::default();
    let mut events = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return (events, false) };
        parser.push(&frame.into_data().unwrap()).unwrap();
        events.extend(std::iter::from_fn(|| parser.next()));
    }
    (events, true)
}

fn data(event: &SseEvent) -> Value {
    serde_json::from_str(&event.data).unwrap()
}

fn text(events: &[SseEvent]) -> String {
    events
        .iter()
        .filter(|event| event.data != "[DONE]")
        .map(data)
        .filter_map(|data| {
            let text = data["delta"]["text"].as_str().or(data["choices"][0]["delta"]["content"].as_str());
            text.map(ToOwned::to_owned)
        })
        .collect()
}

#[tokio::test]
async fn anthropic_answers_as_json() {
    let standin = Standin::start().await;
    let mut caller = Caller::new(&standin).await;
    let response = caller.post(MESSAGES, &asked("claude-3-5-sonnet-latest", "hello", false)).await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(body["model"], "claude-3-5-sonnet-20241022");
    assert_eq!(body["stop_reason"], "end_turn");
    assert_eq!((&body["usage"]["input_tokens"], &body["usage"]["output_tokens"]), (&json!(45), &json!(156)));
    let text = body["content"][0]["text"].as_str().unwrap();
    assert!(text.len() == 581 && text.contains("当然!这是一个Python脚本"), "{text}");
}

#[tokio::test]
async fn anthropic_answers_as_events() {
    let standin = Standin::start().await;
    let (events, whole) = stream(&standin, MESSAGES, "hello").await;
    assert!(whole);
    assert!(events.iter().all(|event| data(event)["type"] == event.event));
    let mut names: Vec<&str> = events.iter().map(|event| event.event.as_str()).collect();
    names.dedup();
    assert_eq!(
        names,
        [
            "message_start",
            "content_block_start",
            "ping",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert_eq!(data(&events[0])["message"]["usage"]["input_tokens"], 45);
    assert_eq!(data(&events[events.len() - 2])["usage"]["output_tokens"], 156);
    assert_eq!(text(&events).len(), 581);
    assert_eq!(events.len(), 26);
}

#[tokio::test]
async fn openai_answers_as_json_and_as_events() {
    let standin = Standin::start().await;
    let (status, body) = ask(&standin, COMPLETIONS, "hello").await;
    assert_eq!((status, &body["model"]), (200, &json!("gpt-4o-2024-08-06")));
    assert_eq!(body["usage"]["total_tokens"], 201);
    assert_eq!(body["choices"][0]["finish_reason"], "stop");

    let (events, whole) = stream(&standin, COMPLETIONS, "hello").await;
    assert!(whole);
    assert_eq!(text(&events), body["choices"][0]["message"]["content"]);
    let [.., finish, usage, done] = &events[..] else { panic!("too few events") };
    assert_eq!(data(finish)["choices"][0]["finish_reason"], "stop");
    assert_eq!((&data(usage)["choices"], &data(usage)["usage"]["prompt_tokens"]), (&json!([]), &json!(45)));
    assert_eq!(done.data, "[DONE]");
}

#[tokio::test]
async fn a_stream_cut_into_pieces_of_any_size_says_the_same() {
    let standin = Standin::start().await;
    for path in [MESSAGES, COMPLETIONS] {
        let (whole, _) = stream(&standin, path, "hello").await;
        for split in [1, 2, 3, 7, 64, 100_000] {
            let (events, ended) = stream(&standin, path, &format!("[[standin split={split}]]")).await;
            assert!(ended);
            assert_eq!(events, whole, "split={split}");
        }
    }
}

#[tokio::test]
async fn split_by_one_really_sends_one_byte_at_a_time() {
    let standin = Standin::start().await;
    let mut caller = Caller::new(&standin).await;
    let mut body =
        caller.post(MESSAGES, &asked("m", "[[standin bytes=3 split=1 gap_us=1000]]", true)).await.into_body();
    let mut sizes = Vec::new();
    while let Some(frame) = body.frame().await {
        sizes.push(frame.unwrap().into_data().unwrap().len());
    }
    // A busy machine may let a few pile up in the socket.
    assert!(sizes.len() > 100 && sizes[0] == 1, "{sizes:?}");
}

#[tokio::test]
async fn a_cut_closes_the_connection_in_the_middle() {
    let standin = Standin::start().await;
    for path in [MESSAGES, COMPLETIONS] {
        for cut in [0, 1, 3] {
            let (events, whole) = stream(&standin, path, &format!("[[standin cut_after={cut} bytes=20]]")).await;
            assert!(!whole, "{path} must not end well");
            assert_eq!(text(&events).len(), cut, "{path} after {cut}");
        }
    }
    assert_eq!((standin.finished_streams(), standin.aborted_streams()), (6, 0));

    let mut caller = Caller::new(&standin).await;
    let response = caller.post(MESSAGES, &asked("m", "[[standin cut_after=0]]", false)).await;
    assert!(response.into_body().collect().await.is_err());
}

#[tokio::test]
async fn errors_come_in_the_vendors_envelope_and_in_the_script_s_order() {
    let standin = Standin::start().await;
    let overloaded = Behaviour { retry_after: Some(3), error_message: "busy".into(), ..Behaviour::status(529) };
    standin.script([overloaded, Behaviour::status(429), Behaviour::text("at last")]);

    let mut caller = Caller::new(&standin).await;
    let response = caller.post(MESSAGES, &asked("m", "hello", true)).await;
    assert_eq!((response.status().as_u16(), &response.headers()["retry-after"]), (529, &"3".parse().unwrap()));
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!(body["error"], json!({"type": "overloaded_error", "message": "busy"}));

    let (status, body) = ask(&standin, COMPLETIONS, "hello").await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!("rate_limit_exceeded")));
    let (status, body) = ask(&standin, MESSAGES, "[[standin status=500]]").await;
    assert_eq!((status, &body["content"][0]["text"]), (200, &json!("at last")));
    let (status, _) = ask(&standin, MESSAGES, "[[standin status=500]]").await;
    assert_eq!(status, 500);
    assert_eq!(standin.request_count(), 4);
    assert_eq!(standin.requests()[0].json()["stream"], true);
    assert_eq!(standin.requests()[0].header("x-api-key"), Some("sk-test"));
}

#[tokio::test]
async fn an_error_inside_a_stream_is_the_vendors() {
    let standin = Standin::start().await;
    let (events, whole) = stream(&standin, MESSAGES, "[[standin error_after=2]]").await;
    let last = events.last().unwrap();
    assert_eq!((whole, last.event.as_str(), &data(last)["error"]["type"]), (true, "error", &json!("overloaded_error")));
    assert_eq!(events.iter().filter(|event| event.event == "content_block_delta").count(), 2);

    let (events, whole) = stream(&standin, COMPLETIONS, "[[standin error_after=2]]").await;
    assert_eq!((whole, &data(events.last().unwrap())["error"]["type"]), (true, &json!("server_error")));
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_seen() {
    let standin = Standin::start().await;
    for (count, (message, stream)) in [
        ("[[standin stall_after=1]]", true),
        ("[[standin gap_us=3600000000]]", true),
        ("[[standin stall_after=1]]", false),
    ]
    .into_iter()
    .enumerate()
    {
        let mut caller = Caller::new(&standin).await;
        let mut body = caller.post(MESSAGES, &asked("m", message, stream)).await.into_body();
        body.frame().await.unwrap().unwrap();
        assert_eq!((standin.open_streams(), standin.aborted_streams()), (1, count));
        drop((caller, body));
        standin.wait_until(|standin| standin.aborted_streams() == count + 1).await;
        assert_eq!(standin.open_streams(), 0);
    }

    let mut caller = Caller::new(&standin).await;
    let body = asked("m", "[[standin delay_ms=3600000]]", false);
    tokio::select! {
        _ = caller.post(MESSAGES, &body) => panic!("it was to wait an hour"),
        () = standin.wait_until(|standin| standin.open_streams() == 1) => {}
    }
    drop(caller);
    standin.wait_until(|standin| standin.aborted_streams() == 4).await;
}

#[tokio::test]
async fn a_tool_is_called_in_pieces_and_only_if_offered() {
    let standin = Standin::start().await;
    let message = "[[standin tool=web_fetch tool_input={\"url\":\"http://a\"}]]";
    let (events, _) = stream(&standin, MESSAGES, message).await;
    let input: String = events
        .iter()
        .map(data)
        .filter_map(|data| data["delta"]["partial_json"].as_str().map(ToOwned::to_owned))
        .collect();
    assert_eq!(input, "{\"url\":\"http://a\"}");
    assert_eq!(data(&events[events.len() - 2])["delta"]["stop_reason"], "tool_use");

    let (events, _) = stream(&standin, COMPLETIONS, message).await;
    let calls = events.iter().filter(|event| event.data.contains("tool_calls\":[")).map(data);
    let arguments: String = calls
        .map(|data| {
            let call = &data["choices"][0]["delta"]["tool_calls"][0];
            call["function"]["arguments"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(arguments, "{\"url\":\"http://a\"}");

    let mut without = asked("m", message, false);
    without["tools"] = json!([]);
    let response = Caller::new(&standin).await.post(MESSAGES, &without).await;
    let body: Value = serde_json::from_slice(&response.into_body().collect().await.unwrap().to_bytes()).unwrap();
    assert_eq!((body["content"].as_array().unwrap().len(), &body["stop_reason"]), (1, &json!("end_turn")));
}

#[tokio::test]
async fn faults_of_the_request_are_refused() {
    let standin = Standin::start().await;
    let mut caller = Caller::new(&standin).await;
    let request = |path: &str, body: &Value| {
        Request::post(path).header("host", "standin").body(Full::from(body.to_string())).unwrap()
    };
    for path in [MESSAGES, COMPLETIONS] {
        let response = caller.0.send_request(request(path, &asked("m", "hello", false))).await.unwrap();
        assert_eq!(response.status(), 401);
        response.into_body().collect().await.unwrap();
    }
    let mut without = asked("m", "hello", false);
    without.as_object_mut().unwrap().remove("max_tokens");
    for (path, body, status) in [
        (MESSAGES, &without, 400),
        (COMPLETIONS, &without, 200),
        (MESSAGES, &json!({"model": "m", "max_tokens": 1, "messages": []}), 400),
        (MESSAGES, &asked("m", "[[standin nonsense=1]]", false), 400),
        ("/nowhere", &json!({}), 404),
    ] {
        let response = caller.post(path, body).await;
        assert_eq!(response.status().as_u16(), status, "{path} {body}");
        response.into_body().collect().await.unwrap();
    }
}

#[tokio::test]
async fn a_dropped_standin_hangs_up() {
    let standin = Standin::start().await;
    let mut caller = Caller::new(&standin).await;
    let body = caller.post(MESSAGES, &asked("m", "[[standin stall_after=1]]", true)).await.into_body();
    drop(standin);
    assert!(body.collect().await.is_err());
}
