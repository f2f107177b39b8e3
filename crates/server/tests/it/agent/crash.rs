//! `kill -9` in the middle of work: no step is lost, no effect is repeated unsaid, every agent ends exactly once.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::time::Duration;

use openclaw_client::{AgentStatus, AgentStepKind, AgentStepStatus, Client, EventData, EventName, SpawnAgentRequest};
use tempfile::TempDir;

use super::super::program::{Program, configure, run, text};
use super::counter::Counter;
use super::{rand, scripted};

/// How often it is killed; `OPENCLAW_TEST_KILLS` says another number, for longer runs.
const KILLS: u64 = 8;
const AGENTS_A_ROUND: usize = 4;
const EFFECTS_AN_AGENT: usize = 8;
/// Calls to wait for before each kill, which then falls anywhere in the next ones.
const CALLS_BEFORE_KILL: usize = 10;

/// Reads and effects, each step with arguments of its own.
pub(crate) fn task() -> String {
    let steps = (0..EFFECTS_AN_AGENT).map(|n| {
        format!("[[tool counter__look {{\"n\": {n}}}]] [[then]] [[tool counter__add {{\"n\": {n}}}]] [[then]]")
    });
    format!("{} done", steps.collect::<String>())
}

/// A folder with a configured gateway whose agents may be granted `mcp:counter`, and a key to it.
fn folder(counter: &Counter) -> (TempDir, String) {
    let folder = TempDir::new().expect("a folder");
    let yaml = format!(
        "gateway: {{api: {{port: 0, rate_limit: {{requests_per_minute: 0}}}}}}\nskills: {{mcp: {{counter: {{url: \"{}\"}}}}}}\n",
        counter.url
    );
    configure(folder.path(), &yaml);
    let key = run(folder.path(), &["api", "key", "generate", "--name", "load"]);
    let key = text(&key.stdout).trim().to_owned();
    (folder, key)
}

fn client(program: &Program, key: &str) -> Client {
    Client::builder().base_url(&program.url).api_key(key).max_retries(0).no_proxy().build().expect("a client")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_parent_that_waits_survives_with_its_children() {
    let counter = Counter::start().await;
    let (folder, key) = folder(&counter);
    // The child's script is inside a string, so its brackets are written as escapes.
    let task = r#"[[tool agent_spawn {"task": "\u005b\u005btool counter__wait {\"ms\": 500}\u005d\u005d \u005b\u005bthen\u005d\u005d found", "skills": ["mcp:counter"]}]]
        [[then]] [[tool agent_wait]] [[then]] {{result}}"#;
    let program = Program::serve(folder.path());
    let spawned = client(&program, &key).agents().spawn(scripted(task, &["mcp:counter", "agent_spawn"])).await;
    let id = spawned.expect("an agent").id().to_owned();
    counter.until(1).await;
    program.kill();

    let program = Program::serve(folder.path());
    let agents = client(&program, &key).agents();
    let parent = agents.wait_for_completion(&id).await.expect("its end");
    assert_eq!(parent.status, AgentStatus::Completed, "{parent:?}");
    assert!(parent.output.expect("an answer").contains("\"output\":\"found\""));
    let children = agents.children(&id).all().await.expect("children");
    assert_eq!(children.len(), 1, "the child was not spawned twice");
    let keys: HashSet<String> = counter.asked().into_iter().map(|asked| asked.key).collect();
    assert_eq!((keys.len(), counter.asked().len()), (1, 2), "a read is made again, with the same key");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shutdown_lets_a_step_end_and_the_next_start_goes_on() {
    let counter = Counter::start().await;
    let (folder, key) = folder(&counter);
    let task = "[[tool counter__wait {\"ms\": 300}]] [[then]] [[tool counter__add]] [[then]] done";
    let program = Program::serve(folder.path());
    let spawned = client(&program, &key).agents().spawn(scripted(task, &["mcp:counter"])).await;
    let id = spawned.expect("an agent").id().to_owned();
    counter.until(1).await;
    program.signal("TERM");
    assert_eq!(program.wait(), Some(0));

    let program = Program::serve(folder.path());
    let agent = client(&program, &key).agents().wait_for_completion(&id).await.expect("its end");
    assert_eq!(agent.status, AgentStatus::Completed, "{agent:?}");
    let tools: Vec<_> = counter.asked().into_iter().map(|asked| asked.tool).collect();
    assert_eq!(tools, ["wait", "add"], "what was under way ended and was kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_at_any_point_repeat_no_effect_and_lose_no_step() {
    let kills = std::env::var("OPENCLAW_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let counter = Counter::start().await;
    let (folder, key) = folder(&counter);
    let mut spawned = HashSet::new();
    for _ in 0..kills {
        let program = Program::serve(folder.path());
        let client = client(&program, &key);
        let calls = counter.asked().len() + CALLS_BEFORE_KILL;
        for _ in 0..AGENTS_A_ROUND {
            let request = SpawnAgentRequest { timeout: Some(3600), ..scripted(&task(), &["mcp:counter"]) };
            spawned.insert(client.agents().spawn(request).await.expect("an agent").id().to_owned());
        }
        counter.until(calls).await;
        tokio::time::sleep(Duration::from_micros(rand() % 30_000)).await;
        program.kill();
    }

    let program = Program::serve(folder.path());
    let client = client(&program, &key);
    let mut interrupted = 0;
    let mut made: HashMap<String, usize> = HashMap::new();
    for asked in counter.asked().iter().filter(|asked| asked.tool == "add") {
        *made.entry(asked.key.clone()).or_default() += 1;
    }
    assert!(made.values().all(|times| *times == 1), "an effect was repeated: {made:?}");
    for id in &spawned {
        let agent = client.agents().wait_for_completion(id).await.expect("its end");
        assert_eq!(
            (agent.status, agent.output.as_deref().map(str::trim)),
            (AgentStatus::Completed, Some("done")),
            "{agent:?}"
        );
        interrupted += check_steps(&client, &counter, id).await;
    }
    check_ends(&client, &spawned).await;
    let _ =
        writeln!(std::io::stderr(), "{kills} kills, {} agents, {interrupted} calls told as interrupted", spawned.len());
}

/// Every effect was had once, or is told as interrupted; says how many are.
pub(crate) async fn check_steps(client: &Client, counter: &Counter, id: &str) -> usize {
    let mut had: BTreeMap<String, usize> = BTreeMap::new();
    for asked in counter.asked().iter().filter(|asked| asked.tool == "add" && asked.key.starts_with(id)) {
        *had.entry(asked.arguments["n"].to_string()).or_default() += 1;
    }
    let steps = client.agents().steps(id).limit(100).all().await.expect("steps");
    assert!(steps.iter().zip(1..).all(|(step, number)| step.number == number));
    let effects = steps.iter().filter(|step| step.tool.as_deref() == Some("counter__add"));
    let mut interrupted = 0;
    let mut told = 0;
    for step in effects {
        let arguments: serde_json::Value =
            serde_json::from_str(step.arguments.as_deref().expect("arguments")).expect("JSON");
        let times = had.get(&arguments["n"].to_string()).copied().unwrap_or(0);
        match step.status {
            AgentStepStatus::Completed => assert_eq!(times, 1, "an effect that is told was had: {step:?}"),
            AgentStepStatus::Interrupted => {
                assert!(times <= 1, "{step:?}");
                interrupted += 1;
            }
            AgentStepStatus::Running | AgentStepStatus::Failed => panic!("{step:?}"),
        }
        told += 1;
    }
    assert_eq!(told, EFFECTS_AN_AGENT, "no step is lost");
    let answers =
        steps.iter().filter(|step| step.kind == AgentStepKind::Model && step.status == AgentStepStatus::Completed);
    assert_eq!(answers.count(), 2 * EFFECTS_AN_AGENT + 1);
    interrupted
}

/// Every agent was spawned once and ended once.
pub(crate) async fn check_ends(client: &Client, spawned: &HashSet<String>) {
    let mut told: HashMap<String, Vec<EventName>> = HashMap::new();
    for event in client
        .events()
        .list()
        .limit(100)
        .events(["agent.spawned", "agent.completed", "agent.error"])
        .all()
        .await
        .expect("events")
    {
        let (Some(name), EventData::Agent(agent)) = (event.name(), event.typed()) else { panic!("{event:?}") };
        if spawned.contains(&agent.agent_id) {
            told.entry(agent.agent_id).or_default().push(name);
        }
    }
    assert_eq!(told.len(), spawned.len());
    let expected = [EventName::AgentSpawned, EventName::AgentCompleted];
    assert!(told.values().all(|names| names.as_slice() == expected), "{told:?}");
}
