//! The Rust client under load, half of it abandoned: nothing may grow.
//!
//! The other languages have the same among their own tests. The gateway is a process of its own, so what grows here is the
//! client's.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use openclaw_client::{ChatRequest, Client};
use serde::Serialize;
use tokio::task::JoinSet;

use crate::gateway::Gateway;

/// Calls under way at once.
const AT_ONCE: usize = 16;
/// Calls until pools have come to their size.
const WARM_UP: u64 = 2000;
/// What the heap may gain: its pages are taken in pieces, whose edges move.
const KIB_MAX: u64 = 8 * 1024;
/// How long the gateway may take to notice that nobody reads any more.
const IDLE_MAX: Duration = Duration::from_secs(1);
/// How long what was abandoned may take to be gone: threads that looked names up stay for 10 s.
const GONE_MAX: Duration = Duration::from_secs(15);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// What the process has.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Used {
    /// Memory that is resident.
    pub kib: u64,
    /// Threads.
    pub threads: u64,
    /// Open files, sockets among them.
    pub files: u64,
}

/// Makes so many calls; gives what the process had before and after, or says what grew.
pub async fn run(gateway: &Gateway, calls: u64) -> Result<(Used, Used)> {
    let key = gateway.new_workspace().await?;
    let client = Client::builder().base_url(&gateway.url).api_key(key).no_proxy().build()?;
    many(&client, WARM_UP).await?;
    let before = used()?;
    many(&client, calls).await?;
    let idle = within(IDLE_MAX, async || Ok(gateway.turns_running().await? == 0)).await?;
    ensure!(idle, "the gateway still answers a second after all calls had ended");
    let mut after = used()?;
    let gone = within(GONE_MAX, async || {
        after = used()?;
        Ok(!after.exceeds(before))
    });
    if !gone.await? {
        bail!("it grew: before {before:?}, after {calls} calls {after:?}");
    }
    Ok((before, after))
}

async fn many(client: &Client, calls: u64) -> Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    let mut all = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (client, next) = (client.clone(), Arc::clone(&next));
        all.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= calls {
                    return Ok::<_, openclaw_client::Error>(());
                }
                one(&client, number).await?;
            }
        });
    }
    while let Some(ended) = all.join_next().await {
        ended??;
    }
    Ok(())
}

/// One call or stream; the odd ones are abandoned.
async fn one(client: &Client, number: u64) -> Result<(), openclaw_client::Error> {
    let chat = |message: &str| ChatRequest { message: message.into(), ..ChatRequest::default() };
    match number % 4 {
        0 => drop(client.status().get().with_response().await?),
        1 => {
            let call = client.chat().send(chat("[[echo delay_ms=60000]] x"));
            let _ = tokio::time::timeout(Duration::from_millis(number % 7), call).await;
        }
        2 => drop(client.chat().stream(chat("a b c")).await?.final_response().await?),
        _ => drop(client.chat().stream(chat("[[echo stall_after=1]] a b c")).await?.next().await),
    }
    Ok(())
}

async fn within(limit: Duration, mut holds: impl AsyncFnMut() -> Result<bool>) -> Result<bool> {
    let end = tokio::time::Instant::now() + limit;
    while !holds().await? {
        if tokio::time::Instant::now() > end {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    Ok(true)
}

impl Used {
    fn exceeds(self, before: Self) -> bool {
        self.kib > before.kib + KIB_MAX || self.threads > before.threads || self.files > before.files + AT_ONCE as u64
    }
}

fn used() -> Result<Used> {
    let status = fs::read_to_string("/proc/self/status").context("only Linux tells threads and memory in a file")?;
    let number = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).with_context(|| format!("no `{name}`"))
    };
    let files = fs::read_dir("/proc/self/fd")?.count() as u64;
    Ok(Used { kib: number("VmRSS")?, threads: number("Threads")?, files })
}
