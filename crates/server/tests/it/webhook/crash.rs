//! `kill -9` under load: every acknowledged reply is told of, with the same id and body however often.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw_client::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::super::gateway::message;
use super::super::program::{Program, configure, run, text};
use super::SECRET;
use super::receiver::Receiver;

const KILLS: usize = 8;
const REPLIES_BEFORE_KILL: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_load_lose_no_event_and_change_no_body() {
    let receiver = Receiver::start().await;
    let folder = TempDir::new().expect("a folder");
    let yaml = format!(
        "gateway: {{api: {{port: 0, rate_limit: {{requests_per_minute: 0}}}}}}\nwebhooks:\n  endpoints:\n    - url: {}\n      \
         events: [message.sent]\n      secret: {SECRET}\n",
        receiver.url()
    );
    configure(folder.path(), &yaml);
    let key = run(folder.path(), &["api", "key", "generate", "--name", "load"]);
    let key = text(&key.stdout).trim().to_owned();
    let acknowledged = Arc::new(Mutex::new(HashSet::new()));
    for _ in 0..KILLS {
        let program = Program::serve(folder.path());
        let replies = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..4)
            .map(|caller| {
                let client = Client::builder().base_url(&program.url).api_key(&key).max_retries(0).no_proxy();
                let client = client.build().expect("a client");
                let (acknowledged, replies) = (Arc::clone(&acknowledged), Arc::clone(&replies));
                tokio::spawn(async move {
                    let session = format!("s{caller}");
                    while let Ok(reply) = client.chat().send(message(&session, "hi", "echo")).await {
                        acknowledged.lock().expect("whole").insert(reply.id);
                        replies.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        while replies.load(Ordering::Relaxed) < REPLIES_BEFORE_KILL {
            tokio::task::yield_now().await;
        }
        program.kill();
        for caller in callers {
            caller.await.expect("no panic");
        }
    }

    let _program = Program::serve(folder.path());
    let acknowledged = acknowledged.lock().expect("whole").clone();
    let mut bodies: HashMap<String, String> = HashMap::new();
    let mut told = HashSet::new();
    let mut seen = 0;
    while !acknowledged.is_subset(&told) {
        for received in receiver.received().into_iter().skip(seen) {
            seen += 1;
            let event: Value = serde_json::from_str(&received.body).expect("JSON");
            told.insert(event["data"]["message_id"].as_str().expect("an id").to_owned());
            let id = event["id"].as_str().expect("an id").to_owned();
            let first = bodies.entry(id).or_insert_with(|| received.body.clone());
            assert_eq!(*first, received.body, "the same event has the same body");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(acknowledged.len() >= KILLS * REPLIES_BEFORE_KILL);
}
