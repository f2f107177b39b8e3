//! `kill -9` under load: nothing that was acknowledged is lost, and every turn is booked once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use openclaw_client::{Client, MessageStatus};
use tempfile::TempDir;

use super::gateway::message;
use super::program::{Program, configure, run, text};

const KILLS: usize = 20;
const CALLERS: usize = 8;
/// Replies to wait for before each kill; the kill then falls anywhere in the next ones.
const REPLIES_BEFORE_KILL: usize = 25;

fn client(program: &Program, key: &str) -> Client {
    Client::builder().base_url(&program.url).api_key(key).max_retries(0).no_proxy().build().expect("a client")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_kills_under_load_lose_nothing_acknowledged() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway: {api: {port: 0, rate_limit: {requests_per_minute: 0}}}\n");
    let key = run(folder.path(), &["api", "key", "generate", "--name", "load"]);
    let key = text(&key.stdout).trim().to_owned();
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let mut sent = 0u64;
    for round in 0..KILLS {
        let program = Program::serve(folder.path());
        let client = client(&program, &key);
        let replies = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (client, replies, acknowledged) = (client.clone(), Arc::clone(&replies), Arc::clone(&acknowledged));
                tokio::spawn(async move {
                    let mut sent = 0;
                    loop {
                        let session = format!("s{caller}");
                        sent += 1;
                        let text = format!("{round}-{caller}-{sent}");
                        let Ok(reply) = client.chat().send(message(&session, &text, "echo")).await else { return sent };
                        assert_eq!(reply.content, text);
                        acknowledged.lock().unwrap().push((session, reply.id));
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
            sent += caller.await.expect("no reply was wrong");
        }
    }

    let program = Program::serve(folder.path());
    let client = client(&program, &key);
    let mut kept = HashSet::new();
    let mut questions = 0;
    for caller in 0..CALLERS {
        let session = format!("s{caller}");
        for message in client.sessions().messages(&session).limit(100).all().await.expect("messages") {
            assert_eq!(message.status, MessageStatus::Complete);
            questions += u64::from(message.role == openclaw_client::Role::User);
            assert!(kept.insert((session.clone(), message.id)), "no message is there twice");
        }
        let session = client.sessions().get(&session).await.expect("the session");
        assert_eq!(session.status, openclaw_client::SessionStatus::Idle, "no turn is left open");
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    let lost: Vec<_> = acknowledged.iter().filter(|reply| !kept.contains(*reply)).collect();
    assert!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), acknowledged.len());
    let booked: u64 = client.usage().list().all().await.expect("usage").iter().map(|bucket| bucket.turns).sum();
    assert_eq!(booked, questions, "every stored message is booked once, also where the crash cut it off");
    assert!(questions <= sent && acknowledged.len() >= KILLS * REPLIES_BEFORE_KILL);
}

#[test]
fn a_second_gateway_on_the_same_file_is_refused() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway: {api: {port: 0}}\n");
    let _first = Program::serve(folder.path());
    let second = run(folder.path(), &["serve"]);
    assert_eq!(second.status.code(), Some(1));
    assert!(text(&second.stderr).contains("another gateway is using"), "{}", text(&second.stderr));
}

#[test]
fn sigterm_ends_it_in_good_order() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway: {api: {port: 0}}\n");
    let program = Program::serve(folder.path());
    program.signal("TERM");
    assert_eq!(program.wait(), Some(0));
}
