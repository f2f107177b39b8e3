//! Endpoints of the configuration file: seen, tried and sent again by the operator's keys, changed in the file alone.

use openclaw::config::EndpointConfig;
use openclaw_bench::robot::{Robot, RobotKind};
use openclaw_core::{
    DeliveryStatus, DeliveryWithAttempts, DisabledReason, Endpoint, EndpointFormat, EndpointSource, EndpointStatus,
    Page, RecoverResponse,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::super::gateway::Gateway;
use super::receiver::Receiver;
use super::{call, chat, delivery, gateway, named, until};

async fn endpoints(gateway: &Gateway) -> Vec<Endpoint> {
    call::<Page<Endpoint>>(gateway, Method::GET, "/webhooks/endpoints", json!({})).await.data
}

async fn status_and_code(request: reqwest::RequestBuilder) -> (u16, String) {
    let response = request.send().await.expect("an answer");
    let status = response.status().as_u16();
    let envelope: Value = response.json().await.expect("JSON");
    (status, envelope["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn it_is_listed_tried_and_recovered_and_not_changed() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![named(&receiver.url(), &["message.sent"])]).await;
    receiver.ready(&gateway).await;
    let since = gateway.app.clock.now();
    let listed = endpoints(&gateway).await;
    assert_eq!((listed.len(), listed[0].source, listed[0].url.as_str()), (1, EndpointSource::Config, &*receiver.url()));
    let path = format!("/webhooks/endpoints/{}", listed[0].id);
    call::<Endpoint>(&gateway, Method::GET, &path, json!({})).await;

    let api = format!("/api/v1{path}");
    let conflict = (409, "endpoint_of_configuration".to_owned());
    let url = json!({"url": "https://elsewhere.example/"}).to_string();
    assert_eq!(status_and_code(gateway.request(Method::PATCH, &api).body(url)).await, conflict);
    let off = r#"{"status": "disabled"}"#;
    assert_eq!(status_and_code(gateway.request(Method::PATCH, &api).body(off)).await, conflict);
    assert_eq!(status_and_code(gateway.request(Method::DELETE, &api)).await, conflict);
    assert_eq!(status_and_code(gateway.post(&format!("{api}/rotate-secret"), "{}")).await, conflict);

    let elsewhere = gateway.key_of("elsewhere", None).await;
    for path in [api.clone(), format!("{api}/test")] {
        let method = if path.ends_with("test") { Method::POST } else { Method::GET };
        let request = gateway.anonymous(method, &path).bearer_auth(&elsewhere);
        assert_eq!(status_and_code(request).await, (404, "endpoint_not_found".into()), "it is the operator's");
    }

    call::<DeliveryWithAttempts>(&gateway, Method::POST, &format!("{path}/test"), json!({})).await;
    assert!(receiver.wait_for(1).await[0].body.contains("webhook.test"));
    chat(&gateway, "hi").await;
    receiver.wait_for(2).await;
    let sent = until(&gateway, "status=succeeded&event=message.sent", DeliveryStatus::Succeeded).await;
    call::<Value>(&gateway, Method::POST, &format!("/webhooks/deliveries/{}/retry", sent.delivery.id), json!({})).await;
    receiver.wait_for(3).await;
    let recovered: RecoverResponse = call(
        &gateway,
        Method::POST,
        &format!("{path}/recover"),
        json!({"since": since, "events": ["message.received"]}),
    )
    .await;
    assert_eq!(recovered.recovered, 1, "what it did not subscribe to can be had too");
    assert!(receiver.wait_for(4).await[3].body.contains("message.received"));
}

#[tokio::test]
async fn one_that_was_disabled_can_be_enabled_by_hand() {
    let receiver = Receiver::start().await;
    let gateway = gateway(vec![named(&receiver.url(), &["message.sent"])]).await;
    receiver.ready(&gateway).await;
    let path = format!("/webhooks/endpoints/{}", endpoints(&gateway).await[0].id);
    receiver.answer(StatusCode::GONE, "");
    chat(&gateway, "hi").await;
    let mut found: Endpoint = call(&gateway, Method::GET, &path, json!({})).await;
    while found.status == EndpointStatus::Enabled {
        found = call(&gateway, Method::GET, &path, json!({})).await;
    }
    assert_eq!(found.disabled_reason, Some(DisabledReason::Gone));
    receiver.answer(StatusCode::OK, "");
    let enabled: Endpoint = call(&gateway, Method::PATCH, &path, json!({"status": "enabled"})).await;
    assert_eq!((enabled.status, enabled.disabled_reason), (EndpointStatus::Enabled, None));
    chat(&gateway, "again").await;
    receiver.wait_for(2).await;
}

#[tokio::test]
async fn a_robot_needs_no_secret_and_its_url_stays_one() {
    let robot = Robot::start(RobotKind::Wecom).await;
    let format = Some(EndpointFormat::Wecom);
    let gateway =
        gateway(vec![EndpointConfig { format, secret: None, ..named(&robot.url(), &["message.sent"]) }]).await;
    while gateway.app.endpoints.load().is_empty() {
        tokio::task::yield_now().await;
    }
    let shown = endpoints(&gateway).await.remove(0);
    assert!(shown.url.ends_with("/…") && !shown.url.contains("key="), "{}", shown.url);
    let path = format!("/webhooks/endpoints/{}/test", shown.id);
    let sample: DeliveryWithAttempts = call(&gateway, Method::POST, &path, json!({"event": "agent.completed"})).await;
    let done = until(&gateway, "status=succeeded", DeliveryStatus::Succeeded).await;
    assert_eq!((done.delivery.id, done.delivery.event.as_str()), (sample.delivery.id, "webhook.test"));
    assert!(robot.messages()[0].text.contains("本周销售额"));
}

#[tokio::test]
async fn a_sample_reaches_one_endpoint_and_no_list_of_events() {
    let (tried, other) = (Receiver::start().await, Receiver::start().await);
    let gateway = gateway(vec![named(&tried.url(), &["*"]), named(&other.url(), &["*"])]).await;
    tried.ready(&gateway).await;
    let id = endpoints(&gateway).await.into_iter().find(|endpoint| endpoint.url == tried.url()).expect("it").id;
    let path = format!("/webhooks/endpoints/{id}/test");
    let sample: DeliveryWithAttempts = call(&gateway, Method::POST, &path, json!({"event": "message.received"})).await;
    let received = tried.wait_for(1).await;
    assert_eq!(received[0].headers["x-openclaw-event"], "message.received");
    assert!(received[0].body.contains("今天天气怎么样"));
    chat(&gateway, "real").await;
    tried.wait_for(3).await;
    assert!(other.wait_for(2).await.iter().all(|request| request.body.contains("real")));
    let events: Value = call(&gateway, Method::GET, "/events", json!({})).await;
    assert!(!events.to_string().contains("今天天气怎么样"), "nothing has happened: {events}");
    assert_eq!(delivery(&gateway, &sample.delivery.id).await.delivery.event, "webhook.test");

    let wrong = gateway.post(&format!("/api/v1{path}"), r#"{"event": "message.recieved"}"#);
    assert_eq!(status_and_code(wrong).await, (400, "event_unknown".into()));
}
