//! What waits for each endpoint: as metrics, and beside the endpoint.

use std::time::Duration;

use openclaw::clock::Clock;
use openclaw_core::{EndpointQueue, EndpointWithQueue, Timestamp};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::receiver::Receiver;
use super::{call, chat, create, deliveries, delivery, gateway_at};

#[tokio::test]
async fn depth_and_lag_of_each_endpoint_are_told() {
    let (receiver, healthy) = (Receiver::start().await, Receiver::start().await);
    let gateway = gateway_at(Clock::manual(Timestamp::from_millis(1_776_427_200_000)), vec![]).await;
    let id = create(&gateway, &receiver.url(), &["message.received"]).await.endpoint.id;
    let well = create(&gateway, &healthy.url(), &["message.received"]).await.endpoint.id;
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR, "");
    for index in 0..3 {
        chat(&gateway, &format!("message {index}")).await;
    }
    receiver.wait_for(3).await;
    healthy.wait_for(3).await;
    for found in deliveries(&gateway, "").await {
        while delivery(&gateway, &found.id).await.attempts.is_empty() {
            tokio::task::yield_now().await;
        }
    }
    // Disabled by hand, its queue stays and grows old.
    let path = format!("/webhooks/endpoints/{id}");
    call::<serde_json::Value>(&gateway, Method::PATCH, &path, json!({"status": "disabled"})).await;
    gateway.app.clock.advance(Duration::from_secs(100));
    let found: EndpointWithQueue = call(&gateway, Method::GET, &path, json!({})).await;
    let EndpointQueue { depth, lag_seconds } = found.queue;
    // The first retry is due after 5 to 6 seconds.
    assert!(depth == 3 && (93..=95).contains(&lag_seconds), "{depth} {lag_seconds}");

    let metrics =
        gateway.anonymous(Method::GET, "/metrics").send().await.expect("an answer").text().await.expect("text");
    for line in [
        format!("openclaw_webhook_queue_depth{{endpoint=\"{id}\"}} 3"),
        format!("openclaw_webhook_queue_lag_seconds{{endpoint=\"{id}\"}} {lag_seconds}"),
        format!("openclaw_webhook_queue_depth{{endpoint=\"{well}\"}} 0"),
        format!("openclaw_webhook_attempts_total{{endpoint=\"{id}\",outcome=\"failed\"}} 3"),
        format!("openclaw_webhook_attempts_total{{endpoint=\"{well}\",outcome=\"received\"}} 3"),
    ] {
        assert!(metrics.contains(&line), "{line} is missing in\n{metrics}");
    }
    let gone = gateway.request(Method::DELETE, &format!("/api/v1{path}")).send().await.expect("an answer");
    assert_eq!(gone.status(), 204);
    let metrics =
        gateway.anonymous(Method::GET, "/metrics").send().await.expect("an answer").text().await.expect("text");
    assert!(!metrics.contains(&id), "of one that is gone nothing is told");
}
