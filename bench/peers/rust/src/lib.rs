//! What one SDK costs its process: CPU time a call or a chunk, against the stand-in.
//!
//! Each peer is a program: `PROGRAM CASE URL SECONDS` prints one JSON object: how many were made, and the CPU time of the
//! process meanwhile.

use std::error::Error;
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use tokio::task::JoinSet;

/// The key that every peer asks with.
pub const KEY: &str = "oc_api_sk_bench";
/// The model that OpenAI's is asked for.
pub const MODEL: &str = "gpt-4o-2024-08-06";

const FLAT: &str = "[[standin chunks=500 bytes=4000]]";
const PACED: &str = "[[standin chunks=100 bytes=800 gap_us=20000]]";

/// Whatever went wrong.
pub type Failure = Box<dyn Error + Send + Sync>;

/// A client that can be measured.
pub trait Sdk: Clone + Send + Sync + 'static {
    /// Sends a message and gives the reply's text.
    fn call(&self, message: &str) -> impl Future<Output = Result<String, Failure>> + Send;
    /// Sends a message and gives the number of the reply's chunks.
    fn read(&self, message: &str) -> impl Future<Output = Result<u64, Failure>> + Send;
}

/// Runs the case that the command line names, with the SDK made for its URL.
pub async fn measure<S: Sdk>(open: impl FnOnce(&str) -> Result<S, Failure>) -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [case, url, seconds] = &arguments[..] else { return Err("PROGRAM CASE URL SECONDS".into()) };
    let (at_once, message) = match case.as_str() {
        "call" => (1, None),
        "in-flight-32" => (32, None),
        "stream" => (1, Some(FLAT)),
        "paced-stream" => (1, Some(PACED)),
        "paced-streams-64" => (64, Some(PACED)),
        _ => return Err(format!("unknown case {case}").into()),
    };
    let sdk = open(url)?;
    together(&sdk, at_once, Duration::from_secs(1), message).await?;
    let (cpu, begin) = (ProcessTime::now(), Instant::now());
    let count = together(&sdk, at_once, Duration::from_secs_f64(seconds.parse()?), message).await?;
    let (cpu_us, seconds) = (cpu.elapsed().as_secs_f64() * 1e6, begin.elapsed().as_secs_f64());
    println!("{}", serde_json::json!({"count": count, "cpu_us": cpu_us, "seconds": seconds}));
    Ok(())
}

/// Makes calls, or reads streams of a message, until the time is up, in each of several tasks.
async fn together<S: Sdk>(
    sdk: &S,
    at_once: usize,
    window: Duration,
    message: Option<&'static str>,
) -> Result<u64, Failure> {
    let end = Instant::now() + window;
    let mut tasks: JoinSet<Result<u64, Failure>> = JoinSet::new();
    for _ in 0..at_once {
        let sdk = sdk.clone();
        tasks.spawn(async move {
            let mut count = 0;
            while Instant::now() < end {
                count += match message {
                    Some(message) => sdk.read(message).await?,
                    None if sdk.call("hello").await?.is_empty() => return Err("an empty reply".into()),
                    None => 1,
                };
            }
            Ok(count)
        });
    }
    let mut count = 0;
    while let Some(counted) = tasks.join_next().await {
        count += counted??;
    }
    Ok(count)
}
