//! When it is tried again, rule by rule, under a clock that stands until it is moved.

use std::time::Duration;

use openclaw::clock::Clock;
use openclaw_core::{
    DeliveryStatus, DeliveryWithAttempts, Endpoint, EndpointStatus, RetryDeliveriesResponse, Timestamp,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::gateway::Gateway;
use super::receiver::Receiver;
use super::{call, chat, create, deliveries, delivery, gateway_at};

const NOON: Timestamp = Timestamp::from_millis(1_776_427_200_000);
const SECONDS: [u64; 8] = [5, 30, 300, 1_800, 7_200, 18_000, 36_000, 36_000];

async fn standing() -> Gateway {
    gateway_at(Clock::manual(NOON), vec![]).await
}

/// Moves the clock and lets every loop look again.
fn advance(gateway: &Gateway, by: Duration) {
    gateway.app.clock.advance(by);
    gateway.app.delivery_due.ring();
}

/// Waits until so many attempts at the only delivery are booked.
async fn attempted(gateway: &Gateway, count: usize) -> DeliveryWithAttempts {
    loop {
        if let Some(found) = deliveries(gateway, "").await.first() {
            let found = delivery(gateway, &found.id).await;
            // Both, since they are read one after the other.
            if found.attempts.len() >= count && found.delivery.attempt_count as usize >= count {
                return found;
            }
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How long after the present moment the next attempt is due.
fn due_in(gateway: &Gateway, found: &DeliveryWithAttempts) -> Duration {
    let due = found.delivery.next_attempt_at.expect("it is pending").as_millis() - gateway.app.clock.now().as_millis();
    Duration::from_millis(u64::try_from(due).expect("in the future"))
}

/// Gives everybody time to do what they must not do.
async fn quiet() {
    tokio::time::sleep(Duration::from_millis(100)).await;
}

#[tokio::test]
async fn nine_attempts_at_their_times_and_then_dead_until_it_is_asked_for() {
    let (receiver, gateway) = (Receiver::start().await, standing().await);
    create(&gateway, &receiver.url(), &["message.received"]).await;
    receiver.answer(StatusCode::BAD_GATEWAY, "later");
    chat(&gateway, "hi").await;
    for (index, seconds) in SECONDS.into_iter().enumerate() {
        let found = attempted(&gateway, index + 1).await;
        let (wait, least) = (due_in(&gateway, &found), Duration::from_secs(seconds));
        // The wire tells whole seconds, so the moment may be told up to a second early.
        assert!(wait + Duration::from_secs(1) >= least && wait <= least.mul_f64(1.2), "attempt {index}: {wait:?}");
        advance(&gateway, Duration::from_secs(seconds - 1));
        quiet().await;
        assert_eq!(receiver.count(), index + 1, "not before its time");
        advance(&gateway, least.mul_f64(0.2) + Duration::from_secs(2));
        receiver.wait_for(index + 2).await;
    }
    let found = attempted(&gateway, 9).await;
    assert_eq!((found.delivery.status, found.delivery.next_attempt_at), (DeliveryStatus::Dead, None));
    advance(&gateway, Duration::from_hours(100));
    quiet().await;
    assert_eq!(receiver.count(), 9, "dead is dead");

    receiver.answer(StatusCode::OK, "");
    let retry = format!("/webhooks/deliveries/{}/retry", found.delivery.id);
    call::<Value>(&gateway, Method::POST, &retry, json!({})).await;
    let received = receiver.wait_for(10).await;
    assert!(received.iter().all(|request| request.body == received[0].body), "the body never changes");
    assert_eq!(attempted(&gateway, 10).await.delivery.status, DeliveryStatus::Succeeded);
}

#[tokio::test]
async fn retry_after_is_honoured_up_to_an_hour() {
    let (receiver, gateway) = (Receiver::start().await, standing().await);
    create(&gateway, &receiver.url(), &["message.received"]).await;
    receiver.answer_asking(StatusCode::SERVICE_UNAVAILABLE, "120");
    chat(&gateway, "hi").await;
    let wait = due_in(&gateway, &attempted(&gateway, 1).await);
    assert!((119..=120).contains(&wait.as_secs()), "{wait:?}");
    receiver.answer_asking(StatusCode::TOO_MANY_REQUESTS, "86400");
    advance(&gateway, Duration::from_secs(121));
    let wait = due_in(&gateway, &attempted(&gateway, 2).await);
    assert!((3599..=3600).contains(&wait.as_secs()), "no longer than an hour: {wait:?}");
    receiver.answer_asking(StatusCode::SERVICE_UNAVAILABLE, "1");
    advance(&gateway, Duration::from_secs(3601));
    let wait = due_in(&gateway, &attempted(&gateway, 3).await);
    assert!((299..=360).contains(&wait.as_secs()), "no shorter than the schedule: {wait:?}");
}

#[tokio::test]
async fn ten_failures_open_the_breaker_and_one_try_every_30_seconds_closes_it() {
    let (receiver, gateway) = (Receiver::start().await, standing().await);
    create(&gateway, &receiver.url(), &["message.received"]).await;
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR, "");
    for index in 0..40 {
        chat(&gateway, &format!("message {index}")).await;
    }
    receiver.wait_for(10).await;
    quiet().await;
    let tried = receiver.count();
    assert!(tried <= 17, "ten, and what was under way: {tried}");
    advance(&gateway, Duration::from_secs(29));
    quiet().await;
    assert_eq!(receiver.count(), tried, "it is left alone");
    advance(&gateway, Duration::from_secs(2));
    receiver.wait_for(tried + 1).await;
    quiet().await;
    assert_eq!(receiver.count(), tried + 1, "one finds out");
    receiver.answer(StatusCode::OK, "");
    advance(&gateway, Duration::from_secs(31));
    receiver.wait_for(tried + 2).await;
    loop {
        // What waits for its second or third attempt comes with the time.
        advance(&gateway, Duration::from_secs(36));
        if deliveries(&gateway, "status=pending").await.is_empty() {
            break;
        }
        quiet().await;
    }
    assert_eq!(deliveries(&gateway, "status=succeeded&limit=100").await.len(), 40);
}

#[tokio::test]
async fn five_days_of_nothing_but_failure_disable_it_and_its_queue_is_kept() {
    let (receiver, gateway) = (Receiver::start().await, standing().await);
    let created = create(&gateway, &receiver.url(), &["message.received"]).await;
    let path = format!("/webhooks/endpoints/{}", created.endpoint.id);
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR, "");
    // One success resets the days: what was before it does not count.
    for day in 0..4 {
        chat(&gateway, &format!("day {day}")).await;
        receiver.wait_for(day + 1).await;
        quiet().await;
        advance(&gateway, Duration::from_hours(24));
    }
    receiver.answer(StatusCode::OK, "");
    chat(&gateway, "received").await;
    while deliveries(&gateway, "status=succeeded").await.is_empty() {
        // The breaker lets one try through every 30 seconds.
        advance(&gateway, Duration::from_secs(31));
        quiet().await;
    }
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR, "");
    for day in 0..5 {
        let seen = receiver.count();
        chat(&gateway, &format!("again, day {day}")).await;
        advance(&gateway, Duration::from_secs(31));
        receiver.wait_for(seen + 1).await;
        quiet().await;
        let found: Endpoint = call(&gateway, Method::GET, &path, json!({})).await;
        assert_eq!(found.status, EndpointStatus::Enabled, "day {day}");
        advance(&gateway, Duration::from_hours(24));
        quiet().await;
    }
    advance(&gateway, Duration::from_hours(2));
    chat(&gateway, "the last straw").await;
    let disabled = loop {
        let found: Endpoint = call(&gateway, Method::GET, &path, json!({})).await;
        if found.status == EndpointStatus::Disabled {
            break found;
        }
        advance(&gateway, Duration::from_mins(1));
        quiet().await;
    };
    assert_eq!(disabled.disabled_reason, Some(openclaw_core::DisabledReason::Failing));
    let told: Value = call(&gateway, Method::GET, "/events?events=endpoint.disabled,system.error", json!({})).await;
    assert_eq!(told["data"][0]["data"]["reason"], "failing");
    assert_eq!(told["data"][1]["data"]["code"], "endpoint_disabled");

    let waiting = deliveries(&gateway, "status=pending&limit=100").await.len();
    assert!(waiting >= 1, "its queue is kept");
    let seen = receiver.count();
    advance(&gateway, Duration::from_hours(20));
    quiet().await;
    assert_eq!(receiver.count(), seen, "and not sent");
    receiver.answer(StatusCode::OK, "");
    call::<Endpoint>(&gateway, Method::PATCH, &path, json!({"status": "enabled"})).await;
    receiver.wait_for(seen + waiting).await;
}

#[tokio::test]
async fn the_dead_are_sent_again_by_filter_and_counted() {
    let (first, second, gateway) = (Receiver::start().await, Receiver::start().await, standing().await);
    let one = create(&gateway, &first.url(), &["message.*"]).await.endpoint.id;
    create(&gateway, &second.url(), &["message.received"]).await;
    for receiver in [&first, &second] {
        receiver.answer(StatusCode::GONE, "");
    }
    // 410 gives a delivery up at once.
    chat(&gateway, "early").await;
    first.wait_for(1).await;
    second.wait_for(1).await;
    let retry = async |body: Value| {
        let answer: RetryDeliveriesResponse = call(&gateway, Method::POST, "/webhooks/deliveries/retry", body).await;
        assert!(!answer.has_more);
        answer.retried
    };
    let enable = async || {
        let page: Value = call(&gateway, Method::GET, "/webhooks/endpoints", json!({})).await;
        for endpoint in page["data"].as_array().expect("endpoints") {
            let path = format!("/webhooks/endpoints/{}", endpoint["id"].as_str().expect("an id"));
            call::<Endpoint>(&gateway, Method::PATCH, &path, json!({"status": "enabled"})).await;
        }
    };
    while deliveries(&gateway, "status=dead").await.len() < 3 {
        enable().await;
        quiet().await;
    }
    advance(&gateway, Duration::from_hours(1));
    let later = gateway.app.clock.now();
    for receiver in [&first, &second] {
        receiver.answer(StatusCode::OK, "");
    }
    enable().await;
    assert_eq!(retry(json!({"endpoint_id": one, "event": "message.sent", "since": later})).await, 0, "too early");
    assert_eq!(retry(json!({"endpoint_id": "whe_unknown"})).await, 0);
    assert_eq!(retry(json!({"endpoint_id": one, "event": "message.sent", "until": later})).await, 1);
    assert_eq!(retry(json!({"event": "message.received"})).await, 2);
    assert_eq!(retry(json!({})).await, 0, "none is dead any more");
    while deliveries(&gateway, "status=succeeded").await.len() < 3 {
        quiet().await;
    }
    let other = gateway.key_of("elsewhere", None).await;
    let request = gateway.anonymous(Method::POST, "/api/v1/webhooks/deliveries/retry").bearer_auth(other);
    let answer: Value =
        request.body(r#"{"status": "succeeded"}"#).send().await.expect("sent").json().await.expect("JSON");
    assert_eq!(answer["retried"], 0, "another workspace's are not its own");
    assert_eq!(retry(json!({"status": "succeeded", "endpoint_id": one})).await, 2, "received ones too, if asked for");

    for (body, param) in
        [(json!({"event": "message.sents"}), "event"), (json!({"since": later, "until": NOON}), "since")]
    {
        let request = gateway.post("/api/v1/webhooks/deliveries/retry", body.to_string());
        let envelope: Value = request.send().await.expect("an answer").json().await.expect("JSON");
        assert_eq!(envelope["error"]["param"], param);
    }
}
