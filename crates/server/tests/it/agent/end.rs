//! Ends: every code there is, and that each end keeps what was found.

use std::time::{Duration, Instant};

use openclaw::config::McpConfig;
use openclaw_bench::standin::{Behaviour, Standin};
use openclaw_client::{
    Agent, AgentBudgetRequest, AgentErrorCode, AgentHandle, AgentInput, AgentStatus, AgentStepStatus,
    SpawnAgentRequest, StopReason,
};
use serde_json::json;

use super::super::gateway::Gateway;
use super::{code, gateway, openai, run, scripted, with_counter};

fn failed(agent: &Agent, expected: AgentErrorCode) {
    assert_eq!((agent.status, code(agent)), (AgentStatus::Failed, expected.as_str()), "{agent:?}");
    assert!(agent.ended_at.is_some() && agent.stop_reason.is_none());
    assert_eq!(agent.partial, agent.output.is_some(), "what was found is kept, and said to be partial");
}

fn budget(max_steps: Option<u64>, max_tokens: Option<u64>) -> AgentBudgetRequest {
    AgentBudgetRequest { max_steps, max_tokens }
}

/// A gateway whose model `gpt-4o` is a stand-in.
async fn with_vendor() -> (Gateway, Standin) {
    let vendor = Standin::start().await;
    let base_url = vendor.base_url();
    let gateway = gateway(move |config| {
        config.providers.insert("openai".into(), openai(base_url));
        config.models.default = "gpt-4o".into();
    })
    .await;
    (gateway, vendor)
}

#[tokio::test]
async fn its_time_is_up_even_when_a_tool_hangs() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let began = Instant::now();
    let task = "I have this much. [[tool counter__hang]] [[then]] never";
    let agent = run(&gateway, SpawnAgentRequest { timeout: Some(1), ..scripted(task, &["mcp:counter"]) }).await;
    failed(&agent, AgentErrorCode::Timeout);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(agent.output.as_deref().map(str::trim), Some("I have this much."));
    assert_eq!(counter.asked().len(), 1);
    let steps = gateway.client.agents().steps(&agent.id).all().await.expect("steps");
    assert_eq!(steps.last().map(|step| step.status), Some(AgentStepStatus::Interrupted));
}

#[tokio::test]
async fn its_time_is_up_in_the_middle_of_a_reply_and_in_line() {
    let gateway = gateway(|config| config.agents.concurrency_max = 1).await;
    let request = SpawnAgentRequest { timeout: Some(1), ..scripted("[[echo stall_after=2]]one two three", &[]) };
    let first = gateway.client.agents().spawn(request).await.expect("an agent");
    let request = SpawnAgentRequest { timeout: Some(1), ..scripted("never begun", &[]) };
    let second = gateway.client.agents().spawn(request).await.expect("an agent");
    let first = first.wait_for_completion().await.expect("its end");
    failed(&first, AgentErrorCode::Timeout);
    assert_eq!(first.output.as_deref(), Some("one two "));
    // 35 bytes were asked, 8 were heard, 4 count as a token.
    assert_eq!((first.usage.input_tokens, first.usage.output_tokens, first.usage.steps), (9, 2, 0));
    let second = second.wait_for_completion().await.expect("its end");
    assert!(second.status == AgentStatus::Completed || code(&second) == "timeout", "{second:?}");
}

#[tokio::test]
async fn a_tool_that_takes_too_long_is_stopped_and_the_model_goes_on() {
    let (gateway, _counter) = with_counter(|config| config.agents.tool_timeout_seconds = 1).await;
    let agent = run(&gateway, scripted("[[tool counter__hang]] [[then]] {{result}}", &["mcp:counter"])).await;
    assert_eq!(agent.status, AgentStatus::Completed);
    assert!(agent.output.as_deref().expect("an answer").contains("took longer than 1 seconds"), "{agent:?}");
}

#[tokio::test]
async fn steps_and_tokens_are_bounded_and_nothing_means_nothing() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let task = "[[tool counter__look {\"n\": 1}]] [[then]] so far [[tool counter__look {\"n\": 2}]] [[then]] done";
    let with = |budget| SpawnAgentRequest { budget: Some(budget), ..scripted(task, &["mcp:counter"]) };
    let agent = run(&gateway, with(budget(Some(3), None))).await;
    failed(&agent, AgentErrorCode::MaxSteps);
    assert_eq!((agent.usage.steps, agent.output.as_deref().map(str::trim)), (3, Some("so far")));
    assert_eq!(counter.asked().len(), 1);
    let agent = run(&gateway, with(budget(None, Some(0)))).await;
    failed(&agent, AgentErrorCode::BudgetExceeded);
    assert_eq!(agent.usage.steps, 0, "0 is nothing, not everything");
    let agent = run(&gateway, with(budget(None, Some(60)))).await;
    failed(&agent, AgentErrorCode::BudgetExceeded);
    let agent = run(&gateway, with(budget(Some(5), Some(100_000)))).await;
    assert_eq!(agent.status, AgentStatus::Completed, "{agent:?}");
}

#[tokio::test]
async fn the_very_same_call_again_and_again_is_a_loop() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let agent = run(&gateway, scripted("[[loop tool counter__look {\"n\": 1}]]", &["mcp:counter"])).await;
    failed(&agent, AgentErrorCode::LoopDetected);
    assert_eq!(counter.asked().len(), 3);
    let journal = gateway.client.agents().steps(&agent.id).all().await.expect("steps");
    assert_eq!(journal.len(), 7, "four answers and three calls");
}

#[tokio::test]
async fn a_vendor_that_fails_or_refuses() {
    let (gateway, vendor) = with_vendor().await;
    vendor.script([Behaviour::status(500)]);
    failed(&run(&gateway, scripted("a", &[])).await, AgentErrorCode::ProviderError);
    let refusal = "This model's maximum context length is 8192 tokens.";
    vendor.script([Behaviour { error_message: refusal.into(), ..Behaviour::status(400) }]);
    failed(&run(&gateway, scripted("a", &[])).await, AgentErrorCode::ContextOverflow);
    vendor.script([Behaviour { cut_after: Some(2), ..Behaviour::text("half a reply, again and again") }]);
    let agent = run(&gateway, scripted("a", &[])).await;
    assert_eq!(agent.status, AgentStatus::Completed, "what broke off is asked for again: {agent:?}");
}

#[tokio::test]
async fn an_empty_answer_is_no_completion() {
    let (gateway, vendor) = with_vendor().await;
    vendor.script([Behaviour::text(" ")]);
    failed(&run(&gateway, scripted("a", &[])).await, AgentErrorCode::EmptyOutput);
    vendor.script([Behaviour { stop: Some("length".into()), ..Behaviour::text("cut") }]);
    let agent = run(&gateway, scripted("a", &[])).await;
    assert_eq!((agent.status, agent.stop_reason), (AgentStatus::Completed, Some(StopReason::MaxOutputTokens)));
    assert!(agent.partial);
}

#[tokio::test]
async fn an_output_that_must_fit_has_one_more_try() {
    let (gateway, vendor) = with_vendor().await;
    let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let request = || SpawnAgentRequest { output_schema: Some(schema.clone()), ..scripted("count", &[]) };
    vendor.script([Behaviour::text("it is 3"), Behaviour::text("```json\n{\"n\": 3}\n```")]);
    let agent = run(&gateway, request()).await;
    assert_eq!(
        (agent.status, agent.stop_reason),
        (AgentStatus::Completed, Some(StopReason::OutputSchemaMet)),
        "{agent:?}"
    );
    assert_eq!(agent.output_json, Some(json!({"n": 3})));
    let asked = vendor.requests()[1].json();
    let told = asked["messages"].as_array().expect("messages").last().expect("one")["content"].to_string();
    assert!(told.contains("does not fit") && told.contains("not JSON"), "{told}");
    vendor.script(["3", "4"].map(Behaviour::text));
    let agent = run(&gateway, request()).await;
    failed(&agent, AgentErrorCode::InvalidOutput);
    assert_eq!((agent.output.as_deref(), agent.output_json), (Some("4"), None));
}

#[tokio::test]
async fn skills_that_cannot_be_opened() {
    let gateway = gateway(|config| {
        let server = McpConfig { command: Some("/nonexistent/server".into()), ..McpConfig::default() };
        config.skills.mcp.insert("gone".into(), server);
    })
    .await;
    let agent = run(&gateway, scripted("a", &["mcp:gone"])).await;
    failed(&agent, AgentErrorCode::ToolError);
    assert_eq!(agent.usage.steps, 0);
}

#[tokio::test]
async fn a_cancelled_agent_keeps_what_it_found_and_stays_cancelled() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let task = "so far [[tool counter__hang]] [[then]] never";
    let agent = gateway.client.agents().spawn(scripted(task, &["mcp:counter"])).await.expect("an agent");
    counter.until(1).await;
    let cancelled = agent.cancel().await.expect("cancelled");
    assert_eq!((cancelled.status, code(&cancelled)), (AgentStatus::Cancelled, AgentErrorCode::ByUser.as_str()));
    assert_eq!((cancelled.output.as_deref().map(str::trim), cancelled.partial), (Some("so far"), true));
    assert_eq!(agent.cancel().await.expect("again"), cancelled, "cancelling twice changes nothing");
    let error = agent.input(AgentInput { message: Some("more".into()), ..AgentInput::default() }).await;
    assert_eq!(error.expect_err("it has ended").code(), Some("agent_ended"));
    while gateway.app.agents.running() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_interrupts_the_agent() {
    let (gateway, _counter) = with_counter(|_| {}).await;
    let agent = gateway.client.agents().spawn(scripted("[[tool ask_user]] [[then]] done", &["ask_user"])).await;
    let agent = agent.expect("an agent");
    let waiting = agent.wait_for_completion().await.expect("it waits");
    let changed = "UPDATE journal SET entry = '{\"kind\":\"of a newer gateway\"}' WHERE seq = 1 RETURNING entry";
    assert_eq!(gateway.texts(changed).await.len(), 1);
    let answer = AgentInput {
        action_id: Some(waiting.required_actions[0].id.clone()),
        message: Some("yes".into()),
        ..AgentInput::default()
    };
    agent.input(answer).await.expect("heard");
    let agent = agent.wait_for_completion().await.expect("its end");
    failed(&agent, AgentErrorCode::Interrupted);
}

/// Waits until a part of the reply has come.
async fn heard(gateway: &Gateway, agent: &AgentHandle) {
    let stored = gateway.app.store.find_agent("default".into(), agent.id().to_owned()).await.expect("a store");
    let row = stored.expect("the agent").row;
    for _ in 0..1000 {
        let stored = gateway.app.store.find_agent("default".into(), agent.id().to_owned()).await.expect("a store");
        if gateway.app.agents.unbooked(&stored.expect("the agent")).output_tokens > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the model of {row} said nothing");
}

#[tokio::test]
async fn tokens_of_a_reply_that_an_end_cuts_off_are_booked_once_as_an_estimate() {
    let gateway = gateway(|_| {}).await;
    let agents = gateway.client.agents();
    let parent =
        agents.spawn(scripted("[[echo stall_after=2]]one two three", &["agent_spawn"])).await.expect("an agent");
    let child = SpawnAgentRequest {
        parent_id: Some(parent.id().to_owned()),
        ..scripted("[[echo stall_after=1]]half of it", &[])
    };
    let child = agents.spawn(child).await.expect("a child");
    heard(&gateway, &parent).await;
    heard(&gateway, &child).await;
    let cancelled = parent.cancel().await.expect("cancelled");
    let below = agents.get(child.id()).await.expect("the child");
    assert_eq!((below.usage.output_tokens, code(&below)), (2, AgentErrorCode::ByParent.as_str()));
    assert_eq!(cancelled.usage.output_tokens, 2);
    assert!(cancelled.usage.input_tokens > 9, "the system text counts too: {cancelled:?}");

    let usage = gateway.client.usage().list().all().await.expect("usage");
    let [bucket] = usage.as_slice() else { panic!("{usage:?}") };
    assert_eq!((bucket.agents, bucket.estimated_turns, bucket.output_tokens), (2, 2, 4));
    assert_eq!(bucket.input_tokens, cancelled.usage.input_tokens + below.usage.input_tokens);
    let events = gateway.client.events().list().events(["agent.error"]).all().await.expect("events");
    assert_eq!(events.len(), 2);
}

#[tokio::test]
async fn tokens_of_replies_that_break_off_are_booked_whatever_comes_after() {
    let (gateway, vendor) = with_vendor().await;
    vendor.script([Behaviour { cut_after: Some(2), ..Behaviour::text("half a reply, again and again") }]);
    let whole = run(&gateway, scripted("a", &[])).await;
    vendor.script([Behaviour::text("half a reply, again and again")]);
    let plain = run(&gateway, scripted("a", &[])).await;
    assert_eq!((whole.status, plain.status), (AgentStatus::Completed, AgentStatus::Completed));
    assert!(whole.usage.input_tokens > plain.usage.input_tokens, "{whole:?}\n{plain:?}");
    assert!(whole.usage.output_tokens > plain.usage.output_tokens, "{whole:?}\n{plain:?}");
    let cut = || Behaviour { cut_after: Some(2), ..Behaviour::text("half a reply, again and again") };
    vendor.script([cut(), cut(), cut()]);
    let agent = run(&gateway, scripted("a", &[])).await;
    failed(&agent, AgentErrorCode::ProviderError);
    assert!(agent.usage.output_tokens >= 3 && agent.usage.steps == 0, "{agent:?}");
    let usage = gateway.client.usage().list().all().await.expect("usage");
    assert_eq!(usage.iter().map(|bucket| bucket.estimated_turns).sum::<u64>(), 2);
}
