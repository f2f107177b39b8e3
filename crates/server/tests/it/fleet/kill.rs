//! `kill -9` of any gateway, again and again, under chats, agents and deliveries: what was acknowledged is there, no effect is
//! repeated unsaid, every agent ends once, every event is told with the same id and body.

use std::collections::{HashMap, HashSet};
use std::io::Write;
use std::time::Duration;

use openclaw_client::{AgentStatus, Client, CreateScheduleRequest, SpawnAgentRequest};
use serde_json::Value;

use super::load::{ANSWERED_TWICE, Load};
use super::takeover::Site;
use crate::agent::counter::Counter;
use crate::agent::crash::{check_ends, check_steps, task};
use crate::agent::{rand, scripted};
use crate::program::Program;
use crate::webhook::receiver::Receiver;

/// How often one is killed; `OPENCLAW_TEST_KILLS` says another number, for longer runs.
const KILLS: usize = 6;
const GATEWAYS: usize = 3;
const CALLERS: usize = 4;
const REPLIES_BEFORE_KILL: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_of_any_gateway_lose_nothing_and_repeat_nothing_unsaid() {
    let kills = std::env::var("OPENCLAW_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let (counter, receiver) = (Counter::start().await, Receiver::start().await);
    let mut site = Site::new(&format!(
        "skills: {{mcp: {{counter: {{url: \"{}\"}}}}}}\nwebhooks: {{endpoints: [{{url: \"{}\", events: [message.sent], \
         secret: 5f3c9a7d5f3c9a7d5f3c9a7d5f3c9a7d}}]}}\n",
        counter.url,
        receiver.url()
    ));
    let mut programs: Vec<Program> = (0..GATEWAYS).map(|_| site.serve()).collect();
    let clients = |site: &Site, programs: &[Program]| programs.iter().map(|program| site.client(program)).collect();
    let tick = CreateScheduleRequest {
        name: "tick".into(),
        every: Some(1),
        agent: SpawnAgentRequest { task: "tick".into(), ..SpawnAgentRequest::default() },
        ..CreateScheduleRequest::default()
    };
    let schedule = site.client(&programs[0]).schedules().create(tick).await.expect("a schedule").id;
    let mut load = Load::start(clients(&site, &programs), CALLERS);
    let mut spawned = HashSet::new();
    for _ in 0..kills {
        let request = SpawnAgentRequest { timeout: Some(3600), ..scripted(&task(), &["mcp:counter"]) };
        spawned.insert(site.client(&programs[0]).agents().spawn(request).await.expect("an agent").id().to_owned());
        tokio::join!(counter.until(counter.asked().len() + 4), load.more(REPLIES_BEFORE_KILL));
        tokio::time::sleep(Duration::from_micros(rand() % 30_000)).await;
        let victim = usize::try_from(rand() % GATEWAYS as u64).expect("small");
        programs.remove(victim).kill();
        programs.push(site.serve());
        load.turn_to(clients(&site, &programs));
    }
    let acknowledged = load.stop().await;
    let client = site.client(&programs[0]);
    check_slots(&client, &schedule).await;
    let interrupted = check_agents(&client, &counter, &spawned).await;
    let repeated = check_deliveries(&receiver, &acknowledged).await;
    assert_eq!(site.database.texts(ANSWERED_TWICE).await, [""; 0]);
    let twice = "SELECT event FROM deliveries GROUP BY event, endpoint HAVING count(*) > 1";
    assert_eq!(site.database.texts(twice).await, [""; 0], "each event is dispatched once");
    let mended = "SELECT id FROM events WHERE tx = 0";
    assert_eq!(site.database.texts(mended).await, [""; 0], "no gateway takes its start under load for a restored dump");
    let chats = load.replies();
    let _ = writeln!(
        std::io::stderr(),
        "{kills} kills: {chats} chats, {} agents, {interrupted} calls told as interrupted, {repeated} POSTs came again",
        spawned.len()
    );
}

/// No slot fired twice.
async fn check_slots(client: &Client, schedule: &str) {
    let runs = client.schedules().runs(schedule).limit(100).all().await.expect("runs");
    client.schedules().delete(schedule).await.expect("deleted");
    let slots: HashSet<_> = runs.iter().map(|run| run.slot).collect();
    assert_eq!(slots.len(), runs.len(), "{runs:?}");
    let fired: Vec<_> = runs.iter().filter_map(|run| run.agent_id.as_ref()).collect();
    let agents: HashSet<_> = fired.iter().collect();
    assert_eq!(agents.len(), fired.len());
}

/// Every agent comes to its end, with each effect had once or told as interrupted.
async fn check_agents(client: &Client, counter: &Counter, spawned: &HashSet<String>) -> usize {
    let mut interrupted = 0;
    for id in spawned {
        let agent = client.agents().wait_for_completion(id).await.expect("its end");
        assert_eq!(agent.status, AgentStatus::Completed, "{agent:?}");
        interrupted += check_steps(client, counter, id).await;
    }
    let mut made: HashMap<String, usize> = HashMap::new();
    for asked in counter.asked().iter().filter(|asked| asked.tool == "add") {
        *made.entry(asked.key.clone()).or_default() += 1;
    }
    assert!(made.values().all(|times| *times == 1), "an effect was repeated: {made:?}");
    check_ends(client, spawned).await;
    interrupted
}

/// Every acknowledged reply is told of, the same event in the same bytes; says how many came again.
async fn check_deliveries(receiver: &Receiver, acknowledged: &HashSet<String>) -> usize {
    let mut bodies: HashMap<String, String> = HashMap::new();
    let mut told = HashSet::new();
    let (mut seen, mut again) = (0, 0);
    while !acknowledged.is_subset(&told) {
        for received in receiver.received().into_iter().skip(seen) {
            seen += 1;
            let event: Value = serde_json::from_str(&received.body).expect("JSON");
            told.insert(event["data"]["message_id"].as_str().expect("an id").to_owned());
            match bodies.get(event["id"].as_str().expect("an id")) {
                Some(first) => {
                    assert_eq!(*first, received.body, "the same event has the same body");
                    again += 1;
                }
                None => {
                    bodies.insert(event["id"].as_str().expect("an id").to_owned(), received.body);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    again
}
