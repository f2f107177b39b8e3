//! `openclaw schedules`: the real program, asking a running gateway.

use super::super::program::{self, text};
use super::Gateway;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_schedule_is_made_shown_paused_run_and_deleted() {
    let gateway = Gateway::start().await;
    let openclaw = |arguments: &[&str]| {
        let mut all = vec!["schedules"];
        all.extend(arguments);
        all.extend(["--url", &gateway.url, "--key", &gateway.key]);
        let output = program::run(gateway.folder.path(), &all);
        (output.status.success(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
    };
    let (success, made) = openclaw(&[
        "create",
        "--name",
        "nightly",
        "--cron",
        "0 8 * * MON-FRI",
        "--timezone",
        "Asia/Shanghai",
        "--task",
        "hi",
        "--overlap",
        "enqueue",
    ]);
    assert!(success && made.lines().count() == 6 && made.starts_with("sch_"), "{made}");
    let id = made.lines().next().expect("an id");
    let (_, list) = openclaw(&["list"]);
    assert!(list.contains(id) && list.contains("0 8 * * MON-FRI Asia/Shanghai") && list.contains("nightly"), "{list}");
    let (_, paused) = openclaw(&["pause", id]);
    assert_eq!(paused.trim(), format!("{id}: next paused"));
    let (_, run) = openclaw(&["run", id]);
    assert!(run.contains("fired") && run.contains("manual") && run.contains("agt_"), "{run}");
    let (_, resumed) = openclaw(&["resume", id]);
    assert!(resumed.contains("T00:00:00Z"), "{resumed}");
    let (_, runs) = openclaw(&["runs", id]);
    assert_eq!(runs, run);
    let (_, shown) = openclaw(&["get", id]);
    assert!(serde_json::from_str::<openclaw_client::Schedule>(&shown).expect("JSON").last_run.is_some());
    let (_, deleted) = openclaw(&["delete", id]);
    assert_eq!(deleted.trim(), format!("{id} is deleted"));
    let (success, gone) = openclaw(&["get", id]);
    assert!(!success && gone.contains("there is no schedule"), "{gone}");
    let (success, never) = openclaw(&["create", "--name", "never", "--cron", "0 0 31 2 *", "--task", "hi"]);
    assert!(!success && never.contains("`cron` never fires"), "{never}");
}
