//! Events of agents: in order, resumed where they broke off, and exactly one end for each agent.

use std::collections::HashMap;

use openclaw_client::{AgentStatus, EventData, EventName, StoredEvent};
use openclaw_core::sse::SseParser;
use reqwest::Method;

use super::{run, scripted, with_counter};

#[tokio::test]
async fn a_stream_tells_all_in_order_and_ends_after_the_last() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let task = "[[tool counter__wait {\"ms\": 100}]] [[then]] done";
    let agent = gateway.client.agents().spawn(scripted(task, &["mcp:counter"])).await.expect("an agent");
    counter.until(1).await;
    let mut live = agent.events().await.expect("a stream");
    let mut seen: Vec<StoredEvent> = Vec::new();
    while let Some(event) = live.next().await {
        seen.push(event.expect("an event"));
    }
    let names: Vec<_> = seen.iter().filter_map(StoredEvent::name).collect();
    let step = EventName::AgentStep;
    assert_eq!(names, [EventName::AgentSpawned, EventName::AgentStarted, step, step, step, EventName::AgentCompleted]);
    let EventData::Agent(told) = seen[3].typed() else { panic!("{:?}", seen[3]) };
    let facts = told.step.expect("a step");
    assert_eq!((facts.number, facts.tool.as_deref()), (2, Some("counter__wait")));
    let EventData::Agent(last) = seen[5].typed() else { panic!("{:?}", seen[5]) };
    assert_eq!((last.output.as_deref(), last.status), (Some("done"), Some(AgentStatus::Completed)));

    let after = agent.id();
    for (index, event) in seen.iter().enumerate() {
        let request = gateway.request(Method::GET, &format!("/api/v1/agents/{after}/events"));
        let response = request.header("Last-Event-ID", &event.id).send().await.expect("an answer");
        assert_eq!(
            response.status() == 204,
            index + 1 == seen.len(),
            "nothing more comes after the last, and that is said"
        );
        let mut parser = SseParser::default();
        parser.push(&response.bytes().await.expect("a body that ends")).expect("small events");
        let rest: Vec<String> = std::iter::from_fn(|| parser.next()).filter_map(|event| event.id).collect();
        let expected: Vec<String> = seen[index + 1..].iter().map(|event| event.id.clone()).collect();
        assert_eq!(rest, expected, "nothing twice and nothing lost after event {index}");
    }
    let mut past = gateway.client.agents().events_after(after, &seen[5].id).await.expect("a stream");
    assert!(past.next().await.is_none());
    let request = gateway.request(Method::GET, &format!("/api/v1/agents/{after}/events"));
    let response = request.header("Last-Event-ID", "evt_unknown").send().await.expect("an answer");
    assert_eq!(response.status(), 400);
}

#[tokio::test]
async fn every_spawned_agent_has_exactly_one_end() {
    let (gateway, _counter) = with_counter(|_| {}).await;
    let agents = gateway.client.agents();
    run(&gateway, scripted("done", &[])).await;
    run(&gateway, scripted("[[echo status=500]]", &[])).await;
    run(&gateway, scripted("[[loop tool counter__look]]", &["mcp:counter"])).await;
    let stalls = agents.spawn(scripted("[[echo stall_after=1]]a b", &[])).await.expect("an agent");
    tokio::join!(stalls.cancel(), stalls.cancel()).0.expect("cancelled");
    let team = r#"[[tool agent_spawn {"task": "a"}]] [[tool agent_spawn {"task": "b"}]] [[then]] [[tool agent_wait]] [[then]] c"#;
    run(&gateway, scripted(team, &["agent_spawn"])).await;

    let mut ends: HashMap<String, Vec<EventName>> = HashMap::new();
    let mut spawned = 0;
    for event in gateway.client.events().list().events(["agent.*"]).all().await.expect("events") {
        let (Some(name), EventData::Agent(told)) = (event.name(), event.typed()) else { panic!("{event:?}") };
        spawned += u32::from(name == EventName::AgentSpawned);
        if matches!(name, EventName::AgentCompleted | EventName::AgentError) {
            ends.entry(told.agent_id).or_default().push(name);
        }
    }
    assert_eq!((spawned, ends.len()), (7, 7));
    assert!(ends.values().all(|ends| ends.len() == 1), "{ends:?}");
    let completed = ends.values().filter(|ends| ends[0] == EventName::AgentCompleted).count();
    assert_eq!(completed, 4);
}
