//! Waiting for the end of an agent, with the gateway's long poll.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::{Raw, RawCall, RawReply};
use crate::{Error, Reply, environment};

/// How long one request asks the gateway to hold it; proxies cut silent requests off at 60 s.
const POLL: Duration = Duration::from_secs(30);
/// The least time between two requests, should the gateway answer at once.
const PAUSE: Duration = Duration::from_secs(1);

impl Raw {
    /// Waits until an agent neither runs nor is about to, for at most `limit`; gives the agent as it then is.
    ///
    /// Without a limit the agent's own timeout is the bound. Options hold for each request, of which there may be many.
    pub fn agent_end(&self, id: &str, limit: Option<Duration>) -> Reply<RawReply> {
        let (raw, id) = (self.clone(), id.to_owned());
        Reply::new(async move {
            let ended = raw.poll(&id, limit);
            let Some(limit) = limit else { return ended.await };
            environment::within(limit, ended)
                .await
                .unwrap_or(Err(Error::Timeout { waited_for: "the agent's end", limit }))
        })
    }

    async fn poll(&self, id: &str, limit: Option<Duration>) -> Result<RawReply, Error> {
        let seconds = limit.map_or(POLL, |limit| limit.min(POLL)).as_secs().max(1);
        loop {
            let asked = environment::instant();
            let call = RawCall::get("/agents/{id}").id(id).query("wait", seconds.to_string());
            let reply = self.send(call).await?;
            if !is_working(&reply)? {
                return Ok(reply);
            }
            environment::sleep(PAUSE.saturating_sub(passed_since(asked))).await;
        }
    }
}

fn passed_since(instant: Instant) -> Duration {
    environment::instant().saturating_duration_since(instant)
}

/// Whether the agent runs or is about to. A status of a newer gateway is the caller's to judge.
fn is_working(reply: &RawReply) -> Result<bool, Error> {
    #[derive(Deserialize)]
    struct Head {
        status: String,
    }
    let head: Head = serde_json::from_slice(&reply.body)
        .map_err(|error| Error::Decode { problem: error.to_string(), request_id: reply.request_id.clone() })?;
    Ok(matches!(head.status.as_str(), "queued" | "running"))
}
