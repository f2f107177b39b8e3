//! A gateway that is gone, or that stood still: the others take over what it held, and it writes nothing more.

use std::collections::HashMap;
use std::time::Duration;

use openclaw_client::{AgentStatus, Client, Error, EventName, RequestOptions};
use tempfile::TempDir;

use crate::agent::counter::Counter;
use crate::agent::scripted;
use crate::database::Database;
use crate::gateway::{client, message};
use crate::program::{Program, configure, run, text};

/// A database, and folders whose gateways share it; their lease is a second.
pub(super) struct Site {
    pub(super) database: Database,
    yaml: String,
    pub(super) key: String,
    folders: Vec<TempDir>,
}

impl Site {
    /// With more configuration of the same for all.
    pub(super) fn new(yaml: &str) -> Self {
        let database = Database::new();
        let yaml = format!(
            "gateway: {{api: {{port: 0, rate_limit: {{requests_per_minute: 0}}}}}}\n\
             storage: {{url: \"{}\", postgres: {{lease_seconds: 1, connections: 8}}}}\n{yaml}",
            database.url()
        );
        let mut site = Self { database, yaml, key: String::new(), folders: Vec::new() };
        let folder = site.folder();
        let made = run(site.folders[folder].path(), &["api", "key", "generate", "--name", "test"]);
        text(&made.stdout).trim().clone_into(&mut site.key);
        assert!(site.key.starts_with("oc_api_sk_"), "{made:?}");
        site
    }

    /// Another gateway.
    pub(super) fn serve(&mut self) -> Program {
        let folder = self.folder();
        Program::serve(self.folders[folder].path())
    }

    pub(super) fn client(&self, program: &Program) -> Client {
        client(&program.url, &self.key)
    }

    fn folder(&mut self) -> usize {
        let folder = TempDir::new().expect("a folder");
        configure(folder.path(), &self.yaml);
        self.folders.push(folder);
        self.folders.len() - 1
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_gateway_did_goes_on_elsewhere() {
    let counter = Counter::start().await;
    let mut site = Site::new(&format!("skills: {{mcp: {{counter: {{url: \"{}\"}}}}}}\n", counter.url));
    let first = site.serve();
    let task = "[[tool counter__wait {\"ms\": 400}]] [[then]] [[tool counter__add]] [[then]] done";
    let agent = site.client(&first).agents().spawn(scripted(task, &["mcp:counter"])).await.expect("an agent");
    let cut_off = site.client(&first);
    let cut_off = tokio::spawn(async move {
        cut_off.chat().send(message("user_123", "[[echo delay_ms=60000]] too late", "echo")).await
    });
    counter.until(1).await;
    while site.client(&first).sessions().get("user_123").await.is_err() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let second = site.serve();
    first.kill();
    cut_off.await.expect("no panic").expect_err("its gateway is gone");

    let client = site.client(&second);
    let ended = client.agents().wait_for_completion(agent.id()).await.expect("its end");
    assert_eq!((ended.status, ended.output.as_deref()), (AgentStatus::Completed, Some("done")), "{ended:?}");
    let tools: Vec<_> = counter.asked().into_iter().map(|asked| asked.tool).collect();
    assert_eq!(tools, ["wait", "wait", "add"], "the read is made again, the effect once");
    // The session was held by the turn that is gone.
    client.chat().send(message("user_123", "and now?", "echo")).await.expect("it is free again");
    let messages = client.sessions().messages("user_123").all().await.expect("messages");
    assert_eq!(messages.len(), 3, "what was acknowledged is there: {messages:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_stood_still_past_its_lease_is_fenced_off() {
    let counter = Counter::start().await;
    let mut site = Site::new(&format!("skills: {{mcp: {{counter: {{url: \"{}\"}}}}}}\n", counter.url));
    let first = site.serve();
    let steps = (0..6).map(|n| {
        format!(
            "[[tool counter__wait {{\"ms\": 150, \"n\": {n}}}]] [[then]] [[tool counter__add {{\"n\": {n}}}]] [[then]]"
        )
    });
    let task = format!("{} done", steps.collect::<String>());
    let agent = site.client(&first).agents().spawn(scripted(&task, &["mcp:counter"])).await.expect("an agent");
    counter.until(3).await;
    first.signal("STOP");
    let second = site.serve();
    let client = site.client(&second);
    let ended = client.agents().wait_for_completion(agent.id()).await.expect("its end");
    first.signal("CONT");
    assert_eq!(ended.status, AgentStatus::Completed, "{ended:?}");
    // Long enough for the first one to go on, if it could.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut made: HashMap<String, usize> = HashMap::new();
    for asked in counter.asked().iter().filter(|asked| asked.tool == "add") {
        *made.entry(asked.key.clone()).or_default() += 1;
    }
    assert!(made.values().all(|times| *times == 1), "an effect was repeated: {made:?}");
    let again = client.agents().get(agent.id()).await.expect("the agent");
    assert_eq!(again, ended, "nothing was written after its end");
    let ends = client.events().list().events(["agent.completed", "agent.error"]).all().await.expect("events");
    assert_eq!(
        ends.iter().map(openclaw_core::StoredEvent::name).collect::<Vec<_>>(),
        [Some(EventName::AgentCompleted)]
    );
    // It goes on under a new lease, like any other.
    site.client(&first).chat().send(message("s", "hi", "echo")).await.expect("it answers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reply_that_others_have_given_up_meanwhile_is_not_acknowledged() {
    let mut site = Site::new("");
    let (first, second) = (site.serve(), site.serve());
    let client = site.client(&first);
    let asked = tokio::spawn(async move {
        let once = RequestOptions::new().max_retries(0);
        client.chat().with(once).send(message("user_123", "[[echo delay_ms=400]] hi", "echo")).await
    });
    let count = async |statement| site.database.texts(statement).await.len();
    while count("SELECT 1 FROM turns WHERE ending IS NULL").await == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    first.signal("STOP");
    while count("SELECT 1 FROM turns WHERE ending = 'crashed'").await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    first.signal("CONT");
    let Err(Error::Api(error)) = asked.await.expect("no panic") else { panic!("what was not stored is acknowledged") };
    assert_eq!((error.status, error.code.as_deref()), (503, Some("store_contended")), "{error:?}");
    let messages = site.client(&second).sessions().messages("user_123").all().await.expect("messages");
    assert_eq!(messages.len(), 1, "{messages:?}");
    site.client(&first).chat().send(message("user_123", "again", "echo")).await.expect("it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_that_stops_in_good_order_leaves_nothing_to_wait_for() {
    let mut site = Site::new("");
    let (first, second) = (site.serve(), site.serve());
    first.signal("TERM");
    assert_eq!(first.wait(), Some(0));
    assert_eq!(site.database.texts("SELECT id FROM gateways").await.len(), 1, "its lease went with it");
    site.client(&second).chat().send(message("s", "hi", "echo")).await.expect("the other one answers");
}
