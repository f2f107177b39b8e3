//! Replies as they come: whole, cut, failed, silent, abandoned.

use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt};
use openclaw_client::{Error, ErrorType};

use crate::stand_in::{Act, STREAM_END, STREAM_HEAD, StandIn, failure, ok, piece};
use crate::{REPLY, hello};

fn chunk(content: &str) -> String {
    format!("event: chunk\ndata: {{\"id\":\"msg_1\",\"session_id\":\"user_123\",\"content\":\"{content}\"}}\n\n")
}

fn done() -> String {
    format!("event: done\ndata: {REPLY}\n\n")
}

fn stream(events: &[&str]) -> String {
    STREAM_HEAD.to_owned() + &events.iter().map(|event| piece(event)).collect::<String>()
}

#[tokio::test]
async fn a_stream_gives_its_chunks_then_the_whole_reply_and_its_connection_back() {
    let events = [": ping\n\n", &chunk("你好"), "event: newer\ndata: {}\n\n", &chunk(" there"), &done()];
    let gateway = StandIn::start(vec![Act::Answer(stream(&events) + STREAM_END)]).await;
    let client = gateway.client();
    for _ in 0..3 {
        let mut stream = client.chat().stream(hello()).await.unwrap();
        assert_eq!(stream.request_id(), Some("req_1"));
        let mut text = String::new();
        while let Some(chunk) = stream.next().await {
            text.push_str(&chunk.unwrap().content);
        }
        assert_eq!(text, "你好 there");
        assert_eq!(stream.final_response().await.unwrap().content, text);
        assert!(stream.next().await.is_none());
    }
    let seen = gateway.seen();
    assert!(seen.iter().all(|request| request.connection == 0), "{seen:?}");
    assert_eq!(seen[0].header("accept"), Some("text/event-stream"));
    assert!(seen[0].body.contains(r#""stream":true"#));
}

#[tokio::test]
async fn the_whole_reply_may_be_asked_for_without_taking_a_chunk() {
    let gateway = StandIn::start(vec![Act::Answer(stream(&[&chunk("a"), &chunk("b"), &done()]) + STREAM_END)]).await;
    let mut stream = gateway.client().chat().stream(hello()).await.unwrap();
    assert_eq!(stream.final_response().await.unwrap().usage.output_tokens, 2);
}

#[tokio::test]
async fn the_cut_of_the_packets_does_not_matter() {
    let events = chunk("你好") + &chunk(" there").replace('\n', "\r\n") + &done();
    let whole = stream(&[&events]) + STREAM_END;
    let bytewise = Act::Pieces(whole.bytes().map(|byte| vec![byte]).collect());
    let halved = (1..events.len()).map(|at| {
        let (left, right) = events.as_bytes().split_at(at);
        let halves = [left, right].map(|half| {
            let mut bytes = format!("{:x}\r\n", half.len()).into_bytes();
            bytes.extend_from_slice(half);
            bytes.extend_from_slice(b"\r\n");
            bytes
        });
        Act::Pieces([&[STREAM_HEAD.into()], &halves[..], &[STREAM_END.into()]].concat())
    });
    let acts: Vec<Act> = std::iter::once(bytewise).chain(halved).collect();
    let tries = acts.len();
    let gateway = StandIn::start(acts).await;
    let client = gateway.client();
    for at in 0..tries {
        let chunks = client.chat().stream(hello()).await.unwrap().collect::<Vec<_>>().await;
        let texts: Vec<_> = chunks.into_iter().map(|chunk| chunk.unwrap().content).collect();
        assert_eq!(texts, ["你好", " there"], "cut at {at}");
    }
}

#[tokio::test]
async fn a_stream_without_an_end_is_never_a_success() {
    let half = chunk("half");
    let ended_in_order = Act::Answer(stream(&[&half]) + STREAM_END);
    let ended_inside_done = Act::Answer(stream(&[&half, &done()[..done().len() - 1]]) + STREAM_END);
    let cut = Act::Cut(stream(&[&half]));
    for (act, told) in [(ended_in_order, false), (ended_inside_done, false), (cut, true)] {
        let gateway = StandIn::start(vec![act]).await;
        let mut stream = gateway.client().chat().stream(hello()).await.unwrap();
        assert_eq!(stream.next().await.unwrap().unwrap().content, "half");
        let error = stream.next().await.unwrap().unwrap_err();
        assert!(matches!(&error, Error::Interrupted { source } if source.is_some() == told), "{error:?}");
        assert!(stream.next().await.is_none());
        assert!(matches!(stream.final_response().await, Err(Error::Interrupted { .. })));
        assert_eq!(gateway.seen().len(), 1, "a stream that had begun is not tried again");
    }
}

#[tokio::test]
async fn a_failure_inside_a_stream_is_the_gateways() {
    let error = r#"{"type":"error","error":{"type":"provider_error","code":"provider_failed","message":"no","param":null},"request_id":"req_9"}"#;
    let gateway = StandIn::start(vec![Act::Answer(
        stream(&[&chunk("half"), &format!("event: error\ndata: {error}\n\n")]) + STREAM_END,
    )])
    .await;
    let error = gateway.client().chat().stream(hello()).await.unwrap().final_response().await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (Some(ErrorType::ProviderError), Some(502)));
    assert_eq!((error.code(), error.request_id()), (Some("provider_failed"), Some("req_9")));
}

#[tokio::test]
async fn a_stream_is_tried_again_until_it_has_begun() {
    let gateway = StandIn::start(vec![
        failure("429 Too Many Requests", "retry-after: 0\r\n", "rate_limit_error", "rate_limited"),
        Act::Cut(String::new()),
        Act::Answer(stream(&[&done()]) + STREAM_END),
    ])
    .await;
    let mut stream = gateway.client().chat().stream(hello()).await.unwrap();
    assert!(stream.final_response().await.is_ok());
    let seen = gateway.seen();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|request| request.header("idempotency-key") == seen[0].header("idempotency-key")));
}

#[tokio::test]
async fn what_is_no_stream_or_no_chunk_is_told() {
    let nonsense = Act::Answer(stream(&["event: chunk\ndata: {\n\n"]) + STREAM_END);
    let gateway = StandIn::start(vec![ok(REPLY), nonsense]).await;
    let client = gateway.client();
    assert!(matches!(client.chat().stream(hello()).await, Err(Error::Decode { .. })));
    let mut stream = client.chat().stream(hello()).await.unwrap();
    assert!(matches!(stream.next().await, Some(Err(Error::Decode { .. }))));
    assert!(stream.next().await.is_none());
}

#[tokio::test]
async fn a_silent_stream_times_out_and_is_closed() {
    let mut gateway = StandIn::start(vec![Act::Stall(stream(&[&chunk("half")]))]).await;
    let client = gateway.builder().idle_timeout(Duration::from_millis(50)).build().unwrap();
    let mut stream = client.chat().stream(hello()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Timeout { waited_for: "the next piece of the stream", .. }), "{error:?}");
    gateway.hung_up().await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test is about a reader that waits")]
async fn a_reader_that_takes_its_time_is_no_silence_of_the_gateway() {
    let limit = Duration::from_millis(100);
    let gateway = StandIn::start(vec![Act::Stall(stream(&[&chunk("half")]))]).await;
    let client = gateway.builder().idle_timeout(limit).build().unwrap();
    let mut stream = client.chat().stream(hello()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().now_or_never().is_none(), "the gateway falls silent");
    tokio::time::sleep(limit * 2).await;
    assert!(matches!(stream.next().await, Some(Err(Error::Timeout { .. }))), "for too long");

    let mut stream = client.chat().stream(hello()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    tokio::time::sleep(limit * 2).await;
    let asked = Instant::now();
    assert!(matches!(stream.next().await, Some(Err(Error::Timeout { .. }))));
    assert!(asked.elapsed() >= limit, "{:?}", asked.elapsed());
}

#[tokio::test]
async fn a_stream_may_outlast_the_timeout_of_its_call() {
    let gateway = StandIn::start(vec![Act::Stall(stream(&[&chunk("half")]))]).await;
    let client = gateway.builder().timeout(Duration::from_millis(200)).idle_timeout(Duration::from_millis(400));
    let mut stream = client.build().unwrap().chat().stream(hello()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Timeout { limit, .. } if limit == Duration::from_millis(400)), "{error:?}");
}

#[tokio::test]
async fn a_dropped_stream_or_call_closes_its_connection() {
    let mut gateway = StandIn::start(vec![Act::Stall(stream(&[&chunk("half")])), Act::Stall(String::new())]).await;
    let client = gateway.client();
    let mut stream = client.chat().stream(hello()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    gateway.hung_up().await;
    let arrived = async {
        while gateway.seen().len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        reply = client.chat().send(hello()) => panic!("nothing answers, but {reply:?} came"),
        () = arrived => {}
    }
    gateway.hung_up().await;
}

#[tokio::test]
async fn an_end_that_does_not_come_after_done_is_not_waited_for() {
    let mut gateway = StandIn::start(vec![Act::Stall(stream(&[&chunk("a"), &done()]))]).await;
    let mut stream = gateway.client().chat().stream(hello()).await.unwrap();
    assert!(stream.next().await.unwrap().is_ok());
    assert!(stream.next().await.is_none());
    assert!(stream.final_response().await.is_ok());
    gateway.hung_up().await;
}
