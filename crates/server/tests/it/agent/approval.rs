//! Words between an agent and its caller: approvals, questions, messages on the way.

use openclaw::config;
use openclaw_client::{
    Agent, AgentDecision, AgentHandle, AgentInput, AgentStatus, RequiredActionKind, SpawnAgentRequest, ToolApproval,
    ToolApprovals,
};

use super::{Gateway, run, scripted, with_counter};

async fn waiting(gateway: &Gateway, request: SpawnAgentRequest) -> (AgentHandle, Agent) {
    let agent = gateway.client.agents().spawn(request).await.expect("an agent");
    let waiting = agent.wait_for_completion().await.expect("it waits");
    assert_eq!(waiting.status, AgentStatus::RequiresAction, "{waiting:?}");
    (agent, waiting)
}

fn asking(task: &str) -> SpawnAgentRequest {
    let approvals = ToolApprovals::from([("counter__add".to_owned(), ToolApproval::AlwaysAsk)]);
    SpawnAgentRequest { approvals: Some(approvals), ..scripted(task, &["mcp:counter", "ask_user"]) }
}

fn word(action: &str, decision: Option<AgentDecision>, message: Option<&str>) -> AgentInput {
    AgentInput { action_id: Some(action.into()), decision, message: message.map(Into::into) }
}

#[tokio::test]
async fn a_tool_waits_for_approval_and_then_runs_once() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let task = "[[tool counter__add {\"n\": 1}]] [[tool counter__look]] [[then]] {{results}}";
    let (agent, stands) = waiting(&gateway, asking(task)).await;
    assert_eq!(gateway.app.agents.running(), 0, "who waits holds no runner");
    assert_eq!(counter.asked(), [], "nothing of the answer is done before the word");
    let [action] = stands.required_actions.as_slice() else { panic!("{stands:?}") };
    assert_eq!((action.kind, action.tool.as_deref()), (RequiredActionKind::Approval, Some("counter__add")));
    assert_eq!(action.arguments, Some(serde_json::json!({"n": 1})));

    let error = agent.input(word("9.9", Some(AgentDecision::Approve), None)).await.expect_err("no such action");
    assert_eq!((error.status(), error.code()), (Some(409), Some("action_not_required")));
    let error = agent.input(word(&action.id, None, None)).await.expect_err("no decision");
    assert_eq!((error.status(), error.code()), (Some(400), Some("decision_missing")));
    agent.input(word(&action.id, Some(AgentDecision::Approve), None)).await.expect("heard");
    let ended = agent.wait_for_completion().await.expect("its end");
    assert_eq!((ended.status, ended.required_actions.len()), (AgentStatus::Completed, 0), "{ended:?}");
    let tools: Vec<_> = counter.asked().into_iter().map(|asked| asked.tool).collect();
    assert_eq!(tools, ["add", "look"]);
}

#[tokio::test]
async fn a_denial_is_told_to_the_model() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let (agent, stands) = waiting(&gateway, asking("[[tool counter__add]] [[then]] {{result}}")).await;
    let deny = word(&stands.required_actions[0].id, Some(AgentDecision::Deny), Some("not today"));
    agent.input(deny).await.expect("heard");
    let ended = agent.wait_for_completion().await.expect("its end");
    assert_eq!((ended.status, ended.output.as_deref()), (AgentStatus::Completed, Some("Denied: not today")));
    assert_eq!(counter.asked(), []);
}

#[tokio::test]
async fn what_a_skills_head_allows_is_neither_granted_nor_approved_nor_all_that_is_left() {
    let (gateway, counter) = with_counter(|config| {
        let folder = std::path::Path::new(&config.skills.folders[0]).join("adding");
        std::fs::create_dir_all(&folder).expect("a folder");
        let head =
            "---\nname: adding\ndescription: Adds.\nallowed-tools: counter__add web_fetch Bash(git:*)\n---\nAdd.";
        std::fs::write(folder.join("SKILL.md"), head).expect("a file");
    })
    .await;
    let task = "[[tool skill_read {\"name\": \"adding\"}]] [[then]] [[tool counter__look]] [[tool web_fetch]] [[then]] \
                [[tool counter__add]] [[then]] {{results}}";
    let mut request = asking(task);
    request.skills = Some(vec!["mcp:counter".into(), "adding".into()]);
    let (agent, stands) = waiting(&gateway, request).await;
    let asks = stands.required_actions.iter().map(|action| action.tool.as_deref());
    assert!(asks.eq([Some("counter__add")]), "it is not approved: {stands:?}");
    assert_eq!(counter.asked().len(), 1, "it is not all that may be called");
    agent.input(word(&stands.required_actions[0].id, Some(AgentDecision::Approve), None)).await.expect("heard");
    let ended = agent.wait_for_completion().await.expect("its end");
    let told = ended.output.expect("an answer");
    assert!(told.contains("it expects these tools: counter__add web_fetch Bash(git:*)"), "{told}");
    assert!(told.contains("There is no tool `web_fetch`"), "it is not granted: {told}");
}

#[tokio::test]
async fn a_question_is_answered_in_words() {
    let (gateway, _counter) = with_counter(|_| {}).await;
    let task = "[[tool ask_user {\"question\": \"Which one?\"}]] [[then]] They said: {{result}}";
    let (agent, stands) = waiting(&gateway, asking(task)).await;
    let action = &stands.required_actions[0];
    assert_eq!((action.kind, action.question.as_deref()), (RequiredActionKind::Question, Some("Which one?")));
    let error = agent.input(word(&action.id, None, None)).await.expect_err("no answer");
    assert_eq!(error.code(), Some("message_empty"));
    agent.input(word(&action.id, None, Some("the blue one"))).await.expect("heard");
    let ended = agent.wait_for_completion().await.expect("its end");
    assert_eq!(ended.output.as_deref(), Some("They said: the blue one"));
}

#[tokio::test]
async fn the_operators_denial_is_final_and_other_policy_is_the_callers_to_change() {
    let (gateway, counter) = with_counter(|config| {
        config.skills.approvals.insert("counter__add".into(), config::ToolApproval::Deny);
        config.skills.approvals.insert("counter__look".into(), config::ToolApproval::AlwaysAsk);
    })
    .await;
    let allow = |tool: &str| (tool.to_owned(), ToolApproval::AlwaysAllow);
    let request = SpawnAgentRequest {
        approvals: Some(ToolApprovals::from([allow("counter__add"), allow("counter__look")])),
        ..scripted("[[tool counter__add]] [[then]] [[tool counter__look]] [[then]] {{results}}", &["mcp:counter"])
    };
    let agent = run(&gateway, request).await;
    assert_eq!(agent.status, AgentStatus::Completed, "{agent:?}");
    assert!(agent.output.as_deref().expect("an answer").contains("denied by policy"));
    let tools: Vec<_> = counter.asked().into_iter().map(|asked| asked.tool).collect();
    assert_eq!(tools, ["look"]);
    let (_, stands) = waiting(&gateway, scripted("[[tool counter__look]] [[then]] done", &["mcp:counter"])).await;
    assert_eq!(stands.required_actions[0].tool.as_deref(), Some("counter__look"));
}

#[tokio::test]
async fn a_message_on_the_way_is_read_before_the_next_model_call() {
    let (gateway, counter) = with_counter(|_| {}).await;
    let task = "[[tool counter__wait {\"ms\": 300}]] [[then]] done";
    let agent = gateway.client.agents().spawn(scripted(task, &["mcp:counter"])).await.expect("an agent");
    counter.until(1).await;
    let message = AgentInput { message: Some("answer in French".into()), ..AgentInput::default() };
    agent.input(message).await.expect("heard");
    let ended = agent.wait_for_completion().await.expect("its end");
    assert_eq!(ended.output.as_deref(), Some("answer in French"), "echo answers what was said last");
    let error = agent.input(AgentInput::default()).await.expect_err("nothing said");
    assert_eq!(error.status(), Some(409));
}
