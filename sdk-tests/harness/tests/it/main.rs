//! The judge is fair: what is right passes, and whatever a runner may do wrong fails. The runners here are a line of bash.
#![allow(
    clippy::unwrap_used,
    reason = "clippy.toml allows it in tests, but does not know a test's own functions for one"
)]

mod route;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use openclaw_client_ffi::OPERATIONS;
use openclaw_sdk_tests::gateway::Gateway;
use openclaw_sdk_tests::grid::Grid;
use openclaw_sdk_tests::judge::{Verdict, judge};
use openclaw_sdk_tests::runner::Runner;
use openclaw_sdk_tests::scenario::{Scenario, read_all};
use openclaw_sdk_tests::suite;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Reads a request and finds the port that it is to be sent to.
const READ: &str = r"read -r line; port=$(sed 's/.*127.0.0.1:\([0-9]*\).*/\1/' <<< $line); ";
/// Sends it a request and reads the first line of the answer.
const ASK: &str = r"exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET /api/v1/status HTTP/1.1\r\nx-a: 1\r\n\r\n' >&3; read -r -u 3 -t 1 head; ";

fn repository() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn scenario(json: &Value) -> Scenario {
    let folder = TempDir::new().unwrap();
    let file = json!({"about": "a test", "scenarios": [json]});
    fs::write(folder.path().join("one.json"), file.to_string()).unwrap();
    read_all(folder.path()).unwrap().remove(0)
}

/// A program that says that it listens, which is all that these scenarios need of a gateway.
async fn gateway(folder: &Path) -> Gateway {
    let program = folder.join("gateway");
    fs::write(&program, "#!/bin/sh\necho listens on http://127.0.0.1:1\nexec sleep 60\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    Gateway::start(&program).await.unwrap()
}

/// What is said of a runner that is this script, and of its end.
async fn judged(scenario: &Scenario, script: &str) -> (Verdict, bool) {
    let folder = TempDir::new().unwrap();
    let gateway = gateway(folder.path()).await;
    let command = ["bash", "-c", script].map(str::to_owned).to_vec();
    let mut runner = Runner::new(command, repository(), Vec::new());
    let verdict = judge(scenario, "bash", &mut runner, &gateway).await;
    (verdict, runner.end().await.is_ok())
}

async fn failure(scenario: &Scenario, script: &str) -> String {
    match judged(scenario, script).await.0 {
        Verdict::Failed(problem) => problem,
        other => panic!("{script} was let off: {other:?}"),
    }
}

fn without_network() -> Scenario {
    let step = json!({"call": "verify_webhook", "expect": {"returns": true}});
    scenario(&json!({"name": "n", "given": [], "steps": [step], "arrived": []}))
}

#[tokio::test]
async fn what_is_right_passes_and_a_skip_needs_its_reason() {
    let scenario = without_network();
    let (verdict, ended_well) = judged(&scenario, r#"read; echo '{"id": 1, "returns": true}'; read || exit 0"#).await;
    assert!(matches!(verdict, Verdict::Passed) && ended_well, "{verdict:?}");
    let (verdict, _) = judged(&scenario, r#"read; echo '{"id": 1, "skip": "no such thing"}'; read"#).await;
    assert!(matches!(&verdict, Verdict::Skipped(reason) if reason == "no such thing"), "{verdict:?}");
    let (_, ended_well) = judged(&scenario, r#"read; echo '{"id": 1, "returns": true}'; read; exit 3"#).await;
    assert!(!ended_well, "a runner that ends badly is seen");
}

#[tokio::test]
async fn whatever_a_runner_does_wrong_fails() {
    let scenario = without_network();
    for (answer, told) in [
        (r#"{"id": 1, "returns": false}"#, "returns is false, not true"),
        (r#"{"id": 1}"#, "returns is null"),
        (r#"{"id": 1, "returns": true, "error": {"kind": "api_error"}}"#, "error is"),
        (r#"{"id": 2, "returns": true}"#, "answered request 2"),
        (r#"{"id": 1, "retruns": true}"#, "not as agreed"),
        (r#"{"id": 1, "skip": " "}"#, "without a reason"),
        ("Traceback", "not as agreed"),
    ] {
        let problem = failure(&scenario, &format!("read; echo '{answer}'; read")).await;
        assert!(problem.contains(told), "{answer}: {problem}");
    }
    let problem = failure(&scenario, "exit 1").await;
    assert!(problem.contains("ended without an answer") || problem.contains("no longer listens"), "{problem}");
}

#[tokio::test]
async fn requests_are_counted_and_compared() {
    let given = |answer: Value, arrived: Value| {
        let step = json!({"call": "status.get", "expect": {}});
        scenario(
            &json!({"name": "n", "given": [answer], "steps": [step], "arrived": [arrived], "same_headers": ["x-a"]}),
        )
    };
    let right = json!({"request": "GET /api/v1/status", "headers": {"x-a": "1"}});
    let say = r#"echo '{"id": 1}'; read"#;
    let asks = format!("{READ}{ASK}{say}");
    let (verdict, _) = judged(&given(json!({}), right.clone()), &asks).await;
    assert!(matches!(verdict, Verdict::Passed), "{verdict:?}");

    let problem = failure(&given(json!({}), right.clone()), &format!("read; {say}")).await;
    assert!(problem.contains("arrived are []"), "{problem}");
    let problem = failure(&given(json!({}), right.clone()), &format!("{READ}{ASK}{ASK}{say}")).await;
    assert!(problem.contains("arrived are"), "{problem}");
    let wrong = json!({"request": "GET /api/v1/status", "headers": {"x-a": "2"}});
    let problem = failure(&given(json!({}), wrong), &asks).await;
    assert!(problem.contains("headers.x-a"), "{problem}");
    let problem = failure(&given(json!({"status": 200, "then": "stall"}), right), &asks).await;
    assert!(problem.contains("still being given"), "{problem}");
}

#[test]
fn the_grid_is_good_only_if_all_is() {
    let names = || vec!["one".to_owned(), "two".to_owned()];
    let mut grid = Grid::new(names());
    assert!(!grid.is_good(), "no language is no proof");
    grid.add("rust".into(), vec![Verdict::Passed, Verdict::Skipped("why".into())], None);
    assert!(grid.is_good());
    assert!(grid.to_string().contains("rust skips `two`: why"));
    grid.add("go".into(), vec![Verdict::Passed, Verdict::Failed("because".into())], None);
    assert!(!grid.is_good());
    assert!(grid.to_string().contains("go FAILED `two`"));
    let mut grid = Grid::new(names());
    grid.add("rust".into(), vec![Verdict::Passed, Verdict::Passed], Some("it ended with 3".into()));
    assert!(!grid.is_good());
}

#[test]
fn the_scenarios_are_read_and_each_call_is_documented() {
    let scenarios = suite::scenarios(repository(), "").unwrap();
    assert!(scenarios.len() > 80, "{}", scenarios.len());
    let readme = fs::read_to_string(repository().join("sdk-tests/README.md")).unwrap();
    assert!(readme.contains("`crates/client-ffi/src/operation.rs`"), "it says where the calls are listed");
    for step in scenarios.iter().flat_map(|scenario| &scenario.steps) {
        let is_route = OPERATIONS.iter().any(|operation| operation.name == step.call);
        let has_row = readme.lines().any(|line| line.starts_with(&format!("| `{}` |", step.call)));
        assert!(is_route || has_row, "`{}` is no route, nor does sdk-tests/README.md list it", step.call);
    }
    assert!(suite::languages(repository()).unwrap().iter().any(|language| language.name == "rust"));
}
