//! Sessions: read, listed, changed, deleted.

use openclaw_client::{Metadata, UpdateSessionRequest};
use serde_json::{Value, json};

use super::gateway::{Gateway, message};

fn notes(value: &Value) -> Metadata {
    value.as_object().expect("an object").clone()
}

#[tokio::test]
async fn lists_are_read_page_by_page_without_gaps() {
    let gateway = Gateway::start().await;
    for index in 0..5 {
        gateway.client.chat().send(message(&format!("s{index}"), "hi", "echo")).await.expect("a reply");
    }
    gateway.client.chat().send(message("s0", "again", "echo")).await.expect("a reply");
    let page = gateway.client.sessions().list().limit(2).page().await.expect("a page");
    assert_eq!((page.data.len(), page.has_more), (2, true));
    let all = gateway.client.sessions().list().limit(2).all().await.expect("every page");
    let ids: Vec<_> = all.iter().map(|session| session.id.as_str()).collect();
    assert_eq!(ids, ["s4", "s3", "s2", "s1", "s0"]);
    let texts: Vec<_> = gateway.client.sessions().messages("s0").limit(3).all().await.expect("messages");
    assert_eq!(texts.iter().map(|text| text.content.as_str()).collect::<Vec<_>>(), ["hi", "hi", "again", "again"]);

    for (query, param) in [("limit=0", "limit"), ("limit=101", "limit"), ("limit=x", "limit"), ("after=x", "after")] {
        let request = gateway.request(reqwest::Method::GET, &format!("/api/v1/sessions?{query}"));
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{query}");
        let envelope: Value = response.json().await.expect("JSON");
        assert_eq!(envelope["error"]["param"], param, "{query}");
    }
}

#[tokio::test]
async fn a_session_may_have_any_name_its_caller_likes() {
    let gateway = Gateway::start().await;
    for id in ["telegram:42", "a/b?c#d", "用户 一", "...", "100%"] {
        gateway.client.chat().send(message(id, "hi", "echo")).await.expect("a reply");
        assert_eq!(gateway.client.sessions().get(id).await.expect("the session").id, id);
    }
    let unnamed =
        gateway.client.chat().send(openclaw_client::ChatRequest { message: "hi".into(), ..Default::default() });
    let unnamed = unnamed.await.expect("a reply");
    assert!(unnamed.session_id.starts_with("ses_"));
    assert_eq!(gateway.client.sessions().get(&unnamed.session_id).await.expect("it was made").message_count, 2);
}

#[tokio::test]
async fn title_and_notes_are_set_merged_and_removed() {
    let gateway = Gateway::start().await;
    gateway.client.chat().send(message("s", "hi", "echo")).await.expect("a reply");
    let sessions = gateway.client.sessions();
    let change = UpdateSessionRequest {
        title: Some("Ticket 7".into()),
        metadata: Some(notes(&json!({"tier": "gold", "n": {"deep": [1, 2]}}))),
    };
    let session = sessions.update("s", change).await.expect("the session");
    assert_eq!(session.title.as_deref(), Some("Ticket 7"));
    let change =
        UpdateSessionRequest { title: Some(String::new()), metadata: Some(notes(&json!({"tier": null, "x": 1}))) };
    let session = sessions.update("s", change).await.expect("the session");
    assert_eq!((session.title, Value::from(session.metadata)), (None, json!({"n": {"deep": [1, 2]}, "x": 1})));

    let large = UpdateSessionRequest { title: None, metadata: Some(notes(&json!({"x": "y".repeat(20_000)}))) };
    let error = sessions.update("s", large).await.expect_err("too large");
    assert_eq!(error.code(), Some("metadata_too_large"));
}

#[tokio::test]
async fn a_deleted_session_is_gone_and_its_usage_stays() {
    let gateway = Gateway::start().await;
    gateway.client.chat().send(message("s", "one two", "echo")).await.expect("a reply");
    let booked = gateway.client.usage().list().all().await.expect("usage");
    gateway.client.sessions().delete("s").await.expect("deleted");
    for error in [
        gateway.client.sessions().get("s").await.expect_err("gone"),
        gateway.client.sessions().delete("s").await.expect_err("gone"),
        gateway.client.sessions().messages("s").all().await.expect_err("gone"),
    ] {
        assert_eq!((error.status(), error.code()), (Some(404), Some("session_not_found")));
    }
    assert_eq!(gateway.client.usage().list().all().await.expect("usage"), booked);
    let reply = gateway.client.chat().send(message("s", "anew", "echo")).await.expect("a reply");
    assert_eq!(gateway.client.sessions().get(&reply.session_id).await.expect("a new one").message_count, 2);
}

#[tokio::test]
async fn a_session_at_work_says_so_and_is_not_deleted() {
    let gateway = Gateway::start().await;
    let body = r#"{"session_id": "s", "message": "[[echo stall_after=1]]a b"}"#;
    let mut stream = gateway.post("/api/v1/chat/stream", body).send().await.expect("a stream");
    stream.chunk().await.expect("a piece");
    let session = gateway.client.sessions().get("s").await.expect("the session");
    assert_eq!(session.status, openclaw_client::SessionStatus::Running);
    let error = gateway.client.sessions().delete("s").await.expect_err("at work");
    assert_eq!((error.status(), error.code()), (Some(409), Some("session_busy")));
}
