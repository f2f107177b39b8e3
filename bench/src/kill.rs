//! `kill -9` at random moments under load, again and again: what was acknowledged must be told, the same each time.
//!
//! Order of a round: the gateway starts on what the last one left; callers chat; after a random time it is killed. At the
//! end it starts once more and delivers what is left. Then all that it stored is compared with all that came.

mod account;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;

use crate::load::Connection;
use crate::receiver::Receiver;
use crate::run::gateway::{GatewaySetup, ROOT_KEY, StartedGateway};
use account::{Account, Verdict};

/// Callers at once.
const CALLERS: usize = 16;

/// How long the last gateway may take to deliver what is left.
const REST_MAX: Duration = Duration::from_mins(2);

/// How many rounds, and how long each.
#[derive(Clone, Debug, clap::Args)]
pub struct KillOptions {
    /// The gateway's binary.
    #[arg(long, value_name = "PATH")]
    pub gateway: PathBuf,
    /// How often it is killed.
    #[arg(long, default_value_t = 200)]
    pub rounds: u32,
    /// The longest that a round lasts, in milliseconds; each lasts a random part of it.
    #[arg(long, default_value_t = 500)]
    pub longest_ms: u64,
    /// Chooses the moments.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The gateway's `storage.synchronous`.
    #[arg(long, default_value = "full")]
    pub synchronous: String,
}

/// Kills and counts; an error if anything acknowledged was lost or changed.
pub async fn kill(options: &KillOptions) -> io::Result<()> {
    let folder = tempfile::tempdir()?;
    let account = Arc::new(Mutex::new(Account::default()));
    let noted = Arc::clone(&account);
    let receiver =
        Receiver::start(move |post| noted.lock().unwrap_or_else(PoisonError::into_inner).received(&post.body)).await?;
    let endpoint = (receiver.url("take/0"), "[message.received, message.sent]");
    let setup = GatewaySetup::new(options.gateway.clone(), &options.synchronous).with_endpoints(vec![endpoint]);
    let mut random = Random(options.seed);
    for round in 0..options.rounds {
        let gateway = setup.start(folder.path(), None, &[])?;
        let lifetime = Duration::from_millis(random.below(options.longest_ms.max(1)));
        kill_under_load(gateway, &account, round, lifetime).await;
    }
    let verdict = settle(&setup, folder.path(), &account).await?;
    print(&verdict.table(options.rounds));
    if verdict.is_good() { Ok(()) } else { Err(io::Error::other("an acknowledged event was lost or changed")) }
}

/// Callers chat until the gateway is killed under them: an answer that had come by then counts.
async fn kill_under_load(gateway: StartedGateway, account: &Arc<Mutex<Account>>, round: u32, lifetime: Duration) {
    let address = gateway.address;
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        callers.spawn(call(address, Arc::clone(account), format!("kill_{round}_{caller}")));
    }
    tokio::time::sleep(lifetime).await;
    // Dropping a process kills it with SIGKILL.
    drop(gateway);
    while callers.join_next().await.is_some() {}
}

/// Chats until a call fails, as all do once the gateway is gone.
async fn call(address: SocketAddr, account: Arc<Mutex<Account>>, session: String) -> io::Result<()> {
    let mut connection = Connection::open(address).await?;
    for number in 0_u64.. {
        let message = format!("{session} {number}");
        let body = json!({"session_id": session, "message": message, "context": {"model": "echo"}});
        let answer = connection.post("/api/v1/chat", ROOT_KEY, body.to_string()).await?;
        account.lock().unwrap_or_else(PoisonError::into_inner).acknowledged(&answer)?;
    }
    Ok(())
}

/// Starts it a last time and waits until every stored event has come, or for two minutes.
async fn settle(setup: &GatewaySetup, folder: &Path, account: &Mutex<Account>) -> io::Result<Verdict> {
    let gateway = setup.start(folder, None, &[])?;
    let stored = stored(&gateway).await?;
    let began = Instant::now();
    let account = || account.lock().unwrap_or_else(PoisonError::into_inner);
    while account().distinct() < stored.len() && began.elapsed() < REST_MAX {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(account().verdict(&stored))
}

/// Every event that the gateway has, as it says itself.
async fn stored(gateway: &StartedGateway) -> io::Result<Vec<String>> {
    let mut connection = Connection::open(gateway.address).await?;
    let mut events = Vec::new();
    let mut after = String::new();
    loop {
        let path = format!("/api/v1/events?events=message.*&limit=100{after}");
        let page = connection.get(&path, ROOT_KEY).await?;
        let page: account::Page<'_> = serde_json::from_slice(&page)?;
        events.extend(page.data.iter().map(|event| event.get().to_owned()));
        let Some(next) = page.next else { return Ok(events) };
        after = format!("&after={next}");
    }
}

/// A small generator, so that a seed gives the same moments.
struct Random(u64);

impl Random {
    /// A number below a bound: `splitmix64`.
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn print(text: &str) {
    println!("{text}");
}
