//! Deliveries among several gateways: each event once to each endpoint, whoever stored it and whoever sends it.

use std::collections::HashMap;

use futures_util::future::join_all;
use openclaw_client::{CreateEndpointRequest, DeliveryStatus};
use serde_json::Value;

use super::three;
use crate::gateway::{Gateway, message};
use crate::webhook::receiver::Receiver;

/// Gateways that deliver, and may do so to this machine.
async fn delivering() -> [Gateway; 3] {
    let gateways = three(|config| config.outbound.allow = vec!["127.0.0.0/8".parse().expect("a network")]).await;
    for gateway in &gateways {
        gateway.app.tasks.spawn(openclaw::webhook::run(gateway.app.clone()));
    }
    gateways
}

#[tokio::test(flavor = "multi_thread")]
async fn each_event_comes_once_to_each_endpoint() {
    let gateways = delivering().await;
    let receivers =
        [Receiver::start().await, Receiver::start().await, Receiver::start().await, Receiver::start().await];
    let clients = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    for (number, receiver) in receivers.iter().enumerate() {
        let request = CreateEndpointRequest {
            url: receiver.url(),
            events: vec!["message.sent".into()],
            ..CreateEndpointRequest::default()
        };
        clients[number % 3].webhooks().endpoints().create(request).await.expect("an endpoint");
    }
    let chats = (0..30).map(|number| clients[number % 3].chat().send(message(&format!("s{number}"), "hi", "echo")));
    for reply in join_all(chats).await {
        reply.expect("a reply");
    }
    for receiver in &receivers {
        let mut seen: HashMap<String, usize> = HashMap::new();
        for received in receiver.wait_for(30).await {
            let event: Value = serde_json::from_str(&received.body).expect("JSON");
            *seen.entry(event["id"].as_str().expect("an id").to_owned()).or_default() += 1;
        }
        assert_eq!(seen.len(), 30);
        assert!(seen.values().all(|times| *times == 1), "{seen:?}");
    }
    let all = clients[1].webhooks().deliveries().list().all().await.expect("deliveries");
    assert_eq!(all.len(), 120, "one for each event and endpoint");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_one_disables_is_sent_nothing_by_the_others() {
    let gateways = delivering().await;
    let receiver = Receiver::start().await;
    let clients = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let request =
        CreateEndpointRequest { url: receiver.url(), events: vec!["*".into()], ..CreateEndpointRequest::default() };
    let endpoint = clients[0].webhooks().endpoints().create(request).await.expect("an endpoint");
    clients[1].chat().send(message("s", "hi", "echo")).await.expect("a reply");
    receiver.wait_for(2).await;
    // 410: it wants no more, which whoever has its lane finds out.
    receiver.answer(reqwest::StatusCode::GONE, "");
    clients[2].chat().send(message("s", "hi", "echo")).await.expect("a reply");
    let disabled = async || {
        let found = clients[0].webhooks().endpoints().get(&endpoint.endpoint.id).await.expect("the endpoint");
        found.disabled_reason.is_some()
    };
    while !disabled().await {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // Until all know of it, and what was under way has ended.
    for gateway in &gateways {
        while gateway.app.endpoints.load().iter().any(|stored| stored.endpoint.disabled_reason.is_none()) {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let count = receiver.count();
    for client in &clients {
        client.chat().send(message("s", "hi", "echo")).await.expect("a reply");
    }
    let deliveries = clients[1].webhooks().deliveries().list().all().await.expect("deliveries");
    assert!(deliveries.iter().any(|delivery| delivery.status != DeliveryStatus::Succeeded));
    assert!(receiver.count() <= count + 1, "at most the one that was under way");
}
