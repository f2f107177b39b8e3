//! Agents: spawned, run to their ends, followed, read back.

mod approval;
mod child;
mod command;
pub(crate) mod counter;
pub(crate) mod crash;
mod end;
mod event;

use std::collections::BTreeMap;

use openclaw::config::{Config, ProviderConfig};
use openclaw_bench::standin::Standin;
use openclaw_client::{
    Agent, AgentBudgetRequest, AgentStatus, AgentStepKind, AgentStepStatus, Error, RequestOptions, Scope,
    SpawnAgentRequest, StopReason, WaitAgentsRequest, WaitMode,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::gateway::{Gateway, provider};
use counter::Counter;

/// A gateway that keeps agents' files in its own folder.
pub(super) async fn gateway(configure: impl FnOnce(&mut Config)) -> Gateway {
    let folder = std::env::temp_dir().join(format!("openclaw-agents-{:016x}", rand()));
    Gateway::with(move |config| {
        config.skills.workspace_dir = folder.display().to_string();
        configure(config);
    })
    .await
}

pub(crate) fn rand() -> u64 {
    u64::from_ne_bytes(openclaw::clock::Clock::system().random())
}

/// A gateway whose agents may be granted `mcp:counter`.
pub(super) async fn with_counter(configure: impl FnOnce(&mut Config)) -> (Gateway, Counter) {
    let counter = Counter::start().await;
    let mcp = counter.config();
    let gateway = gateway(move |config| {
        config.skills.mcp = BTreeMap::from([("counter".to_owned(), mcp)]);
        configure(config);
    })
    .await;
    (gateway, counter)
}

/// An agent of `echo` with a script for its task.
pub(crate) fn scripted(task: &str, skills: &[&str]) -> SpawnAgentRequest {
    SpawnAgentRequest {
        task: task.into(),
        skills: Some(skills.iter().map(|&skill| skill.to_owned()).collect()),
        ..SpawnAgentRequest::default()
    }
}

/// Spawns an agent and waits for its end.
pub(super) async fn run(gateway: &Gateway, request: SpawnAgentRequest) -> Agent {
    let agent = gateway.client.agents().spawn(request).await.expect("an agent");
    agent.wait_for_completion().await.expect("its end")
}

/// A stand-in that offers `gpt-4o`.
pub(super) fn openai(base_url: String) -> ProviderConfig {
    ProviderConfig { models: vec!["gpt-4o".into()], ..provider(base_url) }
}

/// The error's code, or nothing.
pub(super) fn code(agent: &Agent) -> &str {
    agent.error.as_ref().map_or("", |error| error.code.as_str())
}

#[tokio::test]
async fn m5_the_documented_spawn_as_written() {
    let vendor = Standin::start().await;
    let base_url = vendor.base_url();
    let gateway = gateway(move |config| {
        config.providers.insert("openai".into(), openai(base_url));
    })
    .await;
    let body = r#"{
    "task": "分析这份文档",
    "model": "gpt-4o",
    "timeout": 300,
    "skills": ["web_fetch", "file_read"]
  }"#;
    // What curl says of a body when it is told nothing.
    let request =
        gateway.post("/api/v1/agents/spawn", body).header("Content-Type", "application/x-www-form-urlencoded");
    let response = request.send().await.expect("an answer");
    assert_eq!(response.status(), 202);
    let location = response.headers()["location"].to_str().expect("text").to_owned();
    let spawned: Value = response.json().await.expect("JSON");
    assert_eq!(location, format!("/api/v1/agents/{}", spawned["id"].as_str().expect("an id")));
    assert_eq!(
        (&spawned["status"], &spawned["task"], &spawned["model"]),
        (&json!("queued"), &json!("分析这份文档"), &json!("gpt-4o"))
    );
    assert_eq!(spawned["skills"], json!(["web_fetch", "file_read"]));

    let response = gateway.request(Method::GET, &format!("{location}?wait=60")).send().await.expect("an answer");
    let ended: Value = response.json().await.expect("JSON");
    assert_eq!((&ended["status"], &ended["stop_reason"]), (&json!("completed"), &json!("end_turn")), "{ended}");
    assert!(ended["output"].as_str().expect("an output").contains("当然!这是一个Python脚本"));
    assert_eq!(ended["usage"], json!({"input_tokens": 45, "output_tokens": 156, "steps": 1, "tool_calls": 0}));

    let asked = vendor.requests()[0].json();
    let tools: Vec<_> =
        asked["tools"].as_array().expect("tools").iter().map(|tool| &tool["function"]["name"]).collect();
    assert_eq!(tools, ["file_read", "web_fetch"], "what was granted and no other");
}

#[tokio::test]
async fn an_agent_calls_tools_until_it_answers() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let task = r#"I look. [[tool counter__look {"n": 1}]] [[tool counter__look {"n": 2}]]
        [[then]] [[tool counter__add {"n": 3}]] [[then]] It said {{result}}"#;
    let agent = run(&gateway, scripted(task, &["mcp:counter"])).await;
    assert_eq!((agent.status, agent.stop_reason), (AgentStatus::Completed, Some(StopReason::EndTurn)), "{agent:?}");
    assert_eq!(
        agent.output.as_deref(),
        Some("It said <data from=\"counter__add\">\ncount 1\n</data>"),
        "marked as data"
    );
    assert_eq!((agent.usage.steps, agent.usage.tool_calls), (6, 3));
    assert!(!agent.partial && agent.started_at.is_some() && agent.ended_at.is_some());
    let keys: Vec<String> = counter.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, ["1.1", "1.2", "2.1"].map(|call| format!("{}:{call}", agent.id)));

    let steps = gateway.client.agents().steps(&agent.id).limit(2).all().await.expect("steps");
    let kinds: Vec<_> = steps.iter().map(|step| (step.number, step.kind, step.tool.as_deref())).collect();
    let (model, tool) = (AgentStepKind::Model, AgentStepKind::Tool);
    let look = Some("counter__look");
    assert_eq!(
        kinds,
        [
            (1, model, None),
            (2, tool, look),
            (3, tool, look),
            (4, model, None),
            (5, tool, Some("counter__add")),
            (6, model, None)
        ]
    );
    assert!(steps.iter().all(|step| step.status == AgentStepStatus::Completed && step.ended_at.is_some()));
    assert_eq!(steps[0].tool_calls.as_ref().map(Vec::len), Some(2));
    assert_eq!((steps[4].result.as_deref(), steps[4].is_error), (Some("count 1"), Some(false)));

    let usage = gateway.client.usage().list().all().await.expect("usage");
    assert_eq!(usage.iter().map(|bucket| (bucket.turns, bucket.agents)).collect::<Vec<_>>(), [(0, 1)]);
    assert_eq!(usage[0].input_tokens, agent.usage.input_tokens);
    let metrics = gateway.anonymous(Method::GET, "/metrics").send().await.expect("metrics").text().await.expect("text");
    for expected in
        ["openclaw_agents_total{status=\"completed\"} 1", "openclaw_agents_running 0", "openclaw_agents_queued 0"]
    {
        assert!(metrics.contains(expected), "{expected} is missing in:\n{metrics}");
    }
}

#[tokio::test]
async fn a_tool_that_was_not_granted_cannot_be_called() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let agent = run(&gateway, scripted("[[tool counter__add]] [[then]] {{result}}", &["file_read"])).await;
    let told = agent.output.expect("an answer");
    assert!(told.contains("There is no tool `counter__add`") && told.contains("file_read"), "{told}");
    let agent = run(&gateway, scripted("[[tool counter__add not json]] [[then]] {{result}}", &["mcp:counter"])).await;
    let told = agent.output.expect("an answer");
    assert!(told.contains("The arguments are wrong"), "{told}");
    assert_eq!(counter.asked(), []);
}

#[tokio::test]
async fn refusals_name_the_field() {
    let gateway = gateway(|_| {}).await;
    for (body, code, param) in [
        (json!({"task": " "}), "task_empty", "task"),
        (json!({}), "field_missing", "task"),
        (json!({"task": "x".repeat(300_000)}), "text_too_long", "task"),
        (json!({"task": "a", "timeout": 0}), "timeout_invalid", "timeout"),
        (json!({"task": "a", "timeout": 90_000}), "timeout_invalid", "timeout"),
        (json!({"task": "a", "model": "gpt-4o"}), "model_not_found", "model"),
        (json!({"task": "a", "skills": ["web_fetsh"]}), "skill_unknown", "skills"),
        (json!({"task": "a", "output_schema": {"type": "nonsense"}}), "output_schema_invalid", "output_schema"),
        (json!({"task": "a", "temperature": 3}), "temperature_invalid", "temperature"),
        (json!({"task": "a", "max_output_tokens": 0}), "max_output_tokens_invalid", "max_output_tokens"),
        (json!({"task": "a", "budget": {"max_steps": 1001}}), "budget_invalid", "budget.max_steps"),
        (json!({"task": "a", "parent_id": "agt_none"}), "agent_not_found", "parent_id"),
        (json!({"task": "a", "approvals": {"x": "maybe"}}), "field_invalid", "approvals.x"),
        (json!({"task": "a", "metadata": {"x": "y".repeat(20_000)}}), "metadata_too_large", "metadata"),
    ] {
        let response = gateway.post("/api/v1/agents/spawn", body.to_string()).send().await.expect("an answer");
        assert_eq!(response.status(), 400, "{code}");
        let envelope: Value = response.json().await.expect("JSON");
        assert_eq!(
            (&envelope["error"]["code"], &envelope["error"]["param"]),
            (&json!(code), &json!(param)),
            "{envelope}"
        );
    }
    let message = gateway.client.agents().spawn(scripted("a", &["web_fetsh"])).await.expect_err("unknown").to_string();
    assert!(message.contains("web_fetch"), "the near name is told: {message}");
    assert!(gateway.client.agents().list().all().await.expect("a list").is_empty(), "nothing was stored");
}

#[tokio::test]
async fn the_same_key_and_request_give_the_same_agent() {
    let gateway = gateway(|_| {}).await;
    let agents = gateway.client.agents().with(RequestOptions::new().idempotency_key("order-1"));
    let first = agents.spawn(scripted("one", &[])).await.expect("an agent");
    first.wait_for_completion().await.expect("its end");
    let again = agents.spawn(scripted("one", &[])).await.expect("the agent");
    assert_eq!((again.id(), again.snapshot().status), (first.id(), AgentStatus::Completed), "as it stands by then");
    let error = agents.spawn(scripted("two", &[])).await.expect_err("another request");
    assert_eq!((error.status(), error.code()), (Some(409), Some("idempotency_key_reused")));
    assert_eq!(gateway.client.agents().list().all().await.expect("a list").len(), 1);
}

#[tokio::test]
async fn a_key_sees_nothing_of_another_workspace_and_needs_the_scope() {
    let gateway = gateway(|_| {}).await;
    let agent = run(&gateway, scripted("mine", &[])).await;
    let other = gateway.client_of(&gateway.key_of("other", None).await);
    let theirs = other.agents();
    for error in [
        theirs.get(&agent.id).await.expect_err("not theirs"),
        theirs.cancel(&agent.id).await.expect_err("not theirs"),
        theirs.steps(&agent.id).all().await.expect_err("not theirs"),
        theirs.children(&agent.id).all().await.expect_err("not theirs"),
        theirs.wait_for_completion(&agent.id).await.expect_err("not theirs"),
        theirs.events(&agent.id).await.expect_err("not theirs"),
    ] {
        assert_eq!((error.status(), error.code()), (Some(404), Some("agent_not_found")));
    }
    assert!(theirs.list().all().await.expect("a list").is_empty());
    let child = SpawnAgentRequest { parent_id: Some(agent.id), ..scripted("theirs", &[]) };
    assert_eq!(theirs.spawn(child).await.expect_err("not theirs").code(), Some("agent_not_found"));
    let chat_only = gateway.client_of(&gateway.key_of("default", Some(vec![Scope::Chat])).await);
    assert_eq!(chat_only.agents().list().all().await.expect_err("no scope").code(), Some("scope_missing"));
}

#[tokio::test]
async fn lists_are_filtered_and_waits_end_in_time() {
    let gateway = gateway(|_| {}).await;
    let agents = gateway.client.agents();
    let quick = run(&gateway, SpawnAgentRequest { session_id: Some("s".into()), ..scripted("quick", &[]) }).await;
    let slow = agents.spawn(scripted("[[echo stall_after=1]]a b", &[])).await.expect("an agent");
    let ids = |found: Vec<Agent>| found.into_iter().map(|agent| agent.id).collect::<Vec<_>>();
    assert_eq!(ids(agents.list().all().await.expect("all")), [slow.id(), &quick.id], "newest first");
    assert_eq!(
        ids(agents.list().status(AgentStatus::Completed).all().await.expect("some")),
        std::slice::from_ref(&quick.id)
    );
    assert_eq!(ids(agents.list().session("s").all().await.expect("some")), std::slice::from_ref(&quick.id));
    assert_eq!(ids(agents.list().root(slow.id()).all().await.expect("some")), [slow.id()]);

    let both = vec![quick.id.clone(), slow.id().to_owned()];
    let wait = |mode| agents.wait(WaitAgentsRequest { ids: both.clone(), mode, timeout: Some(0) });
    assert!(wait(WaitMode::Any).await.expect("an answer").done);
    assert!(!wait(WaitMode::All).await.expect("a wait that is over is no error").done);
    let limit = std::time::Duration::from_millis(50);
    let error = slow.wait_for_completion_within(limit).await.expect_err("it is not that quick");
    assert!(matches!(error, Error::Timeout { .. }));
    let waiting = tokio::spawn(slow.wait_for_completion());
    slow.cancel().await.expect("cancelled");
    assert_eq!(waiting.await.expect("no panic").expect("its end").status, AgentStatus::Cancelled);
    assert!(wait(WaitMode::All).await.expect("an answer").done);
}

#[tokio::test]
async fn over_the_cap_agents_wait_in_line_and_then_run_in_order() {
    let gateway = gateway(|config| {
        config.agents.concurrency_max = 2;
        config.agents.queue_max = 4;
    })
    .await;
    let agents = gateway.client.agents();
    let mut spawned = Vec::new();
    for _ in 0..2 {
        spawned.push(agents.spawn(scripted("[[echo stall_after=1]]a b", &[])).await.expect("an agent"));
    }
    while agents.list().status(AgentStatus::Running).all().await.expect("a list").len() < 2 {}
    for _ in 0..4 {
        spawned.push(agents.spawn(scripted("then me", &[])).await.expect("an agent"));
    }
    let error = agents.spawn(scripted("too many", &[])).await.expect_err("the line is full");
    assert_eq!((error.status(), error.code()), (Some(503), Some("agents_queue_full")));
    let waiting = agents.list().status(AgentStatus::Queued).all().await.expect("a list");
    assert_eq!(waiting.len(), 4, "none is dropped, none runs");
    spawned[0].cancel().await.expect("cancelled");
    for agent in &spawned[2..] {
        assert_eq!(agent.wait_for_completion().await.expect("its end").status, AgentStatus::Completed);
    }
    let mut ended = agents.list().status(AgentStatus::Completed).all().await.expect("a list");
    ended.reverse();
    assert!(ended.is_sorted_by_key(|agent| agent.started_at), "in the order of the line");
}

#[tokio::test]
async fn a_journal_grows_by_what_it_says_and_little_more() {
    let (gateway, _counter) = with_counter(|config| config.agents.steps = 1000).await;
    let (mut sizes, mut steps_so_far) = (Vec::new(), 0);
    for calls in [10, 100] {
        let steps =
            (0..calls).map(|n| format!("[[tool counter__look {{\"n\": {n}}}]]")).collect::<Vec<_>>().join("[[then]]");
        let request = SpawnAgentRequest {
            budget: Some(AgentBudgetRequest { max_steps: Some(1000), max_tokens: None }),
            ..scripted(&format!("{steps}[[then]]done"), &["mcp:counter"])
        };
        let agent = run(&gateway, request).await;
        assert_eq!(agent.status, AgentStatus::Completed, "{agent:?}");
        let journal = gateway.texts("SELECT entry FROM journal ORDER BY agent, seq").await;
        let (mut bytes, mut said) = (0, 0);
        for text in &journal {
            let entry: Value = serde_json::from_str(text).expect("JSON");
            bytes += text.len() as u64 + 16;
            said += entry["content"].as_str().map_or(0, |content| content.len() as u64);
            said += entry.get("calls").map_or(0, |calls| calls.to_string().len() as u64);
        }
        steps_so_far += agent.usage.steps;
        sizes.push((bytes - said) / steps_so_far);
    }
    assert!(sizes.iter().all(|bytes| *bytes <= 150), "bytes of a step beside what it says: {sizes:?}");
}
