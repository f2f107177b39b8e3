//! Every failure has the one envelope, a request id, and CORS headers where they are due.

use reqwest::{Method, Response};
use serde_json::Value;

use super::gateway::Gateway;

const PAGE: &str = "https://your-app.com";

async fn with_cors() -> Gateway {
    Gateway::with(|config| {
        config.gateway.api.cors.enabled = true;
        config.gateway.api.cors.origins = vec![PAGE.into()];
        config.gateway.api.body_bytes_max = 2048;
    })
    .await
}

async fn check(response: Response, status: u16, kind: &str, code: &str) {
    assert_eq!(response.status(), status);
    let headers = response.headers().clone();
    assert_eq!(headers["content-type"], "application/json", "{code}");
    assert_eq!(headers["access-control-allow-origin"], PAGE, "{code}");
    assert!(headers.contains_key("server-timing"), "{code}");
    let envelope: Value = response.json().await.expect("JSON");
    assert_eq!(envelope["type"], "error");
    assert_eq!((envelope["error"]["type"].as_str(), envelope["error"]["code"].as_str()), (Some(kind), Some(code)));
    assert!(!envelope["error"]["message"].as_str().expect("text").is_empty());
    assert!(envelope["error"].as_object().expect("an object").contains_key("param"));
    assert_eq!(envelope["request_id"].as_str(), headers["x-request-id"].to_str().ok());
    assert_eq!(headers["request-id"], headers["x-request-id"]);
}

#[tokio::test]
async fn every_failure_has_the_one_envelope() {
    let gateway = with_cors().await;
    let get = |path: &str| gateway.request(Method::GET, path).header("origin", PAGE).send();
    let post = |path: &str, body: &str| gateway.post(path, body).header("origin", PAGE).send();
    check(get("/nope").await.unwrap(), 404, "not_found_error", "route_not_found").await;
    check(get("/api/v1/nope").await.unwrap(), 404, "not_found_error", "route_not_found").await;
    check(get("/docs/nope").await.unwrap(), 404, "not_found_error", "route_not_found").await;
    check(get("/api/v1/sessions/nope").await.unwrap(), 404, "not_found_error", "session_not_found").await;
    let wrong_method = get("/api/v1/chat").await.unwrap();
    assert_eq!(wrong_method.headers()["allow"], "POST");
    check(wrong_method, 405, "invalid_request_error", "method_not_allowed").await;
    check(post("/healthz", "").await.unwrap(), 405, "invalid_request_error", "method_not_allowed").await;
    check(post("/api/v1/chat", "{").await.unwrap(), 400, "invalid_request_error", "body_not_json").await;
    check(post("/api/v1/chat", r#"{"message": 1}"#).await.unwrap(), 400, "invalid_request_error", "field_invalid")
        .await;
    let bad_path = get("/api/v1/sessions/%FF").await.unwrap();
    check(bad_path, 400, "invalid_request_error", "request_refused").await;
    let large = format!(r#"{{"message": "{}"}}"#, "x".repeat(3000));
    check(post("/api/v1/chat", &large).await.unwrap(), 413, "request_too_large", "body_too_large").await;
    let anonymous = gateway.anonymous(Method::GET, "/api/v1/status").header("origin", PAGE).send();
    check(anonymous.await.unwrap(), 401, "authentication_error", "key_missing").await;
    let failed = r#"{"message": "[[echo status=500]]hi"}"#;
    check(post("/api/v1/chat", failed).await.unwrap(), 502, "provider_error", "provider_failed").await;
}

#[tokio::test]
async fn a_preflight_is_answered_for_listed_origins_only() {
    let gateway = with_cors().await;
    let preflight = |origin: &str| {
        gateway
            .anonymous(Method::OPTIONS, "/api/v1/chat")
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization,content-type,idempotency-key")
            .send()
    };
    let allowed = preflight(PAGE).await.expect("an answer");
    assert_eq!(allowed.status(), 200);
    assert_eq!(allowed.headers()["access-control-allow-origin"], PAGE);
    assert!(allowed.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    for origin in ["https://evil.example", "https://your-app.com.evil.example", "null"] {
        assert!(!preflight(origin).await.expect("an answer").headers().contains_key("access-control-allow-origin"));
    }
    let off = Gateway::start().await;
    let request = off.request(Method::GET, "/api/v1/status").header("origin", PAGE);
    assert!(!request.send().await.expect("an answer").headers().contains_key("access-control-allow-origin"));
}
