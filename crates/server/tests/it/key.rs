//! Keys: who may enter, what they may do, what they see.

use openclaw::config::AuthType;
use openclaw_client::{CreateKeyRequest, Error, Scope, Timestamp};
use reqwest::Method;
use serde_json::Value;

use super::gateway::{Gateway, message};

const ROOT: &str = "a-root-key-of-some-length";

async fn with_root(auth_type: AuthType) -> Gateway {
    Gateway::with(move |config| {
        config.gateway.api.auth.secret = Some(ROOT.into());
        config.gateway.api.auth.r#type = auth_type;
    })
    .await
}

fn told(error: &Error) -> (Option<u16>, Option<&str>) {
    (error.status(), error.code())
}

#[tokio::test]
async fn without_a_valid_key_every_api_route_is_401_and_says_what_to_send() {
    let gateway = Gateway::start().await;
    let mut mistyped = gateway.key.clone();
    mistyped.replace_range(20..21, if &mistyped[20..21] == "x" { "y" } else { "x" });
    for (value, code) in [
        (None, "key_missing"),
        (Some("Bearer ".to_owned()), "key_missing"),
        (Some(format!("Basic {}", gateway.key)), "key_missing"),
        (Some("Bearer undefined".to_owned()), "key_not_set"),
        (Some("Bearer null".to_owned()), "key_not_set"),
        (Some("Bearer oc_api_sk_xxx".to_owned()), "key_invalid"),
        (Some(format!("Bearer {mistyped}")), "key_invalid"),
    ] {
        let mut request = gateway.anonymous(Method::GET, "/api/v1/status");
        if let Some(value) = &value {
            request = request.header("authorization", value);
        }
        let response = request.send().await.expect("an answer");
        assert_eq!(response.status(), 401, "{value:?}");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
        let envelope: Value = response.json().await.expect("JSON");
        assert_eq!(envelope["error"]["code"], code, "{value:?}");
    }
    for query in ["key", "api_key", "token", "access_token"] {
        let path = format!("/api/v1/status?{query}={}", gateway.key);
        assert_eq!(gateway.anonymous(Method::GET, &path).send().await.expect("an answer").status(), 401);
    }
    for open in ["/healthz", "/readyz", "/metrics", "/openapi.json", "/docs/"] {
        assert_eq!(gateway.anonymous(Method::GET, open).send().await.expect("an answer").status(), 200, "{open}");
    }
}

#[tokio::test]
async fn the_header_is_the_one_that_the_configuration_names() {
    let bearer = with_root(AuthType::Bearer).await;
    let request = bearer.anonymous(Method::GET, "/api/v1/status").header("x-api-key", &bearer.key);
    assert_eq!(request.send().await.expect("an answer").status(), 401);
    let api_key = with_root(AuthType::ApiKey).await;
    for key in [api_key.key.as_str(), ROOT] {
        let request = api_key.anonymous(Method::GET, "/api/v1/status").header("x-api-key", key);
        assert_eq!(request.send().await.expect("an answer").status(), 200);
        assert!(api_key.client_of(key).status().get().await.is_ok(), "Bearer works there too");
    }
}

#[tokio::test]
async fn two_workspaces_do_not_see_each_other() {
    let gateway = Gateway::start().await;
    let (ours, theirs) = (gateway.key_of("ours", None).await, gateway.key_of("theirs", None).await);
    let (ours, theirs) = (gateway.client_of(&ours), gateway.client_of(&theirs));
    ours.chat().send(message("s", "our secret", "echo")).await.expect("a reply");
    assert_eq!(told(&theirs.sessions().get("s").await.expect_err("404")), (Some(404), Some("session_not_found")));
    assert_eq!(
        told(&theirs.sessions().messages("s").all().await.expect_err("404")),
        (Some(404), Some("session_not_found"))
    );
    assert_eq!(told(&theirs.sessions().delete("s").await.expect_err("404")), (Some(404), Some("session_not_found")));
    assert!(theirs.sessions().list().all().await.expect("a list").is_empty());
    assert!(theirs.usage().list().all().await.expect("a list").is_empty());

    theirs.chat().send(message("s", "theirs", "echo")).await.expect("a session of the same name");
    assert_eq!(ours.sessions().messages("s").all().await.expect("ours")[0].content, "our secret");
    let their_keys = theirs.keys().list().all().await.expect("keys");
    assert_eq!(their_keys.len(), 1);
    let our_key = &ours.keys().list().all().await.expect("keys")[0];
    assert_eq!(told(&theirs.keys().revoke(&our_key.id).await.expect_err("404")), (Some(404), Some("key_not_found")));
}

#[tokio::test]
async fn a_key_does_what_its_scopes_say_and_gives_no_more_than_it_has() {
    let gateway = Gateway::start().await;
    let narrow = gateway.key_of("default", Some(vec![Scope::Chat, Scope::Keys])).await;
    let narrow = gateway.client_of(&narrow);
    narrow.chat().send(message("s", "hi", "echo")).await.expect("it may chat");
    assert_eq!(told(&narrow.sessions().get("s").await.expect_err("403")), (Some(403), Some("scope_missing")));
    assert_eq!(told(&narrow.usage().list().all().await.expect_err("403")), (Some(403), Some("scope_missing")));

    let request = |scopes: &[Scope]| CreateKeyRequest {
        name: "child".into(),
        scopes: Some(scopes.to_vec()),
        ..CreateKeyRequest::default()
    };
    let wide = narrow.keys().create(request(&[Scope::Sessions])).await.expect_err("403");
    assert_eq!(told(&wide), (Some(403), Some("scope_missing")));
    let child = narrow.keys().create(request(&[Scope::Chat])).await.expect("a narrower key");
    assert_eq!((child.key.scopes.as_slice(), child.key.workspace.as_str()), (&[Scope::Chat][..], "default"));
    gateway.client_of(&child.secret).chat().send(message("s", "hi", "echo")).await.expect("it may chat");
    let inherited = narrow.keys().create(CreateKeyRequest { name: "same".into(), ..Default::default() }).await;
    assert_eq!(inherited.expect("a key").key.scopes, [Scope::Chat, Scope::Keys]);
}

#[tokio::test]
async fn only_the_root_key_makes_keys_for_other_workspaces() {
    let gateway = with_root(AuthType::Bearer).await;
    let elsewhere =
        CreateKeyRequest { name: "k".into(), workspace: Some("elsewhere".into()), ..CreateKeyRequest::default() };
    let refused = gateway.client.keys().create(elsewhere.clone()).await.expect_err("403");
    assert_eq!(told(&refused), (Some(403), Some("workspace_forbidden")));
    let root = gateway.client_of(ROOT);
    let made = root.keys().create(elsewhere).await.expect("a key");
    assert_eq!(made.key.workspace, "elsewhere");
    assert!(root.keys().list().all().await.expect("keys").iter().any(|key| key.workspace == "elsewhere"));
    assert!(!format!("{made:?}").contains(&made.secret), "a secret is not printed by accident");
}

#[tokio::test]
async fn a_key_ends_when_revoked_or_expired() {
    let gateway = Gateway::start().await;
    let created = gateway.client.keys().create(CreateKeyRequest { name: "k".into(), ..Default::default() }).await;
    let created = created.expect("a key");
    let client = gateway.client_of(&created.secret);
    client.status().get().await.expect("it works");
    gateway.client.keys().revoke(&created.key.id).await.expect("revoked");
    assert_eq!(told(&client.status().get().await.expect_err("at once")), (Some(401), Some("key_invalid")));
    gateway.client.keys().revoke(&created.key.id).await.expect("once more changes nothing");

    let soon = gateway.app.clock.now().plus_millis(1500);
    let soon = Timestamp::from_millis(soon.as_millis() / 1000 * 1000);
    let request = CreateKeyRequest { name: "k".into(), expires_at: Some(soon), ..Default::default() };
    let created = gateway.client.keys().create(request).await.expect("a key");
    let client = gateway.client_of(&created.secret);
    while gateway.app.clock.now() < soon {
        tokio::task::yield_now().await;
    }
    assert_eq!(told(&client.status().get().await.expect_err("expired")), (Some(401), Some("key_invalid")));
    let request = CreateKeyRequest { name: "k".into(), expires_at: Some(soon), ..Default::default() };
    assert_eq!(told(&gateway.client.keys().create(request).await.expect_err("past")), (Some(400), Some("expiry_past")));
}
