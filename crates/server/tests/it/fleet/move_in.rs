//! An installation moves from SQLite to PostgreSQL, whole.

use openclaw_client::AgentStatus;
use tempfile::TempDir;

use crate::agent::scripted;
use crate::database::Database;
use crate::gateway::{client, message};
use crate::program::{Program, configure, run, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_is_there_after_the_move_and_goes_on() {
    let folder = TempDir::new().expect("a folder");
    let api = "gateway: {api: {port: 0, rate_limit: {requests_per_minute: 0}}}\n";
    configure(folder.path(), api);
    let key = run(folder.path(), &["api", "key", "generate", "--name", "test"]);
    let key = text(&key.stdout).trim().to_owned();
    let program = Program::serve(folder.path());
    let before = client(&program.url, &key);
    // One is longer than a batch; texts may hold what PostgreSQL cannot.
    for number in 0..300 {
        before.chat().send(message(&format!("s{}", number % 7), "你好 \0 'quoted'", "echo")).await.expect("a reply");
    }
    let agent =
        before.agents().spawn(scripted("[[tool file_list]] [[then]] done", &["file_list"])).await.expect("an agent");
    let agent = agent.wait_for_completion().await.expect("its end");
    let messages = before.sessions().messages("s3").all().await.expect("messages");
    let events = before.events().list().limit(100).all().await.expect("events");
    let from = format!("sqlite:{}", folder.path().join(".openclaw/openclaw.db").display());
    let database = Database::new();
    let url = database.url();
    let copy = ["storage", "copy", "--from", &from, "--to", &url];

    let refused = run(folder.path(), &copy);
    assert!(!refused.status.success(), "a gateway uses the file");
    assert!(text(&refused.stderr).contains("another gateway is using"), "{refused:?}");
    program.signal("TERM");
    assert_eq!(program.wait(), Some(0));

    let copied = run(folder.path(), &copy);
    assert!(copied.status.success(), "{copied:?}");
    assert!(text(&copied.stdout).lines().any(|line| line.starts_with("messages") && line.contains(" 600 ")));
    let again = run(folder.path(), &copy);
    assert!(!again.status.success() && text(&again.stderr).contains("not empty"), "{again:?}");

    configure(folder.path(), &format!("{api}storage: {{url: \"{url}\"}}\n"));
    let program = Program::serve(folder.path());
    let after = client(&program.url, &key);
    let moved = after.sessions().messages("s3").all().await.expect("messages");
    assert_eq!(moved.len(), messages.len());
    for (moved, message) in moved.iter().zip(&messages) {
        assert_eq!((&moved.id, &moved.content), (&message.id, &message.content.replace('\0', "\u{fffd}")));
    }
    let moved = after.events().list().limit(100).all().await.expect("events");
    assert_eq!(moved, events, "in the same order");
    assert_eq!(after.agents().get(&agent.id).await.expect("the agent"), agent);
    after.chat().send(message("s3", "and on", "echo")).await.expect("it goes on");
    let next = after.agents().spawn(scripted("done", &[])).await.expect("an agent");
    assert_eq!(next.wait_for_completion().await.expect("its end").status, AgentStatus::Completed);
    assert_eq!(after.sessions().get("s3").await.expect("the session").message_count, messages.len() as u64 + 2);
}
