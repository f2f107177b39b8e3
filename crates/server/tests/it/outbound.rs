//! Deliveries to real receivers on loopback that behave badly, and who may be reached when names lie.
#![expect(clippy::disallowed_methods, reason = "receivers run beside the gateway, in real time")]

mod reach;
mod receiver;
mod tls;

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use openclaw::clock::Clock;
use openclaw::config::OutboundConfig;
use openclaw::outbound::{ANSWER_BYTES_MAX, DeliverErrorKind, DeliverRequest, Outbound, Reach};

use super::gateway::Gateway;
use receiver::{Behaviour, Receiver};

/// Long enough for a busy machine to connect and answer.
const PATIENT: Duration = Duration::from_secs(10);
/// Short enough to wait for.
const SHORT: Duration = Duration::from_millis(300);

fn outbound() -> Outbound {
    Outbound::new(&OutboundConfig::default(), Clock::system())
}

/// A delivery by the operator, whose URL ends in a secret.
fn delivery(base_url: &str) -> DeliverRequest {
    let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let url = format!("{base_url}/hook?key=canary");
    let config = OutboundConfig::default();
    let request = DeliverRequest::new(&config, Reach::Operator, url, headers, Bytes::from_static(b"{\"event\":1}"));
    DeliverRequest { deadline: PATIENT, connect_timeout: PATIENT, ..request }
}

#[tokio::test]
async fn the_configured_bounds_are_those_of_a_delivery() {
    let config = OutboundConfig { deliver_timeout_seconds: 7, connect_timeout_seconds: 3, ..OutboundConfig::default() };
    let request = DeliverRequest::new(&config, Reach::Public, String::new(), HeaderMap::new(), Bytes::new());
    assert_eq!((request.deadline, request.connect_timeout), (Duration::from_secs(7), Duration::from_secs(3)));
    assert_eq!(request.answer_bytes_max, 16 * 1024);
}

#[tokio::test]
async fn an_answer_is_told_as_it_came_and_its_connection_used_again() {
    let receiver = Receiver::start(Behaviour::answer("200 OK", "retry-after: 120\r\n", "{\"errcode\":0}")).await;
    let outbound = outbound();
    for round in 1..=3 {
        let answer = outbound.deliver(delivery(&receiver.url())).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), answer.body.as_slice()), (200, &b"{\"errcode\":0}"[..]));
        assert_eq!((answer.retry_after, answer.truncated), (Some(Duration::from_mins(2)), false));
        assert_eq!((receiver.requests().len(), receiver.connections()), (round, 1));
    }
    let request = receiver.requests().remove(0).to_lowercase();
    assert!(request.starts_with("post /hook?key=canary http/1.1\r\n"), "{request}");
    assert!(request.contains(concat!("user-agent: openclaw/", env!("CARGO_PKG_VERSION"), "\r\n")), "{request}");
    assert!(request.contains("content-type: application/json\r\n") && request.ends_with("{\"event\":1}"), "{request}");
    assert!(!request.contains(ACCEPT_ENCODING.as_str()), "{request}");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_a_way() {
    let elsewhere = Receiver::start(Behaviour::answer("200 OK", "", "")).await;
    for place in [elsewhere.url(), "http://169.254.169.254/latest/meta-data/".into()] {
        let receiver =
            Receiver::start(Behaviour::answer("307 Temporary Redirect", &format!("location: {place}\r\n"), "")).await;
        let answer = outbound().deliver(delivery(&receiver.url())).await.expect("an answer");
        assert_eq!((answer.status.as_u16(), receiver.requests().len()), (307, 1));
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn a_body_of_any_length_costs_its_first_16_kib() {
    for (length, truncated) in [(ANSWER_BYTES_MAX - 1, false), (ANSWER_BYTES_MAX, false), (ANSWER_BYTES_MAX + 1, true)]
    {
        let receiver = Receiver::start(Behaviour::answer("200 OK", "", &"a".repeat(length))).await;
        let answer = outbound().deliver(delivery(&receiver.url())).await.expect("an answer");
        assert_eq!((answer.body.len(), answer.truncated), (length.min(ANSWER_BYTES_MAX), truncated));
    }

    let giant = Receiver::start(Behaviour::Giant).await;
    let answer = outbound().deliver(delivery(&giant.url())).await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.body.len(), answer.truncated), (200, ANSWER_BYTES_MAX, true));
    giant.closed().await;
    // What the two kernels hold in flight; the giant had 300 MiB to give.
    assert!(giant.sent() < 16 * 1024 * 1024, "{} bytes were taken", giant.sent());
}

#[tokio::test]
async fn what_is_packed_stays_packed() {
    // The first bytes of a gzip stream: a bomb unpacked would be anything.
    let packed = "\u{1f}\u{7f}\u{8}packed";
    let receiver = Receiver::start(Behaviour::answer("200 OK", "content-encoding: gzip\r\n", packed)).await;
    let answer = outbound().deliver(delivery(&receiver.url())).await.expect("an answer");
    assert_eq!(answer.body, packed.as_bytes());
}

#[tokio::test]
async fn one_deadline_holds_for_a_silent_a_slow_and_a_trickling_receiver() {
    for (behaviour, told) in [
        (Behaviour::Silent, "no answer within 0.3 s"),
        (Behaviour::TrickleHead, "no answer within 0.3 s"),
        (Behaviour::TrickleBody, "it answered 200, but its body did not end within 0.3 s"),
    ] {
        let receiver = Receiver::start(behaviour).await;
        let error = outbound().deliver(DeliverRequest { deadline: SHORT, ..delivery(&receiver.url()) }).await;
        let error = error.expect_err("too late");
        assert_eq!((error.kind, error.message.as_str()), (DeliverErrorKind::Timeout, told));
        assert!(error.duration >= SHORT && error.duration < PATIENT, "{:?}", error.duration);
        receiver.closed().await;
    }
}

#[tokio::test]
async fn a_receiver_that_does_not_accept_is_given_up_early() {
    // Its queue of one is filled and nobody takes from it, so the system answers no further knock.
    let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
    socket.bind("127.0.0.1:0".parse().expect("an address")).expect("bound");
    let listener = socket.listen(1).expect("it listens");
    let address = listener.local_addr().expect("an address");
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = tokio::time::timeout(SHORT, tokio::net::TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    let request = DeliverRequest { connect_timeout: SHORT, ..delivery(&format!("http://{address}")) };
    let error = outbound().deliver(request).await.expect_err("no connection");
    assert_eq!((error.kind, error.message.as_str()), (DeliverErrorKind::Timeout, "no connection within 0.3 s"));
    assert!(error.duration < PATIENT, "{:?}", error.duration);
}

#[tokio::test]
async fn what_breaks_is_told_without_the_url() {
    for (behaviour, told) in [
        (Behaviour::ResetInHead, "the connection broke: "),
        (Behaviour::ResetInBody, "it answered 200, but the connection broke: "),
        (Behaviour::NoHttp, "the connection broke: invalid HTTP"),
        (Behaviour::EndlessHead, "the connection broke: message head is too large"),
    ] {
        let receiver = Receiver::start(behaviour).await;
        let error = outbound().deliver(delivery(&receiver.url())).await.expect_err("broken");
        assert!(error.kind == DeliverErrorKind::Broken && error.message.starts_with(told), "{error:?}");
        assert!(!format!("{error:?}").contains("canary") && receiver.requests()[0].contains("canary"), "{error:?}");
        assert_eq!(receiver.requests().len(), 1, "what may have been taken is not sent again");
    }
    // Port 1 on loopback: nobody listens there.
    let error = outbound().deliver(delivery("http://127.0.0.1:1")).await.expect_err("refused");
    assert!(error.kind == DeliverErrorKind::Connect && error.message.contains("refused"), "{error:?}");
    assert!(!format!("{error:?}").contains("canary"));
}

#[tokio::test]
async fn new_rules_hold_from_the_next_delivery_on_and_old_connections_are_not_theirs() {
    let receiver = Receiver::start(Behaviour::answer("200 OK", "", "")).await;
    let gateway = Gateway::with(|config| config.outbound.allow = vec!["127.0.0.1".parse().expect("a network")]).await;
    let deliver = async || {
        let outbound = gateway.app.live.load().outbound.clone();
        outbound.deliver(DeliverRequest { reach: Reach::Public, ..delivery(&receiver.url()) }).await
    };
    deliver().await.expect("open");

    let mut config = gateway.app.live.load().config.clone();
    config.gateway.api.rate_limit.burst += 1;
    gateway.app.reload(config.clone()).expect("a good configuration");
    deliver().await.expect("still open");
    assert_eq!(receiver.connections(), 1, "another section changed: the connection is kept");

    config.outbound.allow.clear();
    gateway.app.reload(config).expect("a good configuration");
    assert_eq!(deliver().await.expect_err("closed").kind, DeliverErrorKind::Refused);
    assert_eq!(receiver.requests().len(), 2);
    receiver.closed().await;
}

#[tokio::test]
async fn a_delivery_that_is_dropped_closes_its_connection() {
    let receiver = Receiver::start(Behaviour::Silent).await;
    let outbound = outbound();
    let dropped = tokio::time::timeout(SHORT, outbound.deliver(delivery(&receiver.url()))).await;
    assert!(dropped.is_err(), "it was still waiting");
    receiver.closed().await;
}

#[tokio::test]
async fn a_long_event_is_sent_whole() {
    let receiver = Receiver::start(Behaviour::answer("200 OK", "", "")).await;
    let body = Bytes::from("e".repeat(1024 * 1024));
    outbound().deliver(DeliverRequest { body: body.clone(), ..delivery(&receiver.url()) }).await.expect("an answer");
    assert!(receiver.requests()[0].ends_with(std::str::from_utf8(&body).expect("text")));
}
