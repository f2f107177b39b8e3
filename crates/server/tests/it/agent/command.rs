//! `openclaw agents`: the real program, asking a running gateway.

use openclaw_client::SpawnAgentRequest;

use super::super::program::{self, text};
use super::{gateway, run, scripted};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tree_is_drawn_with_its_facts() {
    let gateway = gateway(|_| {}).await;
    let task = r#"[[tool agent_spawn {"task": "find it", "label": "search"}]] [[tool agent_spawn {"task": "report it"}]]
        [[then]] [[tool agent_wait]] [[then]] joined"#;
    let parent =
        run(&gateway, SpawnAgentRequest { label: Some("main".into()), ..scripted(task, &["agent_spawn"]) }).await;
    let openclaw = |arguments: &[&str]| {
        let mut all = arguments.to_vec();
        all.extend(["--url", &gateway.url, "--key", &gateway.key]);
        let output = program::run(gateway.folder.path(), &all);
        (output.status.success(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
    };
    let (_, tree) = openclaw(&["agents", "tree", &parent.id]);
    let lines: Vec<&str> = tree.lines().collect();
    let [main, search, report] = lines.as_slice() else { panic!("{tree}") };
    assert!(main.starts_with(&parent.id) && main.contains("completed") && main.ends_with("main"), "{tree}");
    assert!(search.starts_with("├── agt_") && search.ends_with("search"), "{tree}");
    assert!(report.starts_with("└── agt_") && report.ends_with("report it"), "{tree}");
    assert!(main.contains(&format!("{} tok", parent.usage.tokens())), "{tree}");

    let (_, list) = openclaw(&["agents", "list", "--status", "completed"]);
    assert_eq!(list.lines().count(), 4, "{list}");
    let (_, json) = openclaw(&["agents", "get", &parent.id]);
    assert_eq!(serde_json::from_str::<openclaw_client::Agent>(&json).expect("JSON"), parent);
    let stalls = gateway.client.agents().spawn(scripted("[[echo stall_after=1]]a b", &[])).await.expect("an agent");
    let (_, told) = openclaw(&["agents", "cancel", stalls.id()]);
    assert_eq!(told.trim(), format!("{} is cancelled", stalls.id()));
    let (success, told) = openclaw(&["agents", "tree", "agt_none"]);
    assert!(!success && told.contains("there is no agent"), "{told}");
}
