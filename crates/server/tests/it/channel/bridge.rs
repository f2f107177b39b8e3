//! Messages that bridges bring by API.

use openclaw_client::{ChannelMessageRequest, Error, ErrorType, RequestOptions, Scope, User};
use serde_json::json;

use super::super::gateway::Gateway;

fn message(text: &str) -> ChannelMessageRequest {
    ChannelMessageRequest {
        chat_id: Some("room-7".into()),
        message: text.into(),
        user: Some(User { id: "wx_user_789".into(), username: Some("john_doe".into()) }),
        ..ChannelMessageRequest::default()
    }
}

#[tokio::test]
async fn a_bridge_s_message_is_answered_once_under_its_channel_s_name() {
    let gateway = Gateway::start().await;
    let send = || {
        let once = RequestOptions::new().idempotency_key("wechat-4711");
        gateway.client.channels().with(once).send("wechat", message("今天天气怎么样"))
    };
    let reply = send().await.expect("a reply");
    assert_eq!((reply.session_id.as_str(), reply.content.as_str()), ("wechat:room-7", "今天天气怎么样"));
    assert_eq!(send().await.expect("the same reply").id, reply.id);

    let events = gateway.client.events().list().all().await.expect("events");
    let received: Vec<_> = events.iter().filter(|event| event.event == "message.received").collect();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].data["channel"], "wechat");
    assert_eq!(received[0].data["user"], json!({"id": "wx_user_789", "username": "john_doe"}));
    let named = ChannelMessageRequest { chat_id: None, session_id: Some("user_123".into()), ..message("hi") };
    assert_eq!(gateway.client.channels().send("wechat", named).await.expect("a reply").session_id, "user_123");
}

#[tokio::test]
async fn what_is_no_message_of_a_channel_is_refused_by_name() {
    let gateway = Gateway::start().await;
    let neither = ChannelMessageRequest { chat_id: None, ..message("hi") };
    let both = ChannelMessageRequest { session_id: Some("s".into()), ..message("hi") };
    for (name, request, param) in [
        ("wechat", neither, "chat_id"),
        ("wechat", both, "chat_id"),
        ("We Chat", message("hi"), "name"),
        ("wechat", message(" "), "message"),
    ] {
        let error = gateway.client.channels().send(name, request).await.expect_err("refused");
        assert!(matches!(&error, Error::Api(api) if api.param.as_deref() == Some(param)), "{error:?}");
    }
    let key = gateway.key_of("default", Some(vec![Scope::Sessions])).await;
    let error = gateway.client_of(&key).channels().send("wechat", message("hi")).await.expect_err("refused");
    assert_eq!(error.kind(), Some(ErrorType::PermissionError));
}

#[test]
fn a_bridge_without_a_runtime_waits() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let gateway = runtime.block_on(Gateway::start());
    let reply = gateway.client.channels().send("wechat", message("hi")).wait().expect("a reply");
    assert_eq!(reply.content, "hi");
}
