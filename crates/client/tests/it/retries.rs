//! What is tried again, with what, and what is not.

use std::time::{Duration, Instant};

use openclaw_client::{Client, CreateKeyRequest, Error, RequestOptions};

use crate::stand_in::{Act, StandIn, answer, failure, ok};
use crate::{REPLY, hello};

#[tokio::test]
async fn a_wait_that_was_asked_for_is_kept_and_the_call_keeps_its_name() {
    let asked = "retry-after: 9\r\nretry-after-ms: 60\r\n";
    let gateway =
        StandIn::start(vec![failure("429 Too Many Requests", asked, "rate_limit_error", "rate_limited"), ok(REPLY)])
            .await;
    #[expect(clippy::disallowed_methods, reason = "the wait itself is what is tested")]
    let began = Instant::now();
    let reply = gateway.client().chat().send(hello()).await.unwrap();
    assert!(began.elapsed() >= Duration::from_millis(60));
    assert_eq!(reply.content, "你好 there");
    let [first, second] = &gateway.seen()[..] else { panic!("two tries") };
    let key = first.header("idempotency-key").unwrap();
    assert_eq!(key.len(), 32);
    assert_eq!(second.header("idempotency-key"), Some(key));
    assert_eq!(first.header("x-openclaw-retry-count"), Some("0"));
    assert_eq!(second.header("x-openclaw-retry-count"), Some("1"));
    assert_eq!(first.body, second.body);
    assert_eq!(first.connection, second.connection, "the connection is used again");
}

#[tokio::test]
async fn two_calls_have_two_names_unless_the_caller_names_them() {
    let gateway = StandIn::start(vec![ok(REPLY)]).await;
    let client = gateway.client();
    client.chat().send(hello()).await.unwrap();
    client.chat().send(hello()).await.unwrap();
    client.chat().with(RequestOptions::new().idempotency_key("order-7")).send(hello()).await.unwrap();
    let seen = gateway.seen();
    assert_ne!(seen[0].header("idempotency-key"), seen[1].header("idempotency-key"));
    assert_eq!(seen[2].header("idempotency-key"), Some("order-7"));
}

#[tokio::test]
async fn two_failures_then_a_reply_is_a_reply() {
    let fault = || failure("500 Internal Server Error", "", "api_error", "internal");
    let gateway = StandIn::start(vec![fault(), fault(), ok(REPLY)]).await;
    assert!(gateway.client().chat().send(hello()).await.is_ok());
    assert_eq!(gateway.seen().len(), 3);
}

#[tokio::test]
async fn the_last_failure_is_told_when_the_tries_are_spent() {
    let gateway = StandIn::start(vec![failure("503 Service Unavailable", "", "overloaded_error", "draining")]).await;
    let error = gateway.client().chat().send(hello()).await.unwrap_err();
    assert_eq!(error.code(), Some("draining"));
    assert_eq!(gateway.seen().len(), 3);
    let once = RequestOptions::new().max_retries(0);
    gateway.client().chat().with(once).send(hello()).await.unwrap_err();
    assert_eq!(gateway.seen().len(), 4);
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_before_and_inside_the_reply() {
    let begun = answer("200 OK", "", REPLY);
    let gateway =
        StandIn::start(vec![Act::Cut(String::new()), Act::Cut(begun[..begun.len() - 9].into()), ok(REPLY)]).await;
    assert!(gateway.client().chat().send(hello()).await.is_ok());
    assert_eq!(gateway.seen().len(), 3);
}

#[tokio::test]
async fn a_reply_that_broke_off_is_not_a_reply() {
    let begun = answer("200 OK", "", REPLY);
    let gateway = StandIn::start(vec![Act::Cut(begun[..begun.len() - 9].into())]).await;
    let error = gateway.client().chat().send(hello()).await.unwrap_err();
    assert!(matches!(error, Error::Interrupted { source: Some(_) }), "{error:?}");
}

#[tokio::test]
async fn what_would_be_done_twice_is_tried_again_only_if_it_was_surely_not_done() {
    let request = || CreateKeyRequest { name: "laptop".into(), ..Default::default() };
    let fault = || failure("500 Internal Server Error", "", "api_error", "internal");
    let begun = answer("200 OK", "", REPLY);
    for act in [fault(), Act::Cut(String::new()), Act::Cut(begun[..begun.len() - 9].into())] {
        let gateway = StandIn::start(vec![act]).await;
        gateway.client().keys().create(request()).await.unwrap_err();
        assert_eq!(gateway.seen().len(), 1);
    }
    let gateway = StandIn::start(vec![
        failure("503 Service Unavailable", "", "overloaded_error", "draining"),
        failure("429 Too Many Requests", "", "rate_limit_error", "rate_limited"),
        fault(),
    ])
    .await;
    let error = gateway.client().keys().create(request()).await.unwrap_err();
    assert_eq!((error.code(), gateway.seen().len()), (Some("internal"), 3));
}

#[tokio::test]
async fn only_the_conflict_that_passes_is_tried_again() {
    let lock = failure("409 Conflict", "", "conflict_error", "idempotency_in_progress");
    let clash = failure("409 Conflict", "", "conflict_error", "idempotency_key_reused");
    let gateway = StandIn::start(vec![lock, clash]).await;
    let error = gateway.client().chat().send(hello()).await.unwrap_err();
    assert_eq!(error.code(), Some("idempotency_key_reused"));
    assert_eq!(gateway.seen().len(), 2);
}

#[tokio::test]
async fn a_wait_longer_than_the_call_may_take_is_left_to_the_caller() {
    for asked in ["121", "30"] {
        let headers = format!("retry-after: {asked}\r\n");
        let gateway =
            StandIn::start(vec![failure("429 Too Many Requests", &headers, "rate_limit_error", "rate_limited")]).await;
        let client = gateway.builder().timeout(Duration::from_secs(20)).build().unwrap();
        let error = client.chat().send(hello()).await.unwrap_err();
        assert_eq!(error.api().unwrap().retry_after, Some(Duration::from_secs(asked.parse().unwrap())));
        assert_eq!(gateway.seen().len(), 1);
    }
}

#[tokio::test]
async fn a_head_that_does_not_come_is_a_timeout_and_the_connection_is_closed() {
    let mut gateway = StandIn::start(vec![Act::Stall(String::new())]).await;
    let options = RequestOptions::new().timeout(Duration::from_millis(50));
    let error = gateway.client().chat().with(options.clone()).send(hello()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { waited_for: "the reply", .. }), "{error:?}");
    gateway.hung_up().await;
    let error = gateway.client().chat().with(options).stream(hello()).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    gateway.hung_up().await;
}

#[tokio::test]
async fn nobody_there_is_a_connection_error_that_says_where() {
    let gateway = StandIn::start(vec![]).await;
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client: Client = gateway.builder().base_url(format!("http://{unused}/")).build().unwrap();
    let error = client.status().get().await.unwrap_err();
    assert!(matches!(&error, Error::Connection { .. }), "{error:?}");
    assert_eq!(error.to_string(), format!("the gateway at http://{unused} could not be reached"));
}
