//! `kill -9` around slots: none fires twice, none is unaccounted for.

use std::collections::HashSet;
use std::io::Write;
use std::time::Duration;

use openclaw_client::{CatchUp, Client, CreateScheduleRequest, EventData, Overlap, ScheduleRunStatus};
use tempfile::TempDir;

use super::super::program::{Program, configure, run, text};
use super::every;

/// How often it is killed; `OPENCLAW_TEST_KILLS` says another number, for longer runs.
const KILLS: u64 = 5;
/// How long a gateway lives at most, in microseconds: a slot comes every second.
const LIFE_MICROS: u64 = 1_800_000;

fn rand() -> u64 {
    u64::from_ne_bytes(openclaw::clock::Clock::system().random())
}

fn client(program: &Program, key: &str) -> Client {
    Client::builder().base_url(&program.url).api_key(key).no_proxy().build().expect("a client")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_around_slots_fire_none_twice_and_lose_none() {
    let kills = std::env::var("OPENCLAW_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway: {api: {port: 0, rate_limit: {requests_per_minute: 0}}}\n");
    let key = run(folder.path(), &["api", "key", "generate", "--name", "load"]);
    let key = text(&key.stdout).trim().to_owned();
    let program = Program::serve(folder.path());
    let schedules = client(&program, &key).schedules();
    let mut ids = Vec::new();
    for (name, overlap, catch_up) in [
        ("skip", Overlap::Skip, CatchUp::Latest),
        ("enqueue", Overlap::Enqueue, CatchUp::None),
        ("cancel", Overlap::CancelRunning, CatchUp::Latest),
    ] {
        let request = CreateScheduleRequest {
            name: name.into(),
            overlap: Some(overlap),
            catch_up: Some(catch_up),
            ..every(1, "[[echo chunk_ms=150]] a b c d e")
        };
        ids.push(schedules.create(request).await.expect("a schedule").id);
    }
    let mut program = program;
    for _ in 0..kills {
        tokio::time::sleep(Duration::from_micros(rand() % LIFE_MICROS)).await;
        program.kill();
        tokio::time::sleep(Duration::from_micros(rand() % LIFE_MICROS / 2)).await;
        program = Program::serve(folder.path());
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let client = client(&program, &key);
    let (mut fired, mut slots) = (0, 0);
    for id in &ids {
        let counted = check(&client, id).await;
        fired += counted.0;
        slots += counted.1;
    }
    assert!(fired > 0);
    let _ = writeln!(std::io::stderr(), "{kills} kills, {slots} slots of which {fired} fired");
}

/// Every slot has one run, every run that fired an agent of its own; says how many fired, and of how many.
async fn check(client: &Client, id: &str) -> (usize, u64) {
    let pause = openclaw_client::UpdateScheduleRequest { enabled: Some(false), ..Default::default() };
    client.schedules().update(id, pause).await.expect("it");
    let mut runs = client.schedules().runs(id).limit(100).all().await.expect("runs");
    runs.sort_by_key(|run| run.slot);
    let mut expected = client.schedules().get(id).await.expect("it").created_at.as_millis() / 1000;
    for run in &runs {
        expected += 1;
        assert_eq!(run.slot.as_millis() / 1000, expected, "a slot is missing or twice: {runs:?}");
        expected += i64::try_from(run.count).expect("few") - 1;
    }
    let fired: Vec<_> = runs.iter().filter(|run| run.status == ScheduleRunStatus::Fired).collect();
    let agents: HashSet<_> = fired.iter().filter_map(|run| run.agent_id.clone()).collect();
    assert_eq!(agents.len(), fired.len(), "each has an agent of its own");
    let events = client.events().list().limit(100).events(["schedule.fired"]).all().await.expect("events");
    let told: Vec<_> = events
        .iter()
        .filter_map(|event| match event.typed() {
            EventData::Schedule(told) if told.schedule_id == id => told.agent_id,
            _ => None,
        })
        .collect();
    assert_eq!(told.len(), fired.len(), "each is told of once");
    assert_eq!(told.into_iter().collect::<HashSet<_>>(), agents);
    let label = client.schedules().get(id).await.expect("it").name;
    let spawned = client.agents().list().limit(100).all().await.expect("agents");
    let spawned = spawned.iter().filter(|agent| agent.label.as_ref() == Some(&label)).count();
    assert_eq!(spawned, fired.len(), "and nobody else was spawned");
    (fired.len(), runs.iter().map(|run| run.count).sum())
}
