//! Schedules: slots that fire, wait or are skipped, by a clock that is moved by hand.

mod command;
mod crash;
mod idle;
mod named;
mod outage;

use std::time::Duration;

use openclaw::clock::Clock;
use openclaw_client::{
    AgentStatus, CreateScheduleRequest, Error, EventData, Overlap, RequestOptions, RunTrigger, Schedule, ScheduleRun,
    ScheduleRunStatus, Scope, SkipReason, SpawnAgentRequest, Timestamp, UpdateScheduleRequest,
};
use reqwest::Method;
use serde_json::{Value, json};

use super::gateway::Gateway;

/// 2026-11-23, a Monday, 07:59:30 in Shanghai.
const START: &str = "2026-11-22T23:59:30Z";
const STALLS: &str = "[[echo stall_after=1]]a b";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

async fn gateway() -> Gateway {
    Gateway::at(Clock::manual(at(START)), |_| {}).await
}

/// A schedule of that many seconds whose agent has that task.
fn every(seconds: u64, task: &str) -> CreateScheduleRequest {
    CreateScheduleRequest {
        name: "report".into(),
        every: Some(seconds),
        agent: SpawnAgentRequest { task: task.into(), ..SpawnAgentRequest::default() },
        ..CreateScheduleRequest::default()
    }
}

async fn create(gateway: &Gateway, request: CreateScheduleRequest) -> Schedule {
    gateway.client.schedules().create(request).await.expect("a schedule")
}

fn advance(gateway: &Gateway, seconds: u64) {
    gateway.app.clock.advance(Duration::from_secs(seconds));
}

/// A schedule's runs, oldest first, once there are so many and none is otherwise than asked for.
async fn runs(gateway: &Gateway, id: &str, count: usize) -> Vec<ScheduleRun> {
    until(gateway, id, |runs| runs.len() >= count).await
}

/// The same, once they are as asked for.
async fn until(gateway: &Gateway, id: &str, is_so: impl Fn(&[ScheduleRun]) -> bool) -> Vec<ScheduleRun> {
    for _ in 0..2000 {
        gateway.app.schedule_changed.ring();
        let mut runs = gateway.client.schedules().runs(id).limit(100).all().await.expect("runs");
        runs.reverse();
        if is_so(&runs) {
            return runs;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{:?}", gateway.client.schedules().runs(id).all().await);
}

fn told(runs: &[ScheduleRun]) -> Vec<(String, ScheduleRunStatus, Option<SkipReason>)> {
    runs.iter().map(|run| (run.slot.to_string(), run.status, run.reason)).collect()
}

#[tokio::test]
async fn a_slot_spawns_its_agent_and_tells_of_it() {
    let gateway = gateway().await;
    let schedule = create(
        &gateway,
        CreateScheduleRequest {
            every: None,
            cron: Some("0 8 * * MON-FRI".into()),
            timezone: Some("Asia/Shanghai".into()),
            ..every(0, "good morning")
        },
    )
    .await;
    assert!(schedule.id.starts_with("sch_") && schedule.last_run.is_none());
    let next: Vec<_> = schedule.next_fire_times.iter().map(ToString::to_string).collect();
    let days = ["23", "24", "25", "26", "27"].map(|day| format!("2026-11-{day}T00:00:00Z"));
    assert_eq!(next, days);

    advance(&gateway, 30);
    let runs = runs(&gateway, &schedule.id, 1).await;
    assert_eq!(told(&runs), [(days[0].clone(), ScheduleRunStatus::Fired, None)]);
    let agent_id = runs[0].agent_id.clone().expect("an agent");
    let agent = gateway.client.agents().wait_for_completion(&agent_id).await.expect("its end");
    assert_eq!((agent.output.as_deref(), agent.label.as_deref()), (Some("good morning"), Some("report")));

    let shown = gateway.client.schedules().get(&schedule.id).await.expect("it");
    assert_eq!(shown.next_fire_times[0].to_string(), days[1]);
    assert_eq!(shown.last_run.as_ref(), Some(&runs[0]));
    let events = gateway.client.events().list().events(["schedule.*", "agent.spawned"]).all().await.expect("events");
    let [EventData::Agent(spawned), EventData::Schedule(fired)] = [events[0].typed(), events[1].typed()] else {
        panic!("{events:?}")
    };
    assert_eq!((events[1].event.as_str(), fired.agent_id.as_ref()), ("schedule.fired", Some(&spawned.agent_id)));
    assert_eq!((fired.name.as_str(), fired.slot), ("report", runs[0].slot));
}

#[tokio::test]
async fn what_is_wrong_is_refused_by_its_field() {
    let gateway = gateway().await;
    let whole = json!({"name": "report", "cron": "0 8 * * *", "agent": {"task": "t"}});
    for (change, param) in [
        (json!({"cron": "0 0 31 2 *"}), "cron"),
        (json!({"cron": "* * * * * *"}), "cron"),
        (json!({"every": 60}), "cron"),
        (json!({"cron": null, "at": "2020-01-01T00:00:00Z"}), "at"),
        (json!({"cron": null, "every": 0}), "every"),
        (json!({"timezone": "Mars/Olympus"}), "timezone"),
        (json!({"name": " "}), "name"),
        (json!({"agent": {"task": ""}}), "agent.task"),
        (json!({"agent": {"task": "t", "model": "no-such"}}), "agent.model"),
        (json!({"agent": {"task": "t", "skills": ["no_such"]}}), "agent.skills"),
        (json!({"agent": {"task": "t", "parent_id": "agt_1"}}), "agent.parent_id"),
        (json!({"agent": {"task": "t", "callback": {"endpoints": []}}}), "agent.callback"),
        (json!({"deliver_to": ["whe_none"]}), "deliver_to"),
        (json!({"overlap": "maybe"}), "overlap"),
        (json!({"grace": 604_801}), "grace"),
        (json!({"jitter": 3601}), "jitter"),
    ] {
        let mut body = whole.clone();
        body.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        let answer = gateway.post("/api/v1/schedules", body.to_string()).send().await.expect("an answer");
        assert_eq!(answer.status(), 400, "{change}");
        let told: Value = answer.json().await.expect("JSON");
        assert_eq!(told["error"]["param"], param, "{change}: {told}");
    }
}

#[tokio::test]
async fn a_slot_that_comes_too_early_is_skipped_waits_or_takes_over() {
    let gateway = gateway().await;
    let with = |overlap| CreateScheduleRequest { overlap: Some(overlap), ..every(10, STALLS) };
    let skip = create(&gateway, with(Overlap::Skip)).await.id;
    let enqueue = create(&gateway, with(Overlap::Enqueue)).await.id;
    let cancel = create(&gateway, with(Overlap::CancelRunning)).await.id;
    for count in 1..=2 {
        advance(&gateway, 10);
        for id in [&skip, &enqueue, &cancel] {
            runs(&gateway, id, count).await;
        }
    }
    let statuses =
        async |id: &str| runs(&gateway, id, 2).await.iter().map(|run| (run.status, run.reason)).collect::<Vec<_>>();
    let fired = (ScheduleRunStatus::Fired, None);
    assert_eq!(statuses(&skip).await, [fired, (ScheduleRunStatus::Skipped, Some(SkipReason::Overlap))]);
    assert_eq!(statuses(&enqueue).await, [fired, (ScheduleRunStatus::Waiting, None)]);
    assert_eq!(statuses(&cancel).await, [fired, fired]);
    let agents = gateway.client.agents();
    let replaced = runs(&gateway, &cancel, 2).await[0].agent_id.clone().expect("an agent");
    let replaced = agents.get(&replaced).await.expect("it");
    assert_eq!(replaced.error.expect("why").code, "by_schedule");

    let first = runs(&gateway, &enqueue, 2).await[0].agent_id.clone().expect("an agent");
    agents.cancel(&first).await.expect("its end");
    let both = until(&gateway, &enqueue, |runs| runs[1].status == ScheduleRunStatus::Fired).await;
    assert_ne!(both[1].agent_id.as_ref(), Some(&first), "what waited has an agent of its own");
    let running = agents.list().status(AgentStatus::Cancelled).all().await.expect("agents");
    assert_eq!(running.len(), 2, "no more than those two were cancelled");
}

#[tokio::test]
async fn only_so_many_slots_wait() {
    let gateway = gateway().await;
    let id = create(&gateway, CreateScheduleRequest { overlap: Some(Overlap::Enqueue), ..every(10, STALLS) }).await.id;
    for count in 1..=18 {
        advance(&gateway, 10);
        runs(&gateway, &id, count).await;
    }
    let runs = runs(&gateway, &id, 18).await;
    assert_eq!(runs.iter().filter(|run| run.status == ScheduleRunStatus::Waiting).count(), 16);
    assert_eq!(runs[17].reason, Some(SkipReason::WaitingFull));
}

#[tokio::test]
async fn a_paused_schedule_has_no_slots_and_may_still_be_run() {
    let gateway = gateway().await;
    let schedules = gateway.client.schedules();
    let id = create(&gateway, every(60, "hi")).await.id;
    let pause = |enabled| UpdateScheduleRequest { enabled: Some(enabled), ..UpdateScheduleRequest::default() };
    let paused = schedules.update(&id, pause(false)).await.expect("it");
    assert!(!paused.enabled && paused.next_fire_times.is_empty());
    advance(&gateway, 600);

    let once = RequestOptions::new().idempotency_key("one");
    let run = schedules.clone().with(once.clone()).run(&id).await.expect("a run");
    assert_eq!((run.trigger, run.status), (RunTrigger::Manual, ScheduleRunStatus::Fired));
    assert_eq!(schedules.clone().with(once).run(&id).await.expect("the same run"), run);
    let agent = gateway.client.agents().wait_for_completion(run.agent_id.as_deref().expect("an agent")).await;
    assert_eq!(agent.expect("its end").output.as_deref(), Some("hi"));

    let resumed = schedules.update(&id, pause(true)).await.expect("it");
    let minutes: Vec<_> = resumed.next_fire_times.iter().map(ToString::to_string).collect();
    assert_eq!(minutes[0], "2026-11-23T00:10:30Z", "counted from now, with nothing to catch up with");
    advance(&gateway, 60);
    let both = runs(&gateway, &id, 2).await;
    assert_eq!(told(&both)[1], ("2026-11-23T00:10:30Z".into(), ScheduleRunStatus::Fired, None));
}

#[tokio::test]
async fn a_change_of_the_timing_counts_from_now_and_others_leave_it() {
    let gateway = gateway().await;
    let schedules = gateway.client.schedules();
    let made = create(&gateway, every(60, "hi")).await;
    advance(&gateway, 20);
    let renamed = UpdateScheduleRequest { name: Some("other".into()), ..UpdateScheduleRequest::default() };
    let renamed = schedules.update(&made.id, renamed).await.expect("it");
    assert_eq!((renamed.name.as_str(), &renamed.next_fire_times), ("other", &made.next_fire_times));
    let once = UpdateScheduleRequest { at: Some(at("2026-11-23T12:00:00Z")), ..UpdateScheduleRequest::default() };
    let once = schedules.update(&made.id, once).await.expect("it");
    assert_eq!((once.every, once.next_fire_times.len()), (None, 1), "{once:?}");
    let never = UpdateScheduleRequest { cron: Some("0 0 30 2 *".into()), ..UpdateScheduleRequest::default() };
    assert!(schedules.update(&made.id, never).await.is_err());

    advance(&gateway, 12 * 3600 + 20);
    let run = runs(&gateway, &made.id, 1).await;
    assert_eq!(run[0].slot, at("2026-11-23T12:00:00Z"));
    assert!(schedules.get(&made.id).await.expect("it").next_fire_times.is_empty(), "there is no other");
    schedules.delete(&made.id).await.expect("gone");
    assert!(schedules.get(&made.id).await.is_err());
}

#[tokio::test]
async fn an_agent_that_cannot_be_spawned_any_more_is_told_as_a_slot_skipped() {
    let gateway = Gateway::at(Clock::manual(at(START)), |config| {
        config.models.aliases.insert("mine".into(), "echo".into());
    })
    .await;
    let mut request = every(10, "hi");
    request.agent.model = Some("mine".into());
    let id = create(&gateway, request).await.id;
    let mut config = gateway.app.live.load().config.clone();
    config.models.aliases.clear();
    gateway.app.reload(config).expect("it is in force");
    advance(&gateway, 10);
    let run = runs(&gateway, &id, 1).await;
    assert_eq!(run[0].reason, Some(SkipReason::AgentRefused));
    assert!(run[0].message.as_deref().expect("why").contains("mine"), "{run:?}");
    let events = gateway.client.events().list().events(["schedule.skipped"]).all().await.expect("events");
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn a_key_needs_both_scopes_and_sees_its_own_workspace() {
    let gateway = gateway().await;
    let id = create(&gateway, every(60, "hi")).await.id;
    let code = |error: Error| error.code().map(str::to_owned);
    let reader = gateway.client_of(&gateway.key_of("default", Some(vec![Scope::Schedules])).await);
    assert_eq!(reader.schedules().get(&id).await.expect("it").id, id);
    let refused = reader.schedules().create(every(60, "hi")).await.expect_err("it may spawn nobody");
    assert_eq!(code(refused).as_deref(), Some("scope_missing"));
    let elsewhere = gateway.client_of(&gateway.key_of("other", None).await);
    assert!(elsewhere.schedules().list().all().await.expect("a list").is_empty());
    assert_eq!(
        code(elsewhere.schedules().run(&id).await.expect_err("not theirs")).as_deref(),
        Some("schedule_not_found")
    );
    assert_eq!(gateway.anonymous(Method::GET, "/api/v1/schedules").send().await.expect("an answer").status(), 401);
}
