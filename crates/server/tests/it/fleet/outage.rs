//! The database restarts under load: what was acknowledged is there, what could not be stored was refused, and all goes on.
//!
//! The test has the server to itself (`threads-required` in `.config/nextest.toml`).

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw_client::AgentStatus;
use reqwest::{Method, StatusCode};

use super::three;
use crate::agent::scripted;
use crate::gateway::message;

/// How often it restarts; `OPENCLAW_TEST_RESTARTS` says another number, for longer runs.
const RESTARTS: usize = 2;
const REPLIES_BETWEEN: usize = 60;

/// Restarts the server that `scripts/with-postgres` runs.
async fn restart() {
    let command = std::env::var("OPENCLAW_TEST_POSTGRES_RESTART").expect("run this by `scripts/with-postgres`");
    let done = tokio::process::Command::new("sh").args(["-c", &command]).status().await;
    assert!(done.expect("a shell").success(), "the server restarts");
}

#[tokio::test(flavor = "multi_thread")]
async fn restarts_under_load_lose_nothing_that_was_acknowledged() {
    let restarts = std::env::var("OPENCLAW_TEST_RESTARTS").ok().and_then(|n| n.parse().ok()).unwrap_or(RESTARTS);
    let gateways = three(|_| {}).await;
    let clients = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let acknowledged: Arc<Mutex<HashSet<String>>> = Arc::default();
    let (replies, stopped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let callers: Vec<_> = (0..6)
        .map(|caller| {
            let client = clients[caller % 3].clone();
            let (acknowledged, replies) = (Arc::clone(&acknowledged), Arc::clone(&replies));
            let stopped = Arc::clone(&stopped);
            tokio::spawn(async move {
                while !stopped.load(Ordering::Relaxed) {
                    // A refusal is one: it is not counted, and may be tried again.
                    if let Ok(reply) = client.chat().send(message(&format!("s{caller}"), "hi", "echo")).await {
                        acknowledged.lock().expect("whole").insert(reply.id);
                        replies.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    let unready = Arc::new(AtomicBool::new(false));
    let probing = {
        let (unready, stopped) = (Arc::clone(&unready), Arc::clone(&stopped));
        let url = gateways[0].url.clone();
        tokio::spawn(async move {
            while !stopped.load(Ordering::Relaxed) {
                let probe = crate::gateway::http().request(Method::GET, format!("{url}/readyz")).send().await;
                if probe.is_ok_and(|answer| answer.status() == StatusCode::SERVICE_UNAVAILABLE) {
                    unready.store(true, Ordering::Relaxed);
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
    };
    let mut agents = Vec::new();
    for _ in 0..restarts {
        let before = replies.load(Ordering::Relaxed);
        let task = "[[tool file_list]] [[then]] [[echo delay_ms=200]] [[tool file_list]] [[then]] done";
        agents.push(clients[1].agents().spawn(scripted(task, &["file_list"])).await.expect("an agent").id().to_owned());
        while replies.load(Ordering::Relaxed) < before + REPLIES_BETWEEN {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        restart().await;
    }
    let before = replies.load(Ordering::Relaxed);
    while replies.load(Ordering::Relaxed) < before + REPLIES_BETWEEN {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stopped.store(true, Ordering::Relaxed);
    for caller in callers {
        caller.await.expect("no panic");
    }
    probing.await.expect("no panic");
    assert!(unready.load(Ordering::Relaxed), "readiness was false meanwhile");
    let mut stored = HashSet::new();
    for caller in 0..6 {
        let messages = clients[2].sessions().messages(&format!("s{caller}")).limit(100).all().await.expect("messages");
        stored.extend(messages.into_iter().map(|message| message.id));
    }
    let acknowledged = acknowledged.lock().expect("whole").clone();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} are lost", lost.len(), acknowledged.len());
    for id in agents {
        let ended = clients[0].agents().wait_for_completion(&id).await.expect("its end");
        assert_eq!(ended.status, AgentStatus::Completed, "{ended:?}");
    }
}
