//! Endpoints and deliveries by their routes; a receiver's check.

use openclaw_client::{
    CreateEndpointRequest, DeliveryStatus, EndpointStatus, RecoverRequest, RotateSecretRequest, TestEndpointRequest,
    Timestamp, UpdateEndpointRequest, Webhook, WebhookError, verify_webhook,
};

use crate::stand_in::{Act, StandIn, answer, ok};

const ENDPOINT: &str = r#"{"id":"whe_1","url":"https://your-app.com/hook","events":["message.*"],"format":"openclaw","status":"enabled","source":"api","created_at":"2026-04-17T01:15:30Z","updated_at":"2026-04-17T01:15:30Z","new":1}"#;
const DELIVERY: &str = r#""id":"dlv_1","event_id":"evt_1","event":"message.sent","endpoint_id":"whe_1","status":"dead","attempt_count":1,"created_at":"2026-04-17T01:15:30Z""#;

#[tokio::test]
async fn endpoints_are_made_changed_tested_rotated_recovered_and_deleted() {
    let created = ok(&format!(r#"{{"secret":"whsec_1","endpoint":{ENDPOINT}}}"#));
    let rotated = ok(&format!(r#"{{"secret":"whsec_2","endpoint":{ENDPOINT}}}"#));
    let tested = ok(&format!(r#"{{{DELIVERY},"attempts":[]}}"#));
    let listed = ok(&format!(r#"{{"data":[{ENDPOINT}],"has_more":false}}"#));
    let gone = Act::Answer(answer("204 No Content", "", "").replace("content-length: 0\r\n", ""));
    let acts = vec![created, listed, ok(ENDPOINT), ok(ENDPOINT), tested, rotated, ok(r#"{"recovered":3}"#), gone];
    let gateway = StandIn::start(acts).await;
    let endpoints = gateway.client().webhooks().endpoints();

    let request = CreateEndpointRequest {
        url: "https://your-app.com/hook".into(),
        events: vec!["message.*".into()],
        ..CreateEndpointRequest::default()
    };
    let created = endpoints.create(request).await.unwrap();
    assert_eq!(created.secret.as_deref(), Some("whsec_1"));
    assert!(!format!("{created:?}").contains("whsec_1"));
    assert_eq!(endpoints.list().all().await.unwrap()[0].id, "whe_1");
    assert_eq!(endpoints.get("whe_1").await.unwrap().status, EndpointStatus::Enabled);
    let change = UpdateEndpointRequest { status: Some(EndpointStatus::Disabled), ..UpdateEndpointRequest::default() };
    endpoints.update("whe_1", change).await.unwrap();
    let sample = TestEndpointRequest { event: Some("agent.completed".into()) };
    assert_eq!(endpoints.test("whe_1", sample).await.unwrap().delivery.id, "dlv_1");
    let rotation = RotateSecretRequest { secret: None, overlap_seconds: Some(60) };
    assert_eq!(endpoints.rotate_secret("whe_1", rotation).await.unwrap().secret.as_deref(), Some("whsec_2"));
    let since = Timestamp::parse("2026-04-17T01:15:30Z").unwrap();
    let span = RecoverRequest { since, until: None, events: None };
    assert_eq!(endpoints.recover("whe_1", span).await.unwrap().recovered, 3);
    endpoints.delete("whe_1").await.unwrap();

    let asked: Vec<(String, String)> = gateway.seen().into_iter().map(|seen| (seen.line, seen.body)).collect();
    let expected = [
        ("POST /api/v1/webhooks/endpoints", r#"{"url":"https://your-app.com/hook","events":["message.*"]}"#),
        ("GET /api/v1/webhooks/endpoints", ""),
        ("GET /api/v1/webhooks/endpoints/whe_1", ""),
        ("PATCH /api/v1/webhooks/endpoints/whe_1", r#"{"status":"disabled"}"#),
        ("POST /api/v1/webhooks/endpoints/whe_1/test", r#"{"event":"agent.completed"}"#),
        ("POST /api/v1/webhooks/endpoints/whe_1/rotate-secret", r#"{"overlap_seconds":60}"#),
        ("POST /api/v1/webhooks/endpoints/whe_1/recover", r#"{"since":"2026-04-17T01:15:30Z"}"#),
        ("DELETE /api/v1/webhooks/endpoints/whe_1", ""),
    ];
    assert_eq!(asked, expected.map(|(line, body)| (line.to_owned(), body.to_owned())));
}

#[tokio::test]
async fn deliveries_are_listed_looked_at_and_made_again() {
    let attempt = r#"{"number":1,"started_at":"2026-04-17T01:15:30Z","duration_ms":12,"status_code":500}"#;
    let listed = ok(&format!(r#"{{"data":[{{{DELIVERY}}}],"has_more":false}}"#));
    let whole = ok(&format!(r#"{{{DELIVERY},"attempts":[{attempt}]}}"#));
    let gateway = StandIn::start(vec![listed, whole, ok(&format!("{{{DELIVERY}}}"))]).await;
    let deliveries = gateway.client().webhooks().deliveries();
    let dead = deliveries.list().endpoint("whe_1").status(DeliveryStatus::Dead).event("message.sent");
    assert_eq!(dead.all().await.unwrap()[0].id, "dlv_1");
    assert_eq!(deliveries.get("dlv_1").await.unwrap().attempts[0].status_code, Some(500));
    assert_eq!(deliveries.retry("dlv_1").await.unwrap().event_id, "evt_1");
    let lines: Vec<String> = gateway.seen().into_iter().map(|seen| seen.line).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/webhooks/deliveries?endpoint_id=whe_1&status=dead&event=message.sent",
            "GET /api/v1/webhooks/deliveries/dlv_1",
            "POST /api/v1/webhooks/deliveries/dlv_1/retry"
        ]
    );
}

#[test]
fn a_receiver_checks_with_what_this_crate_offers() {
    let webhook = Webhook::new("a secret of the endpoint").unwrap();
    let refused = webhook.verify(b"{}", |_| None, Timestamp::from_millis(0));
    assert!(matches!(refused, Err(WebhookError::MissingHeader(_))));
    assert!(!verify_webhook("{}", "sha256=00", "a secret of the endpoint"));
}
