//! Every call by its route: what is sent, what comes back.

use futures_util::TryStreamExt;
use openclaw_client::{CreateKeyRequest, Error, RequestOptions, Scope, SessionStatus, Timestamp, UpdateSessionRequest};

use crate::stand_in::{Act, KEY, StandIn, answer, ok};
use crate::{REPLY, hello};

const SESSION: &str = r#"{"id":"user_123","status":"idle","channel":"api","message_count":2,"usage":{"input_tokens":3,"output_tokens":2},"metadata":{},"created_at":"2026-04-17T01:15:30Z","updated_at":"2026-04-17T01:15:30Z"}"#;
const API_KEY: &str = r#"{"id":"key_1","name":"production","workspace":"default","scopes":["chat"],"hint":"oc_api_sk_7Kd9","created_at":"2026-04-17T01:15:30Z"}"#;

fn page(rows: &[&str], next: Option<&str>) -> Act {
    let next = next.map(|cursor| format!(r#","next":"{cursor}""#)).unwrap_or_default();
    ok(&format!(r#"{{"data":[{}],"has_more":{}{next}}}"#, rows.join(","), !next.is_empty()))
}

fn model(id: &str) -> String {
    format!(r#"{{"id":"{id}","provider":"echo","default":true}}"#)
}

fn gone() -> Act {
    Act::Answer(answer("204 No Content", "", "").replace("content-length: 0\r\n", ""))
}

#[tokio::test]
async fn a_request_says_who_sends_it() {
    let gateway = StandIn::start(vec![ok(REPLY)]).await;
    let client = gateway.builder().user_agent("my-app/1.0").header("x-team", "blue").build().unwrap();
    let options = RequestOptions::new().header("x-team", "red").header("traceparent", "00-1");
    client.chat().send(hello()).await.unwrap();
    client.chat().with(options).send(hello()).await.unwrap();
    let seen = gateway.seen();
    let request = &seen[0];
    assert_eq!(request.line, "POST /api/v1/chat");
    assert_eq!(request.body, r#"{"session_id":"user_123","message":"hello"}"#);
    assert_eq!(request.header("authorization"), Some(&*format!("Bearer {KEY}")));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("accept"), Some("application/json"));
    let agent = concat!("openclaw-rust/", env!("CARGO_PKG_VERSION"), " my-app/1.0");
    assert_eq!(request.header("user-agent"), Some(agent));
    assert_eq!((request.header("x-team"), request.header("traceparent")), (Some("blue"), None));
    assert_eq!((seen[1].header("x-team"), seen[1].header("traceparent")), (Some("red"), Some("00-1")));
}

#[tokio::test]
async fn a_proxy_is_gone_through() {
    let proxy = StandIn::start(vec![ok(REPLY)]).await;
    let client = proxy.builder().base_url("http://gateway.invalid:3000").proxy(&proxy.url).build().unwrap();
    client.chat().send(hello()).await.unwrap();
    assert_eq!(proxy.seen()[0].line, "POST http://gateway.invalid:3000/api/v1/chat");
}

#[tokio::test]
async fn sessions_are_got_changed_and_deleted_by_any_name() {
    let gateway = StandIn::start(vec![ok(SESSION), ok(SESSION), gone()]).await;
    let sessions = gateway.client().sessions();
    assert_eq!(sessions.get("user_123").await.unwrap().status, SessionStatus::Idle);
    let change = UpdateSessionRequest { title: Some("Code help".into()), ..UpdateSessionRequest::default() };
    sessions.update("a/b 用", change).await.unwrap();
    sessions.delete("50%?").await.unwrap();
    let seen = gateway.seen();
    let lines: Vec<&str> = seen.iter().map(|request| request.line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/sessions/user_123",
            "PATCH /api/v1/sessions/a%2Fb%20%E7%94%A8",
            "DELETE /api/v1/sessions/50%25%3F"
        ]
    );
    assert_eq!(seen[1].body, r#"{"title":"Code help"}"#);
    assert!(seen.iter().all(|request| request.header("idempotency-key").is_none()));
}

#[tokio::test]
async fn a_name_that_no_url_can_hold_is_refused_here() {
    let gateway = StandIn::start(vec![gone()]).await;
    let error = gateway.client().sessions().delete("..").await.unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    let mut messages = gateway.client().sessions().messages("");
    assert!(matches!(messages.next().await, Some(Err(Error::Config(_)))));
    assert!(messages.next().await.is_none());
    assert!(gateway.seen().is_empty());
}

#[tokio::test]
async fn a_list_is_a_page_or_all_rows() {
    let (one, two, three) = (model("one"), model("two"), model("three"));
    let acts = || vec![page(&[&one, &two], Some("c1")), page(&[], Some("c2")), page(&[&three], None)];

    let gateway = StandIn::start(acts()).await;
    let first = gateway.client().models().list().limit(2).page().await.unwrap();
    assert_eq!((first.data.len(), first.has_more, first.next.as_deref()), (2, true, Some("c1")));

    let gateway = StandIn::start(acts()).await;
    let all = gateway.client().models().list().limit(2).after("c0").all().await.unwrap();
    assert_eq!(all.iter().map(|model| model.id.as_str()).collect::<Vec<_>>(), ["one", "two", "three"]);
    let lines: Vec<String> = gateway.seen().into_iter().map(|request| request.line).collect();
    let line = |cursor| format!("GET /api/v1/models?limit=2&after={cursor}");
    assert_eq!(lines, [line("c0"), line("c1"), line("c2")]);

    let gateway = StandIn::start(acts()).await;
    let rows: Vec<_> = gateway.client().models().list().try_collect().await.unwrap();
    assert_eq!(rows, all);
}

#[tokio::test]
async fn a_list_that_would_go_in_circles_ends() {
    let gateway = StandIn::start(vec![page(&[&model("one")], Some("c1"))]).await;
    let error = gateway.client().models().list().all().await.unwrap_err();
    assert!(matches!(error, Error::Decode { .. }), "{error:?}");
    assert_eq!(gateway.seen().len(), 2);
}

#[tokio::test]
async fn keys_are_made_listed_and_revoked() {
    let created = format!(r#"{{"secret":"{KEY}","key":{API_KEY}}}"#);
    let gateway = StandIn::start(vec![ok(&created), page(&[API_KEY], None), gone()]).await;
    let keys = gateway.client().keys();
    let request = CreateKeyRequest { name: "production".into(), ..CreateKeyRequest::default() };
    let created = keys.create(request).await.unwrap();
    assert_eq!(created.secret, KEY);
    assert!(!format!("{created:?}").contains(KEY));
    assert_eq!(keys.list().all().await.unwrap()[0].scopes, [Scope::Chat]);
    keys.revoke("key_1").await.unwrap();
    let seen = gateway.seen();
    assert_eq!((seen[0].line.as_str(), seen[0].body.as_str()), ("POST /api/v1/keys", r#"{"name":"production"}"#));
    assert_eq!(seen[2].line, "DELETE /api/v1/keys/key_1");
}

#[tokio::test]
async fn status_usage_and_messages_are_asked_for_by_their_routes() {
    let status = r#"{"version":"0.1.0","uptime_seconds":5,"started_at":"2026-04-17T01:15:30Z","turns_running":1,"writes_queued":0,"providers":[]}"#;
    let bucket =
        r#"{"day":"2026-04-17","model":"echo","turns":1,"input_tokens":3,"output_tokens":2,"estimated_turns":0}"#;
    let message = r#"{"id":"msg_1","session_id":"user_123","role":"user","status":"complete","content":"hi","channel":"api","created_at":"2026-04-17T01:15:30Z"}"#;
    let gateway = StandIn::start(vec![ok(status), page(&[bucket], None), page(&[message], None)]).await;
    let client = gateway.client();
    assert_eq!(client.status().get().await.unwrap().turns_running, 1);
    let day = |text| Timestamp::parse(text).unwrap();
    let usage = client.usage().list().since(day("2026-04-17T00:00:00Z")).until(day("2026-04-18T00:00:00Z"));
    assert_eq!(usage.all().await.unwrap()[0].turns, 1);
    assert_eq!(client.sessions().messages("user_123").newest_first().all().await.unwrap()[0].content, "hi");
    let lines: Vec<String> = gateway.seen().into_iter().map(|request| request.line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/status",
            "GET /api/v1/usage?since=2026-04-17T00%3A00%3A00Z&until=2026-04-18T00%3A00%3A00Z",
            "GET /api/v1/sessions/user_123/messages?order=desc"
        ]
    );
}

/// Calls, streams and lists can be handed to other threads.
#[test]
fn futures_are_send() {
    fn send<T: Send>(_: &T) {}
    let client = openclaw_client::Client::new("http://localhost", KEY).unwrap();
    send(&client);
    send(&client.chat().send(hello()));
    send(&async {
        let mut stream = client.chat().stream(hello()).await.unwrap();
        send(&stream);
        send(&stream.final_response());
    });
    send(&client.sessions().list());
    send(&client.sessions().list().all());
}
