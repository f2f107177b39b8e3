//! What an answer tells beside its body: `with_response`.

use openclaw_client::raw::{RawCall, StreamKind};

use crate::stand_in::{Act, StandIn, failure, ok};
use crate::{REPLY, hello};

const PAGE: &str = r#"{"data":[],"has_more":false}"#;

#[tokio::test]
async fn a_reply_comes_with_its_answer_if_that_is_asked_for() {
    let gateway = StandIn::start(vec![
        failure("503 Service Unavailable", "retry-after: 0\r\n", "overloaded_error", "busy"),
        ok(REPLY),
        ok(PAGE),
        ok("{}"),
    ])
    .await;
    let client = gateway.client();
    let (reply, response) = client.chat().send(hello()).with_response().await.unwrap();
    assert_eq!(reply.content, "你好 there");
    assert_eq!((response.status(), response.retries()), (200, 1));
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    assert!(response.headers().any(|(name, value)| name == "x-request-id" && value == "req_1"));
    let ((page, inner), outer) = client.sessions().list().page().with_response().with_response().await.unwrap();
    assert!(page.data.is_empty() && inner.request_id() == outer.request_id());
    assert_eq!(outer.request_id().as_deref(), Some("req_1"));
    let (raw, response) = client.raw().send(RawCall::get("/status")).with_response().await.unwrap();
    assert_eq!((&raw.body[..], raw.request_id), (&b"{}"[..], response.request_id()));
}

#[tokio::test]
async fn a_stream_comes_with_the_answer_that_it_began_with_and_a_failure_is_one() {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-request-id: req_7\r\nconnection: close\r\n\r\n";
    let done = format!("{head}event: done\ndata: {REPLY}\n\n");
    let refused = failure("404 Not Found", "", "not_found_error", "no");
    let gateway = StandIn::start(vec![Act::Cut(done), refused]).await;
    let call = || RawCall::post("/chat", "{}");
    let stream = gateway.client().raw().stream(call(), StreamKind::Reply, None).with_response();
    let (mut stream, response) = stream.await.unwrap();
    assert_eq!((response.request_id().as_deref(), response.retries()), (Some("req_7"), 0));
    assert_eq!(stream.next().await.unwrap().unwrap().event, "done");
    let error = gateway.client().chat().send(hello()).with_response().await.unwrap_err();
    assert_eq!(error.status(), Some(404));
}
