//! The database's machine is gone and its synchronous stand-by takes over: what was acknowledged is there, and nothing is told to
//! be done because another transaction has its number now.

use std::collections::HashSet;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use openclaw::config::Config;
use openclaw_client::AgentStatus;
use tempfile::TempDir;

use super::load::{ANSWERED_TWICE, Load};
use super::outage::Probe;
use crate::agent::scripted;
use crate::database::texts;
use crate::gateway::Gateway;

const REPLIES_BEFORE: usize = 60;
/// The first server's port, which names its socket, and the stand-by's.
const PORTS: [u16; 2] = [5432, 5433];

/// A server, and a second one that has everything before it is committed.
struct Pair {
    folder: TempDir,
}

impl Pair {
    async fn start() -> Self {
        let pair = Self { folder: TempDir::new().expect("a folder") };
        // The server does not run as root.
        std::fs::set_permissions(pair.folder.path(), Permissions::from_mode(0o777)).expect("it is ours");
        pair.server("initdb -D first -U postgres --auth=trust --no-sync");
        pair.launch("first", PORTS[0]);
        pair.sql(PORTS[0], "postgres", "CREATE DATABASE openclaw").await;
        pair.server("pg_ctl -D first -w stop");
        pair.server("cp -a first second");
        let first = format!("host={} port={} user=postgres", pair.folder.path().display(), PORTS[0]);
        pair.server(&format!(
            "echo \"primary_conninfo = '{first}'\" | tee second/postgresql.auto.conf second/standby.signal"
        ));
        pair.launch("first", PORTS[0]);
        pair.launch("second", PORTS[1]);
        pair.sql(PORTS[0], "postgres", "ALTER SYSTEM SET synchronous_standby_names = '*'").await;
        pair.sql(PORTS[0], "postgres", "SELECT pg_reload_conf()").await;
        pair.until("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").await;
        pair
    }

    /// Runs a program of the server as its user, in the pair's folder.
    fn server(&self, command: &str) {
        let programs = std::env::var("OPENCLAW_TEST_POSTGRES_PROGRAMS").expect("run this by `scripts/with-postgres`");
        let user = std::env::var("OPENCLAW_TEST_POSTGRES_USER").expect("run this by `scripts/with-postgres`");
        let folder = self.folder.path();
        let script = format!("cd {}; PATH={programs}:$PATH; {command} >>log 2>&1", folder.display());
        let mut shell = Command::new("sh");
        if !user.is_empty() {
            shell = Command::new("runuser");
            shell.args(["-u", &user, "--", "sh"]);
        }
        let done = shell.args(["-c", &script]).status().expect("a shell");
        assert!(done.success(), "{command}\n{}", std::fs::read_to_string(folder.join("log")).unwrap_or_default());
    }

    fn launch(&self, name: &str, port: u16) {
        let folder = self.folder.path().display();
        let options = format!("-p {port} -c unix_socket_directories={folder} -c listen_addresses= -c fsync=off");
        self.server(&format!("pg_ctl -D {name} -w start -o '{options}'"));
    }

    async fn sql(&self, port: u16, database: &str, statement: &str) -> Vec<String> {
        let url = format!("postgres://postgres@{}:{port}/{database}", host(self.folder.path()));
        texts(&url, statement).await
    }

    /// Waits until the first server gives a row.
    async fn until(&self, statement: &str) {
        while self.sql(PORTS[0], "postgres", statement).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The stand-by hears nothing more, so that the first server can finish no commit.
    async fn part(&self) {
        self.sql(PORTS[1], "postgres", "ALTER SYSTEM SET primary_conninfo = ''").await;
        self.sql(PORTS[1], "postgres", "SELECT pg_reload_conf()").await;
    }

    /// The first server is gone, the second one takes over.
    async fn fail_over(&self) {
        self.server("pg_ctl -D first -m immediate stop");
        // Somebody has to notice.
        tokio::time::sleep(Duration::from_millis(500)).await;
        self.server("pg_ctl -D second -w promote");
    }

    /// `storage.url`, which names both.
    fn url(&self) -> String {
        let host = host(self.folder.path());
        format!("postgres://postgres@{host}:{},{host}:{}/openclaw", PORTS[0], PORTS[1])
    }
}

impl Drop for Pair {
    fn drop(&mut self) {
        for name in ["first", "second"] {
            if self.folder.path().join(name).join("postmaster.pid").exists() {
                self.server(&format!("pg_ctl -D {name} -m immediate stop"));
            }
        }
    }
}

/// A folder of sockets, as URLs name it.
fn host(folder: &Path) -> String {
    folder.display().to_string().replace('/', "%2F")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fail_over_to_the_stand_by_loses_nothing_and_takes_nothing_for_done() {
    let pair = Pair::start().await;
    let at_the_pair = |config: &mut Config| config.storage.url = pair.url();
    let gateways =
        [Gateway::with(at_the_pair).await, Gateway::with(at_the_pair).await, Gateway::with(at_the_pair).await];
    let clients = gateways.each_ref().map(|gateway| gateway.client_of(&gateways[0].key));
    let mut load = Load::start(clients.to_vec(), 12);
    let probe = Probe::of(&gateways[0].url);
    load.more(REPLIES_BEFORE).await;
    let task = "[[tool file_list]] [[then]] [[echo delay_ms=1000]] [[tool file_list]] [[then]] done";
    let agent = clients[1].agents().spawn(scripted(task, &["file_list"])).await.expect("an agent").id().to_owned();

    // A commit waits for the stand-by, which never hears of it: there its number is free for something else.
    pair.part().await;
    pair.until("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = 'COMMIT'").await;
    pair.fail_over().await;

    load.more(REPLIES_BEFORE).await;
    let acknowledged = load.stop().await;
    let stored: HashSet<_> = pair.sql(PORTS[1], "openclaw", "SELECT id FROM messages").await.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&stored).collect();
    assert!(lost.is_empty(), "{} of {} are lost", lost.len(), acknowledged.len());
    assert_eq!(pair.sql(PORTS[1], "openclaw", ANSWERED_TWICE).await, [""; 0]);
    let ended = clients[0].agents().wait_for_completion(&agent).await.expect("its end");
    assert_eq!(ended.status, AgentStatus::Completed, "{ended:?}");
    assert!(probe.was_unready(), "readiness was false meanwhile");
}
