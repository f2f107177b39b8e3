//! Ten thousand schedules that have nothing to do cost next to nothing.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use openclaw::store::{NextSlot, StoredSchedule};
use openclaw_core::{IdKind, ScheduleSource};

use super::super::gateway::Gateway;
use super::every;

const SCHEDULES: usize = 10_000;
const MEASURED: Duration = Duration::from_secs(5);
/// Of a core.
const SHARE_MAX: f64 = 0.01;

/// Processor time that this process has used, in ticks of 10 ms.
fn ticks() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells");
    let fields: Vec<&str> = stat.rsplit(')').next().expect("the fields").split_whitespace().collect();
    fields[11].parse::<f64>().expect("user time") + fields[12].parse::<f64>().expect("system time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_idle_schedules_cost_under_a_hundredth_of_a_core() {
    let gateway = Gateway::start().await;
    let now = gateway.app.clock.now();
    let later = now.plus_millis(86_400_000);
    let stored = (0..SCHEDULES).map(|_| StoredSchedule {
        row: 0,
        id: gateway.app.clock.id(IdKind::Schedule),
        workspace: "default".into(),
        key_id: "root".into(),
        source: ScheduleSource::Api,
        request: every(86_400, "hi"),
        anchor: now,
        next: Some(NextSlot { slot: later, at: later, is_late: false }),
        last_run: None,
        created_at: now,
        updated_at: now,
    });
    let stored: Vec<_> = stored.collect();
    for chunk in stored.chunks(1000) {
        let made = join_all(chunk.iter().map(|schedule| gateway.app.store.create_schedule(schedule.clone()))).await;
        assert!(made.iter().all(Result::is_ok));
    }
    gateway.app.schedule_changed.ring();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (before, begun) = (ticks(), Instant::now());
    tokio::time::sleep(MEASURED).await;
    let share = (ticks() - before) / 100.0 / begun.elapsed().as_secs_f64();
    assert!(share < SHARE_MAX, "idle, {SCHEDULES} schedules cost {:.2} % of a core", share * 100.0);
}
