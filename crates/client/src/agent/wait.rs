//! Waiting for the end of an agent, with the gateway's long poll.

use std::time::{Duration, Instant};

use crate::{Error, Reply, environment};

/// The query parameter that says for how many seconds the gateway may hold a request.
pub(crate) const WAIT: &str = "wait";
/// How long one request asks the gateway to hold it; proxies cut silent requests off at 60 s.
const POLL: Duration = Duration::from_secs(30);
/// The least time between two requests, should the gateway answer at once.
const PAUSE: Duration = Duration::from_secs(1);

/// Asks again and again until an agent neither runs nor is about to; [`Error::Timeout`] after `limit`, if there is one.
///
/// `ask` is told how many seconds the gateway shall hold the request. Without a limit the agent's own timeout is the bound.
pub(crate) async fn at_rest<T>(
    limit: Option<Duration>,
    ask: impl Fn(u64) -> Reply<T>,
    is_at_rest: impl Fn(&T) -> Result<bool, Error>,
) -> Result<T, Error> {
    let seconds = limit.map_or(POLL, |limit| limit.min(POLL)).as_secs().max(1);
    let polled = async {
        loop {
            let asked = environment::instant();
            let agent = ask(seconds).await?;
            if is_at_rest(&agent)? {
                return Ok(agent);
            }
            environment::sleep(PAUSE.saturating_sub(passed_since(asked))).await;
        }
    };
    let Some(limit) = limit else { return polled.await };
    environment::within(limit, polled).await.unwrap_or(Err(Error::Timeout { waited_for: "the agent's end", limit }))
}

fn passed_since(instant: Instant) -> Duration {
    environment::instant().saturating_duration_since(instant)
}
