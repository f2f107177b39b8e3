//! Webhooks: told of everything, signed as documented, until received; each receiver for itself.

mod crash;
mod interop;
mod listen;
mod operator;
mod queue;
mod reach;
pub(crate) mod receiver;
mod report;
mod retry;
mod robot;

use std::time::Duration;

use openclaw::clock::Clock;
use openclaw::config::{EndpointConfig, Secrets};
use openclaw::webhook;
use openclaw_core::webhook::{Webhook, unsigned_body, verify_webhook};
use openclaw_core::{CreatedEndpoint, Delivery, DeliveryStatus, DeliveryWithAttempts, Endpoint, Page, RecoverResponse};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::gateway::{Gateway, message};
use receiver::Receiver;

const SECRET: &str = "5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d";

/// A gateway whose callers may name loopback receivers, with the deliverer running.
async fn gateway(endpoints: Vec<EndpointConfig>) -> Gateway {
    gateway_at(Clock::system(), endpoints).await
}

/// The same by another clock.
async fn gateway_at(clock: Clock, endpoints: Vec<EndpointConfig>) -> Gateway {
    let gateway = Gateway::at(clock, |config| {
        config.outbound.allow = vec!["127.0.0.0/8".parse().expect("a network")];
        config.webhooks.endpoints = endpoints;
    })
    .await;
    gateway.app.tasks.spawn(webhook::run(std::sync::Arc::clone(&gateway.app)));
    gateway
}

fn named(url: &str, events: &[&str]) -> EndpointConfig {
    EndpointConfig {
        name: None,
        url: url.into(),
        events: events.iter().map(|&event| event.into()).collect(),
        secret: Some(Secrets::new(vec![SECRET.into()])),
        format: None,
        template: None,
    }
}

async fn call<T: serde::de::DeserializeOwned>(gateway: &Gateway, method: Method, path: &str, body: Value) -> T {
    let request = gateway.request(method, &format!("/api/v1{path}")).body(body.to_string());
    let response = request.send().await.expect("an answer");
    let status = response.status();
    let text = response.text().await.expect("a body");
    assert!(status.is_success(), "{path}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
}

async fn create(gateway: &Gateway, url: &str, events: &[&str]) -> CreatedEndpoint {
    call(gateway, Method::POST, "/webhooks/endpoints", json!({"url": url, "events": events})).await
}

async fn deliveries(gateway: &Gateway, query: &str) -> Vec<Delivery> {
    call::<Page<Delivery>>(gateway, Method::GET, &format!("/webhooks/deliveries?{query}"), json!({})).await.data
}

async fn delivery(gateway: &Gateway, id: &str) -> DeliveryWithAttempts {
    call(gateway, Method::GET, &format!("/webhooks/deliveries/{id}"), json!({})).await
}

async fn chat(gateway: &Gateway, text: &str) {
    gateway.client.chat().send(message("user_123", text, "echo")).await.expect("a reply");
}

/// Asks until a delivery is in that status.
async fn until(gateway: &Gateway, query: &str, status: DeliveryStatus) -> DeliveryWithAttempts {
    loop {
        let found = deliveries(gateway, query).await;
        if let Some(found) = found.iter().find(|delivery| delivery.status == status) {
            return delivery(gateway, &found.id).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn the_documented_events_reach_the_documented_receiver() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![named(&receiver.url(), &["message.received", "message.sent"])]).await;
    receiver.ready(&gateway).await;
    let body = r#"{"session_id": "user_123", "message": "今天天气怎么样", "channel": "telegram",
        "user": {"id": "tg_user_789", "username": "john_doe"}}"#;
    gateway.post("/api/v1/chat", body).send().await.expect("an answer");
    let received = receiver.wait_for(2).await;
    let event: Value = serde_json::from_str(&received[0].body).expect("JSON");
    assert_eq!(event["event"], "message.received");
    assert_eq!(event["data"]["content"], "今天天气怎么样");
    assert_eq!(event["data"]["channel"], "telegram");
    assert_eq!(event["data"]["user"], json!({"id": "tg_user_789", "username": "john_doe"}));
    assert!(received[0].body.contains(r#","signature":"sha256="#));
    for request in &received {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        assert!(verify_webhook(&request.body, header("x-openclaw-signature").expect("a header"), SECRET));
        let (unsigned, signature) = unsigned_body(&request.body).expect("a signed body");
        assert!(verify_webhook(&unsigned, signature, SECRET));
        let now = gateway.app.clock.now();
        let event =
            Webhook::new(SECRET).expect("a secret").verify(request.body.as_bytes(), header, now).expect("valid");
        assert_eq!(header("webhook-id"), Some(event.id.as_str()));
        assert_eq!(header("x-openclaw-event"), Some(event.event.as_str()));
        assert_eq!(header("x-openclaw-attempt"), Some("1"));
    }
}

#[tokio::test]
async fn an_endpoint_made_by_api_is_told_of_its_workspace_and_what_it_asked_for_only() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![]).await;
    let created = create(&gateway, &receiver.url(), &["message.sent"]).await;
    let secret = created.secret.expect("a secret, shown once");
    assert!(secret.starts_with("whsec_"));
    let shown: Value =
        call(&gateway, Method::GET, &format!("/webhooks/endpoints/{}", created.endpoint.id), json!({})).await;
    assert!(!shown.to_string().contains(&secret[6..]), "{shown}");

    let elsewhere = gateway.key_of("elsewhere", None).await;
    let elsewhere = gateway.client_of(&elsewhere);
    elsewhere.chat().send(message("s", "not for them", "echo")).await.expect("a reply");
    chat(&gateway, "for them").await;
    let received = receiver.wait_for(1).await;
    assert!(received[0].body.contains("message.sent") && received[0].body.contains("for them"));
    let header = received[0].headers["x-openclaw-signature"].to_str().expect("text");
    assert!(verify_webhook(&received[0].body, header, &secret));
    assert_eq!(deliveries(&gateway, "").await.len(), 1, "nothing of another workspace, nothing not asked for");
}

#[tokio::test]
async fn a_failed_delivery_is_kept_tried_again_by_hand_and_keeps_id_and_body() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![]).await;
    create(&gateway, &receiver.url(), &["message.received"]).await;
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR, "no room");
    chat(&gateway, "hi").await;
    receiver.wait_for(1).await;
    let failed = loop {
        let found = until(&gateway, "status=pending", DeliveryStatus::Pending).await;
        if !found.attempts.is_empty() {
            break found;
        }
    };
    assert_eq!(
        (failed.attempts[0].status_code, failed.attempts[0].response_body.as_deref()),
        (Some(500), Some("no room"))
    );
    let due = failed.delivery.next_attempt_at.expect("a time").as_millis() - gateway.app.clock.now().as_millis();
    assert!((0..=7_000).contains(&due), "5 s and up to a fifth more: {due} ms");

    receiver.answer(StatusCode::OK, "");
    let retry = format!("/webhooks/deliveries/{}/retry", failed.delivery.id);
    call::<Delivery>(&gateway, Method::POST, &retry, json!({})).await;
    let received = receiver.wait_for(2).await;
    assert_eq!(received[0].body, received[1].body);
    assert_eq!(received[0].headers["webhook-id"], received[1].headers["webhook-id"]);
    assert_eq!(received[1].headers["x-openclaw-attempt"], "2");
    let done = until(&gateway, "status=succeeded", DeliveryStatus::Succeeded).await;
    assert_eq!(done.attempts.len(), 2);
}

#[tokio::test]
async fn a_test_can_be_sent_and_410_disables_and_enabling_again_works() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![]).await;
    let created = create(&gateway, &receiver.url(), &["agent.completed"]).await;
    let path = format!("/webhooks/endpoints/{}", created.endpoint.id);
    let empty = gateway.request(Method::POST, &format!("/api/v1{path}/test")).send().await.expect("an answer");
    let test: DeliveryWithAttempts = empty.json().await.expect("without a body");
    assert_eq!(test.delivery.event, "webhook.test");
    assert!(receiver.wait_for(1).await[0].body.contains("webhook.test"));

    receiver.answer(StatusCode::GONE, "");
    call::<DeliveryWithAttempts>(&gateway, Method::POST, &format!("{path}/test"), json!({})).await;
    let disabled = loop {
        let found: Endpoint = call(&gateway, Method::GET, &path, json!({})).await;
        if found.status == openclaw_core::EndpointStatus::Disabled {
            break found;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    assert_eq!(disabled.disabled_reason, Some(openclaw_core::DisabledReason::Gone));
    let told: Value = call(&gateway, Method::GET, "/events?events=endpoint.disabled,system.error", json!({})).await;
    assert_eq!(told["data"].as_array().expect("events").len(), 2);

    receiver.answer(StatusCode::OK, "");
    call::<Endpoint>(&gateway, Method::PATCH, &path, json!({"status": "enabled"})).await;
    call::<DeliveryWithAttempts>(&gateway, Method::POST, &format!("{path}/test"), json!({})).await;
    receiver.wait_for(3).await;
}

#[tokio::test]
async fn a_secret_is_replaced_without_a_gap() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![]).await;
    let created = create(&gateway, &receiver.url(), &["message.received"]).await;
    let old = created.secret.expect("a secret");
    let path = format!("/webhooks/endpoints/{}/rotate-secret", created.endpoint.id);
    let rotated: CreatedEndpoint = call(&gateway, Method::POST, &path, json!({})).await;
    let new = rotated.secret.expect("a secret");
    chat(&gateway, "hi").await;
    let request = &receiver.wait_for(1).await[0];
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    for secret in [&old, &new] {
        let webhook = Webhook::new(secret).expect("a secret");
        webhook.verify(request.body.as_bytes(), header, gateway.app.clock.now()).expect("both sign");
    }
    assert!(verify_webhook(&request.body, header("x-openclaw-signature").expect("a header"), &new));
}

#[tokio::test]
async fn what_was_missed_is_recovered_since_a_time() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![]).await;
    let since = gateway.app.clock.now();
    chat(&gateway, "before there was an endpoint").await;
    let created = create(&gateway, &receiver.url(), &["message.*"]).await;
    let path = format!("/webhooks/endpoints/{}/recover", created.endpoint.id);
    let recovered: RecoverResponse = call(&gateway, Method::POST, &path, json!({"since": since})).await;
    assert_eq!(recovered.recovered, 2);
    let received = receiver.wait_for(2).await;
    assert!(received.iter().all(|request| request.body.contains("before there was an endpoint")));
    until(&gateway, "status=succeeded&event=message.sent", DeliveryStatus::Succeeded).await;
    until(&gateway, "status=succeeded&event=message.received", DeliveryStatus::Succeeded).await;
    let again: RecoverResponse = call(&gateway, Method::POST, &path, json!({"since": since})).await;
    assert_eq!(again.recovered, 0, "what was received is not sent again");
}

#[tokio::test]
async fn a_hanging_receiver_holds_up_nobody_else() {
    let (hanging, healthy) = (Receiver::start().await, Receiver::start().await);
    let gateway = gateway(vec![]).await;
    hanging.hang();
    create(&gateway, &hanging.url(), &["message.received"]).await;
    create(&gateway, &healthy.url(), &["message.received"]).await;
    for index in 0..20 {
        chat(&gateway, &format!("message {index}")).await;
    }
    assert_eq!(healthy.wait_for(20).await.len(), 20);
    assert!(hanging.count() <= 8, "no more than 8 are under way at once");
}

#[tokio::test]
async fn what_must_not_be_reached_is_refused_when_the_endpoint_is_made() {
    let gateway = Gateway::start().await;
    for url in [
        "http://127.0.0.1:80/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://10.0.0.1/",
        "http://[64:ff9b::a00:1]/",
        "ftp://example.com/",
        "http://user:pass@example.com/",
    ] {
        let body = json!({"url": url, "events": ["*"]}).to_string();
        let response = gateway.post("/api/v1/webhooks/endpoints", body).send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{url}");
        let envelope: Value = response.json().await.expect("JSON");
        assert_eq!(envelope["error"]["param"], "url", "{url}: {envelope}");
    }
    let unknown = json!({"url": "https://example.com/", "events": ["message.sents"]}).to_string();
    let response = gateway.post("/api/v1/webhooks/endpoints", unknown).send().await.expect("an answer");
    let envelope: Value = response.json().await.expect("JSON");
    assert_eq!(
        (envelope["error"]["code"].as_str(), envelope["error"]["param"].as_str()),
        (Some("event_unknown"), Some("events"))
    );
}

#[tokio::test]
async fn the_event_stream_goes_on_from_where_it_broke_off() {
    let gateway = gateway(vec![]).await;
    chat(&gateway, "old").await;
    let mut stream =
        gateway.request(Method::GET, "/api/v1/events/stream?events=message.*").send().await.expect("a stream");
    chat(&gateway, "first").await;
    let mut seen = String::new();
    while seen.matches("id: evt_").count() < 2 {
        seen.push_str(std::str::from_utf8(&stream.chunk().await.expect("bytes").expect("more")).expect("text"));
    }
    assert!(!seen.contains("\"old\"") && seen.contains("\"content\":\"first\""), "{seen}");
    drop(stream);
    let id = seen.lines().find_map(|line| line.strip_prefix("id: ")).expect("an id").to_owned();
    chat(&gateway, "second").await;
    let request = gateway.request(Method::GET, "/api/v1/events/stream?events=message.*").header("last-event-id", id);
    let mut stream = request.send().await.expect("a stream");
    let mut seen = String::new();
    while seen.matches("id: evt_").count() < 3 {
        seen.push_str(std::str::from_utf8(&stream.chunk().await.expect("bytes").expect("more")).expect("text"));
    }
    let names: Vec<_> = seen.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    assert_eq!(names, ["message.sent", "message.received", "message.sent"]);
}

#[tokio::test]
async fn a_revoked_key_reads_no_further() {
    let gateway = gateway(vec![]).await;
    let made =
        gateway.client.keys().create(openclaw_client::CreateKeyRequest { name: "k".into(), ..Default::default() });
    let made = made.await.expect("a key");
    let request = gateway.anonymous(Method::GET, "/api/v1/events/stream").bearer_auth(&made.secret);
    let mut stream = request.send().await.expect("a stream");
    gateway.client.keys().revoke(&made.key.id).await.expect("revoked");
    chat(&gateway, "not for them").await;
    assert_eq!(stream.chunk().await.expect("it ends in good order"), None);
}

#[tokio::test]
async fn a_spent_rate_and_a_vendor_that_is_down_are_told() {
    let gateway = Gateway::with(|config| {
        config.gateway.api.rate_limit = openclaw::config::RateLimitConfig { requests_per_minute: 60, burst: 5 };
        config.providers.insert("anthropic".into(), super::gateway::provider("http://127.0.0.1:9".into()));
    })
    .await;
    gateway.client.chat().send(message("s", "hi", "claude-3-5-sonnet")).await.expect_err("nobody listens there");
    for _ in 0..10 {
        gateway.request(Method::GET, "/api/v1/status").send().await.expect("an answer");
    }
    let other = gateway.key_of("default", None).await;
    let request =
        gateway.anonymous(Method::GET, "/api/v1/events?events=rate_limit.exceeded,system.error").bearer_auth(other);
    let told: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    let events = told["data"].as_array().expect("events");
    assert_eq!(events.len(), 2, "{told}");
    assert_eq!(
        (events[0]["event"].as_str(), events[0]["data"]["code"].as_str()),
        (Some("system.error"), Some("provider_down"))
    );
    assert_eq!(
        (events[1]["event"].as_str(), events[1]["data"]["count"].as_u64()),
        (Some("rate_limit.exceeded"), Some(1))
    );
}
