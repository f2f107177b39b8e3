//! The load generator counts what it should, and the bare proxy only passes on.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use openclaw_bench::load::{Amount, Call, Load, Report};
use openclaw_bench::proxy;
use openclaw_bench::standin::{Behaviour, Standin};
use serde_json::json;
use tokio::net::TcpListener;

fn call(tag: &str, stream: bool) -> Call {
    let body = json!({
        "model": "claude-3-5-sonnet", "max_tokens": 100, "stream": stream,
        "messages": [{"role": "user", "content": tag}],
    });
    let body = Bytes::from(body.to_string());
    let call = Call::post("/v1/messages", move |_, _| body.clone());
    let call = call.header("x-api-key", "sk-test").header("anthropic-version", "2023-06-01");
    if stream { call.ending("event: message_stop") } else { call }
}

async fn ask(address: SocketAddr, call: Call, connections: usize, count: u64) -> Report {
    let amount = Amount::Count(count);
    let pid = Some(std::process::id());
    Load { address, call: call.into(), connections, amount, rate: None, pid }.run().await.unwrap()
}

#[tokio::test]
async fn a_count_is_asked_exactly_over_all_connections() {
    let standin = Standin::start().await;
    for (connections, count) in [(1, 10), (3, 10), (8, 5)] {
        let before = standin.request_count();
        let report = ask(standin.address(), call("hello", false), connections, count).await;
        assert_eq!((report.completed, report.failed), (count, 0));
        assert_eq!(report.latency.count() as u64, count);
        assert_eq!((standin.request_count() - before) as u64, count);
        assert!(report.cpu.is_some());
    }
}

#[tokio::test]
async fn streams_are_counted_by_their_events() {
    let standin = Standin::start().await;
    let report = ask(standin.address(), call("[[standin chunks=98 split=7]]", true), 2, 4).await;
    assert_eq!((report.completed, report.failed, report.events), (4, 0, 4 * 104));
    assert_eq!(report.first_event.count(), 4);
    let paced = ask(standin.address(), call("[[standin chunks=5 gap_us=20000]]", true), 1, 1).await;
    assert!(paced.latency.p50().unwrap() >= Duration::from_millis(80), "{paced:?}");
    assert!(paced.first_event.p50() < paced.latency.p50(), "{paced:?}");
}

#[tokio::test]
async fn what_fails_is_told_and_never_counted() {
    let standin = Standin::start().await;
    standin.script([Behaviour::status(529)]);
    let report = ask(standin.address(), call("hello", false), 1, 3).await;
    assert_eq!((report.completed, report.failed), (2, 1));
    assert!(report.failure.unwrap().contains("overloaded_error"));
    for tag in ["[[standin cut_after=2]]", "[[standin error_after=2]]"] {
        let report = ask(standin.address(), call(tag, true), 1, 2).await;
        assert_eq!((report.completed, report.failed), (0, 2), "{tag}");
    }
}

#[tokio::test]
async fn a_rate_is_kept_and_lateness_counts() {
    let standin = Standin::start().await;
    // Each answer takes 50 ms and one is due every 10 ms on one connection: the last of ten is 400 ms late.
    let (call, amount) = (call("[[standin delay_ms=50]]", false).into(), Amount::Count(10));
    let load = Load { address: standin.address(), call, connections: 1, amount, rate: Some(100.0), pid: None };
    let late = load.run().await.unwrap();
    assert!(late.latency.p99().unwrap() >= Duration::from_millis(400), "{late:?}");
}

#[tokio::test]
async fn the_proxy_passes_on_what_it_gets() {
    let standin = Standin::start().await;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let proxy = tokio::spawn(proxy::serve(listener, standin.address()));
    let report = ask(address, call("[[standin chunks=98]]", true), 4, 8).await;
    assert_eq!((report.completed, report.failed, report.events), (8, 0, 8 * 104));
    let report = ask(address, call("[[standin status=429]]", false), 1, 1).await;
    assert!(report.failure.unwrap().contains("rate_limit_error"));
    drop(standin);
    let report = ask(address, call("hello", false), 1, 1).await;
    assert!(report.failure.unwrap().starts_with("502"));
    proxy.abort();
}
