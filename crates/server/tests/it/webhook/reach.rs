//! What must not be reached, told through the API: when the endpoint is made, or in the attempt.

use openclaw_core::DeliveryStatus;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::gateway::Gateway;
use super::receiver::Receiver;
use super::{chat, create, gateway, until};

/// Why an endpoint of that URL is refused.
async fn refusal(gateway: &Gateway, url: &str) -> String {
    let body = json!({"url": url, "events": ["*"]}).to_string();
    let response = gateway.post("/api/v1/webhooks/endpoints", body).send().await.expect("an answer");
    assert_eq!(response.status(), 400, "{url}");
    let envelope: Value = response.json().await.expect("JSON");
    assert_eq!(
        (envelope["error"]["code"].as_str(), envelope["error"]["param"].as_str()),
        (Some("url_refused"), Some("url"))
    );
    envelope["error"]["message"].as_str().expect("text").to_owned()
}

#[tokio::test]
async fn literal_and_mapped_addresses_are_refused_with_their_range() {
    let gateway = Gateway::start().await;
    for (url, told) in [
        (
            "http://127.0.0.1/",
            "127.0.0.1 is loopback (127.0.0.0/8, RFC 1122): if it may be reached, add it to outbound.allow",
        ),
        ("http://localhost:8080/", "localhost stands for 127.0.0.1"),
        ("http://[::ffff:10.0.0.1]/", "IPv4-mapped"),
        ("http://[64:ff9b::a9fe:a9fe]/", "NAT64 (64:ff9b::/96"),
        ("http://[2002:7f00:1::]/", "6to4 (2002::/16"),
        ("http://169.254.169.254/latest/meta-data/", "link-local (169.254.0.0/16, RFC 3927) and never reached"),
        ("http://100.100.100.200/", "never reached"),
        ("http://2130706433/", "ends in a number"),
        ("http://0x7f.1/", "ends in a number"),
        ("http://[fd12::1]/", "private (ULA)"),
    ] {
        let message = refusal(&gateway, url).await;
        assert!(message.contains(told), "{url}: {message}");
    }
}

#[tokio::test]
async fn what_rules_forbid_later_is_given_up_in_the_attempt_with_the_reason() {
    let (receiver, gateway) = (Receiver::start().await, gateway(vec![]).await);
    create(&gateway, &receiver.url(), &["message.received"]).await;
    let mut config = gateway.app.live.load().config.clone();
    config.outbound.allow.clear();
    gateway.app.reload(config).expect("a good configuration");
    chat(&gateway, "hi").await;
    let dead = until(&gateway, "status=dead", DeliveryStatus::Dead).await;
    let error = dead.attempts[0].error.as_deref().expect("a reason");
    assert!(error.contains("127.0.0.1 is loopback") && error.contains("outbound.allow"), "{error}");
    assert_eq!(receiver.count(), 0, "nobody was asked");
}

#[tokio::test]
async fn a_redirect_to_metadata_is_a_failure_like_any_other_and_nobody_follows() {
    let (receiver, gateway) = (Receiver::start().await, gateway(vec![]).await);
    let location = "http://169.254.169.254/latest/meta-data/";
    receiver.answer_with(StatusCode::TEMPORARY_REDIRECT, "location", location);
    create(&gateway, &receiver.url(), &["message.received"]).await;
    chat(&gateway, "hi").await;
    receiver.wait_for(1).await;
    let attempt = loop {
        let found = until(&gateway, "status=pending", DeliveryStatus::Pending).await;
        if let Some(attempt) = found.attempts.first() {
            break attempt.clone();
        }
    };
    assert_eq!(attempt.status_code, Some(307));
    assert!(attempt.error.expect("a reason").contains("answered 307"));
}

#[tokio::test]
async fn a_large_event_is_sent_thin_with_where_to_fetch_it() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![]).await;
    create(&gateway, &receiver.url(), &["message.received"]).await;
    let text = "大".repeat(100 * 1024);
    chat(&gateway, &text).await;
    let received = receiver.wait_for(1).await;
    let request = &received[0];
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    let event: openclaw_core::StoredEvent = serde_json::from_str(&request.body).expect("an event");
    let openclaw_core::event::EventData::Thin(thin) = event.typed() else { panic!("{:.200}", request.body) };
    assert!(thin.thin && thin.bytes > 300 * 1024 && request.body.len() < 1024);
    assert_eq!((header("x-openclaw-event"), header("webhook-id")), (Some("message.received"), Some(event.id.as_str())));
    let whole: Value =
        gateway.request(Method::GET, &thin.event_url).send().await.expect("sent").json().await.expect("JSON");
    assert_eq!(whole["data"]["content"].as_str(), Some(text.as_str()));
}
