//! Sub-agents: spawned by models and by callers, joined, bounded, ended with their parents.

use openclaw_client::{Agent, AgentBudgetRequest, AgentStatus, SpawnAgentRequest, ToolApproval, ToolApprovals};

use super::{code, gateway, run, scripted, with_counter};

/// Three sub-agents at once, joined and answered.
const TEAM: &str = r#"Three parts.
    [[tool agent_spawn {"task": "search result", "label": "search"}]]
    [[tool agent_spawn {"task": "analysis result", "label": "analyse"}]]
    [[tool agent_spawn {"task": "report result", "label": "report"}]]
    [[then]] [[tool agent_wait]] [[then]] Joined: {{result}}"#;

fn child_of(parent: &str, task: &str) -> SpawnAgentRequest {
    SpawnAgentRequest { parent_id: Some(parent.into()), ..scripted(task, &[]) }
}

#[tokio::test]
async fn m13_three_sub_agents_in_parallel_joined_and_answered() {
    // One runner is enough: a parent that waits holds none.
    let gateway = gateway(|config| config.agents.concurrency_max = 1).await;
    let parent = run(&gateway, scripted(TEAM, &["agent_spawn"])).await;
    assert_eq!(parent.status, AgentStatus::Completed, "{parent:?}");
    let output = parent.output.expect("an answer");
    for part in ["search result", "analysis result", "report result"] {
        assert!(output.contains(part), "{part} is missing in {output}");
    }
    assert!(output.contains("<data from=\"agent_wait\">"), "others' words are data: {output}");
    let children: Vec<Agent> = gateway.client.agents().children(&parent.id).all().await.expect("children");
    let labels: Vec<_> = children.iter().rev().map(|child| child.label.as_deref()).collect();
    assert_eq!(labels, [Some("search"), Some("analyse"), Some("report")]);
    for child in &children {
        assert_eq!(
            (child.parent_id.as_deref(), child.root_id.as_str(), child.depth),
            (Some(&*parent.id), &*parent.id, 1)
        );
        assert_eq!(
            (child.status, child.skills.len()),
            (AgentStatus::Completed, 0),
            "a child spawns nobody unless told"
        );
        assert!(child.expires_at <= parent.expires_at);
    }
}

#[tokio::test]
async fn any_of_them_is_enough_if_the_parent_says_so_and_the_rest_ends_with_it() {
    let gateway = gateway(|_| {}).await;
    // The child's script is inside a string, so its brackets are written as escapes.
    let task = r#"[[tool agent_spawn {"task": "\u005b\u005becho stall_after=1\u005d\u005dslow one", "label": "slow"}]]
        [[tool agent_spawn {"task": "quick", "label": "quick"}]]
        [[then]] [[tool agent_wait {"mode": "any"}]] [[then]] {{result}}"#;
    let parent = run(&gateway, scripted(task, &["agent_spawn"])).await;
    assert_eq!(parent.status, AgentStatus::Completed, "{parent:?}");
    assert!(parent.output.expect("an answer").contains("\"output\":\"quick\""));
    let children = gateway.client.agents().children(&parent.id).all().await.expect("children");
    let ends: Vec<_> = children.iter().map(|child| (child.label.as_deref(), child.status, code(child))).collect();
    assert_eq!(
        ends,
        [(Some("quick"), AgentStatus::Completed, ""), (Some("slow"), AgentStatus::Cancelled, "by_parent")]
    );
}

#[tokio::test]
async fn a_cancelled_tree_falls_as_a_whole() {
    let gateway = gateway(|_| {}).await;
    let agents = gateway.client.agents();
    let stalls = "[[echo stall_after=1]]a b";
    let root = agents.spawn(scripted(stalls, &[])).await.expect("a root");
    let child = agents.spawn(child_of(root.id(), stalls)).await.expect("a child");
    let grandchild = agents.spawn(child_of(child.id(), stalls)).await.expect("a grandchild");
    let beside = agents.spawn(scripted(stalls, &[])).await.expect("another");
    assert_eq!(grandchild.snapshot().depth, 2);
    root.cancel().await.expect("cancelled");
    for (agent, why) in [(&root, "by_user"), (&child, "by_parent"), (&grandchild, "by_parent")] {
        let agent = agent.refresh().await.expect("the agent");
        assert_eq!((agent.status, code(&agent)), (AgentStatus::Cancelled, why));
    }
    assert!(!beside.refresh().await.expect("the agent").status.is_ended());
    let error = agents.spawn(child_of(root.id(), "late")).await.expect_err("the parent has ended");
    assert_eq!((error.status(), error.code()), (Some(409), Some("parent_ended")));
}

#[tokio::test]
async fn trees_are_bounded_in_depth_width_and_number() {
    let gateway = gateway(|config| {
        config.agents.depth_max = 1;
        config.agents.children_max = 2;
        config.agents.descendants_max = 3;
    })
    .await;
    let agents = gateway.client.agents();
    let root = agents.spawn(scripted("[[echo stall_after=1]]a b", &[])).await.expect("a root");
    let first = agents.spawn(child_of(root.id(), "[[echo stall_after=1]]a b")).await.expect("a child");
    let error = agents.spawn(child_of(first.id(), "deeper")).await.expect_err("too deep");
    assert_eq!((error.status(), error.code()), (Some(400), Some("depth_exceeded")));
    let second = agents.spawn(child_of(root.id(), "[[echo stall_after=1]]a b")).await.expect("a child");
    let error = agents.spawn(child_of(root.id(), "third")).await.expect_err("too many at once");
    assert_eq!((error.status(), error.code()), (Some(409), Some("children_exceeded")));
    second.cancel().await.expect("cancelled");
    agents.spawn(child_of(root.id(), "third")).await.expect("a child").wait_for_completion().await.expect("its end");
    let error = agents.spawn(child_of(root.id(), "fourth")).await.expect_err("too many in all");
    assert_eq!((error.status(), error.code()), (Some(409), Some("descendants_exceeded")));
}

#[tokio::test]
async fn a_child_has_no_more_than_its_parent() {
    let (gateway, _counter) = with_counter(|_| {}).await;
    let agents = gateway.client.agents();
    let root = SpawnAgentRequest {
        budget: Some(AgentBudgetRequest { max_steps: Some(9), max_tokens: Some(9_000) }),
        approvals: Some(ToolApprovals::from([("counter__look".to_owned(), ToolApproval::AlwaysAsk)])),
        ..scripted("[[echo stall_after=1]]a b", &["mcp:counter"])
    };
    let root = agents.spawn(root).await.expect("a root");
    // Its model is asked while it has tokens of its own.
    while root.steps().all().await.expect("steps").is_empty() {}
    let error = agents.spawn(SpawnAgentRequest { skills: Some(vec!["file_read".into()]), ..child_of(root.id(), "a") });
    assert_eq!(error.await.expect_err("not the parent's").code(), Some("skill_not_granted"));

    let stalls = "[[echo stall_after=1]]a b";
    let share = agents.spawn(child_of(root.id(), stalls)).await.expect("a child").snapshot().budget;
    assert_eq!((share.max_steps, share.max_tokens), (9, 1_000), "an equal share of what is left");
    let greedy = SpawnAgentRequest {
        budget: Some(AgentBudgetRequest { max_steps: Some(50), max_tokens: Some(100_000) }),
        ..child_of(root.id(), stalls)
    };
    let greedy = agents.spawn(greedy).await.expect("a child");
    assert_eq!(greedy.snapshot().budget.max_tokens, 8_000, "all that is left and no more");
    let last = agents.spawn(child_of(root.id(), "nothing left")).await.expect("a child");
    let last = last.wait_for_completion().await.expect("its end");
    assert_eq!((last.budget.max_tokens, code(&last)), (0, "budget_exceeded"));
    greedy.cancel().await.expect("cancelled");
    let later = agents.spawn(child_of(root.id(), stalls)).await.expect("a child");
    assert!(later.snapshot().budget.max_tokens > 0, "what was not used is given back");

    let loose = SpawnAgentRequest {
        approvals: Some(ToolApprovals::from([("counter__look".to_owned(), ToolApproval::AlwaysAllow)])),
        skills: Some(vec!["mcp:counter".into()]),
        budget: Some(AgentBudgetRequest { max_steps: None, max_tokens: Some(500) }),
        ..child_of(root.id(), "[[tool counter__look]] [[then]] done")
    };
    later.cancel().await.expect("cancelled");
    let loose = agents.spawn(loose).await.expect("a child").wait_for_completion().await.expect("it waits");
    assert_eq!(loose.status, AgentStatus::RequiresAction, "{loose:?}");
}

#[tokio::test]
async fn what_is_wrong_with_a_sub_agent_is_told_to_the_model() {
    let gateway = gateway(|_| {}).await;
    for (task, told) in [
        (r#"[[tool agent_spawn {"task": ""}]] [[then]] {{result}}"#, "`task` must not be empty"),
        (r#"[[tool agent_spawn {"task": "a", "skills": ["file_read"]}]] [[then]] {{result}}"#, "was not granted"),
        (r#"[[tool agent_spawn {"task": "a", "model": "gpt-9"}]] [[then]] {{result}}"#, "gpt-9"),
        (r"[[tool agent_wait]] [[then]] {{result}}", "no sub-agent to wait for"),
        (
            r#"[[tool agent_spawn {"task": "a"}]] [[then]] [[tool agent_wait {"ids": ["agt_x"]}]] [[then]] {{result}}"#,
            "no sub-agent of yours",
        ),
    ] {
        let agent = run(&gateway, scripted(task, &["agent_spawn"])).await;
        assert!(agent.output.as_deref().expect("an answer").contains(told), "{told}: {agent:?}");
    }
}
