//! CONTRACT: what the customer documented works as written (M2 to M4).

use openclaw_bench::standin::Standin;
use openclaw_client::{Client, ErrorType};
use reqwest::Method;
use serde_json::{Value, json};

use super::gateway::{Gateway, provider};
use super::program::{configure, run, text};

#[tokio::test]
async fn m2_generate_prints_the_key_alone_and_it_works_at_once() {
    let gateway = Gateway::start().await;
    let folder = gateway.folder.path();
    configure(folder, &format!("storage:\n  url: \"{}\"\n", gateway.storage_url()));
    let output = run(folder, &["api", "key", "generate", "--name", "production"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let key = text(&output.stdout).strip_suffix('\n').expect("a line");
    assert!(key.starts_with("oc_api_sk_") && !key.contains(char::is_whitespace), "{key}");
    assert_eq!(gateway.client_of(key).status().get().await.expect("a status").version, env!("CARGO_PKG_VERSION"));

    let list = run(folder, &["api", "key", "list"]);
    let list = text(&list.stdout);
    assert!(list.contains("production") && !list.contains(key), "{list}");
    let row = list.lines().find(|line| line.contains("production")).expect("its row");
    let id = row.split_whitespace().next().expect("its id");
    assert!(run(folder, &["api", "key", "revoke", id]).status.success());
    let began = std::time::Instant::now();
    while gateway.client_of(key).status().get().await.is_ok() {
        assert!(began.elapsed().as_millis() < 1000, "a revoked key stops within a second");
    }
}

#[tokio::test]
async fn m3_the_documented_chat_as_written() {
    let vendor = Standin::start().await;
    let base_url = vendor.base_url();
    let gateway = Gateway::with(move |config| {
        config.providers.insert("anthropic".into(), provider(base_url));
    })
    .await;
    let body = r#"{
    "session_id": "user_123",
    "message": "帮我写个Python脚本",
    "context": {
      "model": "claude-3-5-sonnet",
      "temperature": 0.7
    }
  }"#;
    let request = gateway.request(Method::POST, "/api/v1/chat").header("Content-Type", "application/json").body(body);
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert!(response.headers()["x-request-id"].to_str().expect("text").starts_with("req_"));
    assert!(response.headers()["server-timing"].to_str().expect("text").starts_with("gateway;dur="));
    let reply: Value = response.json().await.expect("JSON");
    assert!(reply["id"].as_str().expect("an id").starts_with("msg_"));
    assert!(reply["content"].as_str().expect("a content").contains("当然!这是一个Python脚本"));
    assert_eq!(reply["model"], "claude-3-5-sonnet-20241022");
    assert_eq!(reply["usage"], json!({"input_tokens": 45, "output_tokens": 156}));
    let timestamp = reply["timestamp"].as_str().expect("a time");
    assert!(timestamp.len() == 20 && timestamp.ends_with('Z'), "{timestamp}");

    let asked = vendor.requests();
    assert_eq!(asked.len(), 1);
    let expected = json!({
        "model": "claude-3-5-sonnet-20241022",
        "max_tokens": 4096,
        "messages": [{"role": "user", "content": "帮我写个Python脚本"}],
        "temperature": 0.7,
        "stream": true,
    });
    assert_eq!(asked[0].json(), expected, "nothing is added to what the caller asked");
}

#[tokio::test]
async fn m4_the_session_after_it() {
    let gateway = Gateway::start().await;
    gateway.post("/api/v1/chat", r#"{"session_id": "user_123", "message": "hi"}"#).send().await.expect("an answer");
    let response = gateway.request(Method::GET, "/api/v1/sessions/user_123").send().await.expect("an answer");
    assert_eq!(response.status(), 200);
    let session: Value = response.json().await.expect("JSON");
    assert_eq!(session["id"], "user_123");
    assert_eq!(session["status"], "idle");
    assert_eq!(session["message_count"], 2);
    assert_eq!(session["model"], "echo");
}

#[tokio::test]
async fn a_model_without_its_vendor_is_refused_with_the_lines_to_add() {
    let gateway = Gateway::start().await;
    let request = super::gateway::message("s", "hi", "claude-3-5-sonnet");
    let error = gateway.client.chat().send(request).await.expect_err("no vendor");
    let api = error.api().expect("an answer of the gateway");
    assert_eq!(error.kind(), Some(ErrorType::InvalidRequestError));
    assert_eq!((api.code.as_deref(), api.param.as_deref()), (Some("model_not_found"), Some("context.model")));
    assert!(api.message.contains("providers:") && api.message.contains("ANTHROPIC_API_KEY"), "{}", api.message);
}

#[test]
fn a_client_needs_no_more_than_the_two_arguments() {
    assert!(Client::new("http://localhost:3000", "oc_api_sk_xxx").is_ok());
}
