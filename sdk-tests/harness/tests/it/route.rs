//! Every route of the API is called by a scenario.

use std::collections::BTreeSet;
use std::fs;

use openclaw_sdk_tests::suite;
use serde_json::Value;

use crate::repository;

/// Each operation of `openapi/openapi.json` and the call that makes it.
const CALLS: &[(&str, &str)] = &[
    ("spawn_agent", "agents.spawn"),
    ("list_agents", "agents.list"),
    ("get_agent", "agents.get"),
    ("wait_agents", "agents.wait"),
    ("list_agent_steps", "agents.steps"),
    ("list_agent_children", "agents.children"),
    ("stream_agent_events", "agents.events"),
    ("cancel_agent", "agents.cancel"),
    ("input_agent", "agents.input"),
    ("list_skills", "skills.list"),
    ("chat", "chat.send"),
    ("chat_stream", "chat.stream"),
    ("list_sessions", "sessions.list"),
    ("get_session", "sessions.get"),
    ("update_session", "sessions.update"),
    ("delete_session", "sessions.delete"),
    ("list_messages", "sessions.messages"),
    ("list_endpoints", "webhooks.endpoints.list"),
    ("create_endpoint", "webhooks.endpoints.create"),
    ("get_endpoint", "webhooks.endpoints.get"),
    ("update_endpoint", "webhooks.endpoints.update"),
    ("delete_endpoint", "webhooks.endpoints.delete"),
    ("test_endpoint", "webhooks.endpoints.test"),
    ("rotate_secret", "webhooks.endpoints.rotate_secret"),
    ("recover_endpoint", "webhooks.endpoints.recover"),
    ("list_deliveries", "webhooks.deliveries.list"),
    ("get_delivery", "webhooks.deliveries.get"),
    ("retry_delivery", "webhooks.deliveries.retry"),
    ("retry_deliveries", "webhooks.deliveries.retry_matching"),
    ("list_events", "events.list"),
    ("get_event", "events.get"),
    ("stream_events", "events.stream"),
    ("list_models", "models.list"),
    ("get_status", "status.get"),
    ("list_usage", "usage.list"),
    ("list_keys", "keys.list"),
    ("create_key", "keys.create"),
    ("revoke_key", "keys.revoke"),
];

#[test]
fn every_route_of_a_noun_that_sdks_know_has_a_scenario() {
    let document: Value =
        serde_json::from_str(&fs::read_to_string(repository().join("openapi/openapi.json")).unwrap()).unwrap();
    let scenarios = suite::scenarios(repository(), "").unwrap();
    let called: BTreeSet<&str> = scenarios.iter().flat_map(|it| &it.steps).map(|step| step.call.as_str()).collect();
    let nouns: BTreeSet<&str> = called.iter().filter_map(|call| Some(call.split_once('.')?.0)).collect();
    let routes = document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values());
    for operation in routes.filter(|operation| operation["operationId"].is_string()) {
        let (name, tag) = (operation["operationId"].as_str().unwrap(), operation["tags"][0].as_str().unwrap());
        if !nouns.contains(tag) {
            continue;
        }
        let call = CALLS.iter().find(|(operation, _)| *operation == name);
        let (_, call) = call.unwrap_or_else(|| panic!("`{name}` is new: name its call here and show it by a scenario"));
        assert!(called.contains(call), "no scenario calls `{call}`");
    }
}
