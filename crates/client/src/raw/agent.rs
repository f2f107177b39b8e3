//! Waiting for the end of an agent, its JSON as it came.

use std::time::Duration;

use serde::Deserialize;

use super::{Raw, RawCall, RawReply};
use crate::agent::wait::{WAIT, at_rest};
use crate::{Error, Reply};

impl Raw {
    /// Waits until an agent neither runs nor is about to, for at most `limit`; gives the agent as it then is.
    ///
    /// Without a limit the agent's own timeout is the bound. Options hold for each request, of which there may be many.
    pub fn agent_end(&self, id: &str, limit: Option<Duration>) -> Reply<RawReply> {
        let (raw, call) = (self.clone(), RawCall::get("/agents/{id}").id(id));
        Reply::new(async move {
            let ask = |seconds: u64| raw.send(call.clone().query(WAIT, seconds.to_string()));
            at_rest(limit, ask, |reply| Ok(!is_working(reply)?)).await
        })
    }
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
