//! The database restarts under load, in good order and by a crash: what was acknowledged is there, what could not be stored was
//! refused, and all goes on.
//!
//! The test has the server to itself (`threads-required` in `.config/nextest.toml`).

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use openclaw_client::AgentStatus;
use reqwest::StatusCode;
use tokio::task::JoinHandle;

use super::load::{ANSWERED_TWICE, Load};
use super::three;
use crate::agent::scripted;
use crate::gateway::http;

/// How often it restarts; `OPENCLAW_TEST_RESTARTS` says another number, for longer runs.
const RESTARTS: usize = 2;
const REPLIES_BETWEEN: usize = 60;

/// Restarts the server that `scripts/with-postgres` runs; `fast` disconnects everybody, `immediate` is a crash.
async fn restart(mode: &str) {
    let command = std::env::var("OPENCLAW_TEST_POSTGRES_RESTART").expect("run this by `scripts/with-postgres`");
    let done = tokio::process::Command::new("sh").args(["-c", &command]).env("MODE", mode).status().await;
    assert!(done.expect("a shell").success(), "the server restarts");
}

/// Asks a gateway all the time whether it is ready.
pub(super) struct Probe {
    unready: Arc<AtomicBool>,
    asking: JoinHandle<()>,
}

impl Probe {
    pub(super) fn of(url: &str) -> Self {
        let unready = Arc::new(AtomicBool::new(false));
        let (seen, url) = (Arc::clone(&unready), format!("{url}/readyz"));
        let asking = tokio::spawn(async move {
            let client = http();
            loop {
                let answer = client.get(&url).send().await;
                if answer.is_ok_and(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE) {
                    seen.store(true, Ordering::Relaxed);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        Self { unready, asking }
    }

    /// Whether it said no at any time.
    pub(super) fn was_unready(&self) -> bool {
        self.unready.load(Ordering::Relaxed)
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_under_load_lose_nothing_that_was_acknowledged() {
    let restarts = std::env::var("OPENCLAW_TEST_RESTARTS").ok().and_then(|n| n.parse().ok()).unwrap_or(RESTARTS);
    let gateways = three(|_| {}).await;
    let clients = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let mut load = Load::start(clients.to_vec(), 6);
    let probe = Probe::of(&gateways[0].url);
    let mut agents = Vec::new();
    for number in 0..restarts {
        let task = "[[tool file_list]] [[then]] [[echo delay_ms=200]] [[tool file_list]] [[then]] done";
        agents.push(clients[1].agents().spawn(scripted(task, &["file_list"])).await.expect("an agent").id().to_owned());
        load.more(REPLIES_BETWEEN).await;
        restart(if number % 2 == 0 { "fast" } else { "immediate" }).await;
    }
    load.more(REPLIES_BETWEEN).await;
    let acknowledged = load.stop().await;
    assert!(probe.was_unready(), "readiness was false meanwhile");
    let stored: HashSet<_> = gateways[0].texts("SELECT id FROM messages").await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} are lost", lost.len(), acknowledged.len());
    assert_eq!(gateways[0].texts(ANSWERED_TWICE).await, [""; 0]);
    for id in agents {
        let ended = clients[0].agents().wait_for_completion(&id).await.expect("its end");
        assert_eq!(ended.status, AgentStatus::Completed, "{ended:?}");
    }
}
