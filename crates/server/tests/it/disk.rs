//! A full disk: writes are refused in plain words, reads go on, and the operator is told as soon as that can be stored.

use std::sync::Arc;
use std::time::Duration;

use openclaw::clock::Clock;
use openclaw::service::disk;
use openclaw::store::{NewEvent, StoreError};
use openclaw_core::{EventName, IdKind, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use super::gateway::Gateway;

/// Sessions of a long message each, which will be deleted to make room.
const SESSIONS: usize = 10;

/// A gateway whose file may not grow beyond 1 MiB, filled to the last page.
///
/// Filled by events and not by messages: a message that fits and whose reply does not would be tried again, by a clock
/// that stands still.
async fn filled(clock: Clock) -> Gateway {
    let gateway = Gateway::at(clock, |config| config.storage.file_bytes_max = 1024 * 1024).await;
    for session in 0..SESSIONS {
        assert_eq!(send(&gateway, &format!("session_{session}")).await.0, 200);
    }
    let app = &gateway.app;
    for bytes in [8 * 1024, 1] {
        let payload = format!("\"{}\"", "x".repeat(bytes));
        let event = || {
            let payload = payload.clone();
            NewEvent { id: app.clock.id(IdKind::Event), name: EventName::WebhookTest, payload, deliver_to: Vec::new() }
        };
        while app.store.append_event("default".into(), event(), app.clock.now()).await != Err(StoreError::Full) {}
    }
    app.tasks.spawn(disk::run(Arc::clone(app)));
    gateway
}

/// Sends a long message in a session of its own.
async fn send(gateway: &Gateway, session_id: &str) -> (u16, Value) {
    let body = json!({"session_id": session_id, "message": "x".repeat(8 * 1024)});
    let response = gateway.post("/api/v1/chat", body.to_string()).send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn ready(gateway: &Gateway) -> u16 {
    gateway.anonymous(Method::GET, "/readyz").send().await.expect("an answer").status().as_u16()
}

async fn told(gateway: &Gateway) -> Vec<Value> {
    let request = gateway.request(Method::GET, "/api/v1/events?events=system.error&limit=100");
    let page: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    let events = page["data"].as_array().expect("events").clone();
    events.into_iter().filter(|event| event["data"]["code"] == "disk_full").collect()
}

#[tokio::test]
async fn a_full_disk_refuses_writes_serves_reads_and_is_told_once_there_is_room() {
    let clock = Clock::manual(Timestamp::from_millis(1_776_427_200_000));
    let gateway = filled(clock.clone()).await;
    let (status, envelope) = send(&gateway, "one_more").await;
    assert_eq!((status, envelope["error"]["code"].as_str()), (503, Some("disk_full")));
    assert!(envelope["error"]["message"].as_str().expect("text").contains("nothing of this request was stored"));
    assert_eq!(envelope["error"]["type"], "overloaded_error");
    assert_eq!(ready(&gateway).await, 503, "no work should be sent here");
    clock.advance(Duration::from_secs(10));
    assert!(told(&gateway).await.is_empty(), "there is no room to tell it");
    let first = gateway.request(Method::GET, "/api/v1/sessions/session_0").send().await.expect("an answer");
    assert_eq!(first.status(), 200, "what is stored can be read");

    for session in 0..SESSIONS {
        let path = format!("/api/v1/sessions/session_{session}");
        assert_eq!(
            gateway.request(Method::DELETE, &path).send().await.expect("an answer").status(),
            204,
            "room is made"
        );
    }
    while ready(&gateway).await != 200 {
        clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    let events = told(&gateway).await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(events[0]["data"]["message"].as_str().expect("text").contains("since 2026-04-17T12:00:00Z"));
    assert_eq!(send(&gateway, "one_more").await.0, 200);
}

#[tokio::test]
async fn however_often_it_fills_up_it_is_told_once_a_minute() {
    let clock = Clock::manual(Timestamp::from_millis(1_776_427_200_000));
    let gateway = Gateway::at(clock.clone(), |_| {}).await;
    gateway.app.tasks.spawn(disk::run(Arc::clone(&gateway.app)));
    // There is room for the event: a disk that is almost full refuses large writes and takes small ones.
    for _ in 0..60 {
        gateway.app.store.fullness().fill();
        tokio::time::sleep(Duration::from_millis(2)).await;
        clock.advance(Duration::from_secs(3));
    }
    let times = told(&gateway).await.len();
    assert!((2..=4).contains(&times), "told {times} times in 3 minutes");
}
