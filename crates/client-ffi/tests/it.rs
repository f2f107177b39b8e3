//! Calls and streams as a binding makes them, against a server that says what it is told to.

#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "a test may wait, and may fail anywhere")]

use std::convert::Infallible;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use openclaw_client_ffi::{CallOptions, Client, ErrorKind, LogLevel, Pump, Settings, Taken};
use serde_json::Value;

const KEY: &str = "oc_api_sk_test";
const STREAM_HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_1\r\n\r\n";

/// Answers each connection in turn with one closure.
fn server(acts: Vec<Box<dyn FnOnce(TcpStream) + Send>>) -> (Client, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = Settings {
        base_url: Some(format!("http://{}", listener.local_addr().unwrap())),
        api_key: Some(KEY.into()),
        proxy: Some(String::new()),
        user_agent: Some("openclaw-test/1".into()),
        ..Settings::default()
    };
    let (tell, heads) = mpsc::channel();
    thread::spawn(move || {
        for act in acts {
            let (mut stream, _) = listener.accept().unwrap();
            tell.send(request(&mut stream)).unwrap();
            act(stream);
        }
    });
    (Client::new(settings).unwrap(), heads)
}

fn request(stream: &mut TcpStream) -> String {
    let (mut text, mut bytes) = (String::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut bytes).unwrap();
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let wanted = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
        if body.len() >= wanted {
            return text;
        }
    }
}

fn answer(status: &'static str, body: &'static str) -> Box<dyn FnOnce(TcpStream) + Send> {
    Box::new(move |mut stream| {
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\nx-request-id: req_1\r\ncontent-length: {length}\r\n\r\n{body}").unwrap();
    })
}

/// Says nothing, and tells when the other side has hung up.
fn silence(head: &'static str) -> (Box<dyn FnOnce(TcpStream) + Send>, Receiver<()>) {
    let (tell, hung_up) = mpsc::channel();
    let act = move |mut stream: TcpStream| {
        stream.write_all(head.as_bytes()).unwrap();
        assert!(matches!(stream.read(&mut [0; 1]), Ok(0) | Err(_)));
        tell.send(()).unwrap();
    };
    (Box::new(act), hung_up)
}

fn next(pump: &Pump) -> Taken {
    pump.wait_blocking(never).unwrap();
    pump.take_all()
}

#[expect(clippy::unnecessary_wraps, reason = "it stands for a check")]
fn never() -> Result<(), Infallible> {
    Ok(())
}

fn heard(hung_up: &Receiver<()>) {
    hung_up.recv_timeout(Duration::from_secs(10)).expect("the connection is closed");
}

#[test]
fn a_reply_is_the_json_that_came_and_a_failure_is_a_record() {
    let failure = r#"{"type":"error","error":{"type":"not_found_error","code":"session_not_found","message":"no","param":null},"request_id":"req_1"}"#;
    let (client, heads) = server(vec![
        answer("200 OK", r#"{"id":"msg_1","of_a_newer_gateway":1.50}"#),
        answer("404 Not Found", failure),
        answer("204 No Content", ""),
    ]);
    let call = |operation: &str, arguments: &str| {
        client.call_blocking(operation, arguments.as_bytes(), CallOptions::default(), never).unwrap()
    };
    let reply = call("chat.send", r#"{"message":"你好"}"#).unwrap();
    assert_eq!(reply.body, r#"{"id":"msg_1","of_a_newer_gateway":1.50}"#);
    assert_eq!(reply.request_id.as_deref(), Some("req_1"));
    let head = heads.recv().unwrap();
    assert!(head.starts_with("POST /api/v1/chat ") && head.ends_with(r#"{"message":"你好"}"#), "{head}");
    assert!(head.contains("idempotency-key: ") && head.contains(" openclaw-test/1\r\n"), "{head}");

    let error = call("sessions.get", r#"{"id":"x"}"#).unwrap_err();
    assert_eq!(
        (error.kind.as_str(), error.status, error.code.as_deref()),
        ("not_found_error", Some(404), Some("session_not_found"))
    );
    assert_eq!(error.body.as_deref(), Some(failure));
    assert!(call("sessions.delete", r#"{"id":"x"}"#).unwrap().body.is_empty());
}

#[test]
fn a_wait_ends_and_hangs_up_when_its_caller_says_so() {
    let (act, hung_up) = silence("");
    let (client, heads) = server(vec![act]);
    let stopped = client.call_blocking("status.get", b"{}", CallOptions::default(), || {
        if heads.try_recv().is_ok() { Err("ctrl-c") } else { Ok(()) }
    });
    assert_eq!(stopped.unwrap_err(), "ctrl-c");
    heard(&hung_up);
}

#[tokio::test]
async fn dropping_a_call_and_cancelling_one_hang_up() {
    let ((first, first_hung_up), (second, second_hung_up)) = (silence(""), silence(""));
    let (client, heads) = server(vec![first, second]);
    let mut call = Box::pin(client.call("status.get", b"{}", CallOptions::default()));
    assert!(tokio::time::timeout(Duration::from_millis(200), &mut call).await.is_err());
    heads.recv().unwrap();
    drop(call);
    heard(&first_hung_up);

    let cancel = client.start("status.get", b"{}", CallOptions::default(), |_| panic!("it was cancelled")).unwrap();
    heads.recv().unwrap();
    cancel.cancel();
    cancel.cancel();
    heard(&second_hung_up);
}

#[test]
fn a_stream_gives_all_that_has_arrived_at_once() {
    let (proceed, wait) = mpsc::channel::<()>();
    let act = move |mut stream: TcpStream| {
        stream.write_all(STREAM_HEAD.as_bytes()).unwrap();
        wait.recv().unwrap();
        stream.write_all(b"event: chunk\ndata: {\"content\":\"a\"}\n\nid: \"7\"\nevent: chunk\ndata: {}\n\n").unwrap();
        wait.recv().unwrap();
        stream.write_all(b"event: done\ndata: {\"id\":\"msg_1\"}\n\n").unwrap();
    };
    let (client, _heads) = server(vec![Box::new(act)]);
    let pump = client.stream("chat.stream", br#"{"message":"hi"}"#, CallOptions::default()).unwrap();
    assert_eq!(next(&pump), Taken::Batch("[]".into()), "it has begun");
    assert_eq!(pump.request_id().as_deref(), Some("req_1"));
    assert_eq!(pump.take_all(), Taken::Waiting);
    proceed.send(()).unwrap();
    let mut text = String::new();
    while !text.contains(r#""id":"\"7\"","data":{}"#) {
        let Taken::Batch(batch) = next(&pump) else { panic!("more is to come") };
        text.push_str(&batch);
    }
    assert!(text.starts_with(r#"[{"of":{},"contents":["a"]}"#), "{text}");
    proceed.send(()).unwrap();
    assert_eq!(next(&pump), Taken::Batch(r#"[{"event":"done","id":null,"data":{"id":"msg_1"}}]"#.into()));
    assert_eq!(next(&pump), Taken::Ended);
    assert_eq!(pump.take_all(), Taken::Ended);
}

#[test]
fn a_stream_that_fails_says_so_once() {
    let cut = |mut stream: TcpStream| stream.write_all(STREAM_HEAD.as_bytes()).unwrap();
    let (client, _heads) = server(vec![answer("401 Unauthorized", "{}"), Box::new(cut)]);
    let pump = client.stream("chat.stream", b"{}", CallOptions::default()).unwrap();
    let Taken::Failed(error) = next(&pump) else { panic!("it was refused") };
    assert_eq!(error.status, Some(401));
    assert_eq!(pump.take_all(), Taken::Ended);

    let pump = client.stream("chat.stream", b"{}", CallOptions::default()).unwrap();
    assert_eq!(next(&pump), Taken::Batch("[]".into()));
    let Taken::Failed(error) = next(&pump) else { panic!("it broke off") };
    assert_eq!(error.kind, ErrorKind::Interrupted);
}

#[test]
fn a_consumer_that_does_not_take_makes_the_gateway_wait() {
    let (tell, sent) = mpsc::channel();
    let act = move |mut stream: TcpStream| {
        stream.write_all(STREAM_HEAD.as_bytes()).unwrap();
        stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
        let event = format!("event: chunk\ndata: {{\"content\":\"{}\"}}\n\n", "x".repeat(100_000));
        let count = (0..1000).take_while(|_| stream.write_all(event.as_bytes()).is_ok()).count();
        tell.send(count).unwrap();
    };
    let (client, _heads) = server(vec![Box::new(act)]);
    let pump = client.stream("chat.stream", b"{}", CallOptions::default()).unwrap();
    let sent = sent.recv_timeout(Duration::from_secs(30)).unwrap();
    assert!(sent < 500, "{sent} events of 100 kB were read ahead");
    let mut taken = 0;
    while let Taken::Batch(batch) = next(&pump) {
        assert!(batch.len() < 400_000, "{}", batch.len());
        taken += batch.matches("\"x").count();
    }
    assert_eq!(taken, sent, "nothing is lost");
}

#[test]
fn closing_a_stream_hangs_up_and_wakes_who_waits() {
    let (act, hung_up) = silence(STREAM_HEAD);
    let (client, _heads) = server(vec![act]);
    let pump = client.stream("chat.stream", b"{}", CallOptions::default()).unwrap();
    assert_eq!(next(&pump), Taken::Batch("[]".into()));
    let (tell, woken) = mpsc::channel();
    pump.on_arrival(move || tell.send(()).unwrap());
    assert!(woken.try_recv().is_err());
    pump.close();
    woken.recv().unwrap();
    assert_eq!(pump.take_all(), Taken::Ended);
    heard(&hung_up);
}

#[tokio::test]
async fn a_feed_goes_on_after_the_last_event_it_saw() {
    let cut = |mut stream: TcpStream| {
        stream.write_all(STREAM_HEAD.as_bytes()).unwrap();
        stream.write_all(b"event: agent.step\nid: evt_1\ndata: {}\n\n").unwrap();
    };
    let last = |mut stream: TcpStream| {
        stream.write_all(STREAM_HEAD.as_bytes()).unwrap();
        stream.write_all(b"event: agent.completed\nid: evt_2\ndata: {}\n\n").unwrap();
    };
    let (client, heads) = server(vec![Box::new(cut), Box::new(last)]);
    let pump = client.stream("agents.events", br#"{"id":"agt_1"}"#, CallOptions::default()).unwrap();
    let mut text = String::new();
    while let Taken::Batch(batch) = pump.next_batch().await {
        text.push_str(&batch);
    }
    assert!(text.contains("evt_1") && text.contains("evt_2"), "{text}");
    assert!(!heads.recv().unwrap().contains("last-event-id"));
    assert!(heads.recv().unwrap().contains("last-event-id: evt_1\r\n"));
}

#[test]
fn the_end_of_an_agent_is_waited_for() {
    let (client, heads) = server(vec![
        answer("200 OK", r#"{"id":"agt_1","status":"running"}"#),
        answer("200 OK", r#"{"id":"agt_1","status":"completed","output":"42"}"#),
        answer("200 OK", r#"{"id":"agt_1","status":"running"}"#),
    ]);
    let wait = |arguments: &str| {
        let arguments = arguments.as_bytes();
        client.call_blocking("agents.wait_for_completion", arguments, CallOptions::default(), never).unwrap()
    };
    assert!(wait(r#"{"id":"agt_1"}"#).unwrap().body.ends_with(br#""output":"42"}"#));
    assert!(heads.recv().unwrap().starts_with("GET /api/v1/agents/agt_1?wait=30 "));
    let error = wait(r#"{"id":"agt_1","timeout":0.2}"#).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Timeout, "{error}");
}

#[test]
fn what_cannot_be_sent_is_told_before() {
    let (client, _heads) = server(Vec::new());
    let call = |operation: &str| client.call_blocking(operation, b"{}", CallOptions::default(), never).unwrap();
    for operation in ["chat.sing", "chat.stream", "sessions.get"] {
        assert_eq!(call(operation).unwrap_err().kind, ErrorKind::Config, "{operation}");
    }
    assert_eq!(client.stream("chat.send", b"{}", CallOptions::default()).unwrap_err().kind, ErrorKind::Config);
    let settings = Settings { api_key: Some(String::new()), ..Settings::default() };
    assert_eq!(Client::new(settings).unwrap_err().kind, ErrorKind::Config);
}

#[test]
fn what_the_answer_told_and_the_log_come_only_if_they_are_asked_for() {
    let done = "event: done\ndata: {}\n\n";
    let stream = move |mut stream: TcpStream| write!(stream, "{STREAM_HEAD}{done}").unwrap();
    let (client, _heads) = server(vec![answer("200 OK", "{}"), answer("200 OK", "{}"), Box::new(stream)]);
    let wanted = || CallOptions { response: true, log: Some(LogLevel::Debug), ..CallOptions::default() };
    let call = |options| client.call_blocking("status.get", b"{}", options, never).unwrap().unwrap();
    assert!(call(CallOptions::default()).response.is_none());
    assert_eq!(client.take_log(), None);

    let response = call(wanted()).response.unwrap();
    assert_eq!((response.status(), response.request_id().as_deref(), response.retries()), (200, Some("req_1"), 0));
    let log: Vec<Value> = serde_json::from_str(&client.take_log().unwrap()).unwrap();
    let messages: Vec<&str> = log.iter().filter_map(|line| line["message"].as_str()).collect();
    assert!(
        matches!(messages[..], ["GET /api/v1/status: sent, attempt 1", done] if done.contains(": 200 in ")),
        "{log:?}"
    );
    assert_eq!((&log[1]["level"], &log[1]["request_id"], client.take_log()), (&"info".into(), &"req_1".into(), None));

    let pump = client.stream("chat.stream", b"{}", wanted()).unwrap();
    assert!(matches!(next(&pump), Taken::Batch(_)));
    assert_eq!(pump.response().unwrap().header("content-type"), Some("text/event-stream"));
    assert!(client.take_log().unwrap().contains("POST /api/v1/chat: 200 in "));
}
