//! Rates: told on every answer, refused with the time to come back, each key for itself.

use openclaw::clock::Clock;
use openclaw::config::RateLimitConfig;
use openclaw_core::Timestamp;
use reqwest::{Method, Response};
use serde_json::Value;

use super::gateway::Gateway;

async fn get(gateway: &Gateway, key: &str) -> Response {
    gateway.anonymous(Method::GET, "/api/v1/status").bearer_auth(key).send().await.expect("an answer")
}

fn header(response: &Response, name: &str) -> u64 {
    response.headers()[name].to_str().expect("text").parse().expect("a number")
}

#[tokio::test]
async fn the_sixty_first_request_in_a_minute_is_429_with_headers() {
    let limit = RateLimitConfig { requests_per_minute: 60, burst: 60 };
    let clock = Clock::manual(Timestamp::from_millis(1_776_427_200_000));
    let gateway = Gateway::at(clock, |config| config.gateway.api.rate_limit = limit).await;
    let mut answers = Vec::new();
    // A shared rate goes by the database's clock, which moves: one more is let in for each second that this takes.
    let most = if gateway.app.store.lease().is_some() { 80 } else { 61 };
    while answers.len() < most && answers.last().is_none_or(|answer: &Response| answer.status() == 200) {
        answers.push(get(&gateway, &gateway.key).await);
    }
    let refused = answers.pop().expect("answers");
    assert!(answers.len() >= 60 && answers.iter().all(|answer| answer.status() == 200), "{}", answers.len());
    assert_eq!((header(&answers[0], "ratelimit-limit"), header(&answers[0], "ratelimit-remaining")), (60, 59));
    assert_eq!(refused.status(), 429);
    assert_eq!((header(&refused, "ratelimit-limit"), header(&refused, "ratelimit-remaining")), (60, 0));
    assert!((1..=2).contains(&header(&refused, "retry-after")) && header(&refused, "ratelimit-reset") > 0);
    let envelope: Value = refused.json().await.expect("JSON");
    assert_eq!(envelope["error"]["type"], "rate_limit_error");

    let other = gateway.key_of("default", None).await;
    assert_eq!(get(&gateway, &other).await.status(), 200, "another key has a rate of its own");
    assert_eq!(gateway.anonymous(Method::GET, "/healthz").send().await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn the_documented_limits_let_ten_in_at_once() {
    let limit = RateLimitConfig { requests_per_minute: 60, burst: 10 };
    let gateway = Gateway::with(|config| config.gateway.api.rate_limit = limit).await;
    let mut statuses = Vec::new();
    for _ in 0..11 {
        statuses.push(get(&gateway, &gateway.key).await.status().as_u16());
    }
    assert_eq!(statuses, [&[200; 10][..], &[429]].concat());
}
