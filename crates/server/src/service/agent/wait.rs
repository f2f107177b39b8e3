//! Waiting for agents: woken by what happens, bounded by time, and never an error when the time is over.

use std::time::Duration;

use futures_util::future::{join_all, select_all};
use openclaw_core::agent::WAIT_IDS_MAX;
use openclaw_core::{Agent, WaitAgentsRequest, WaitAgentsResponse, WaitMode};

use super::{Caller, ServiceError, find};
use crate::app::App;

/// The agent; with `wait_seconds`, as it stands once it has ended or needs an action, or when that time is over.
pub async fn get(app: &App, caller: &Caller, id: &str, wait_seconds: Option<u64>) -> Result<Agent, ServiceError> {
    let Some(seconds) = wait_seconds else { return Ok(find(app, caller, id).await?.agent) };
    match within(app, seconds, at_rest(app, caller, id)).await {
        Some(agent) => agent,
        None => Ok(find(app, caller, id).await?.agent),
    }
}

/// Waits for several: all of them or any.
pub async fn wait(app: &App, caller: &Caller, request: &WaitAgentsRequest) -> Result<WaitAgentsResponse, ServiceError> {
    if request.ids.is_empty() || request.ids.len() > WAIT_IDS_MAX {
        let message = format!("`ids` must name 1 to {WAIT_IDS_MAX} agents");
        return Err(ServiceError::invalid("ids_invalid", "ids", message));
    }
    let seconds = request.timeout.unwrap_or(u64::MAX);
    let waits = request.ids.iter().map(|id| Box::pin(at_rest(app, caller, id)));
    match request.mode {
        WaitMode::All => {
            if let Some(ended) = within(app, seconds, join_all(waits)).await {
                ended.into_iter().collect::<Result<Vec<_>, _>>()?;
            }
        }
        WaitMode::Any => {
            if let Some((ended, _, _)) = within(app, seconds, select_all(waits)).await {
                ended?;
            }
        }
    }
    let found = join_all(request.ids.iter().map(|id| find(app, caller, id))).await;
    let agents: Vec<Agent> = found.into_iter().map(|found| found.map(|found| found.agent)).collect::<Result<_, _>>()?;
    let mut at_rest = agents.iter().map(|agent| agent.status.is_at_rest());
    let done = match request.mode {
        WaitMode::All => at_rest.all(|rests| rests),
        WaitMode::Any => at_rest.any(|rests| rests),
    };
    Ok(WaitAgentsResponse { done, agents })
}

/// The agent once it has ended or needs an action. Dropping the future forgets the wait.
async fn at_rest(app: &App, caller: &Caller, id: &str) -> Result<Agent, ServiceError> {
    let mut ear = app.agents.rested.listen(id);
    loop {
        let agent = find(app, caller, id).await?.agent;
        if agent.status.is_at_rest() {
            return Ok(agent);
        }
        ear.heard().await;
    }
}

/// The future's output, unless the time is over (`agents.wait_seconds_max` at the latest) or the gateway shuts down.
async fn within<F: Future>(app: &App, seconds: u64, future: F) -> Option<F::Output> {
    let seconds = seconds.min(app.live.load().config.agents.wait_seconds_max);
    tokio::select! {
        biased;
        output = future => Some(output),
        () = app.clock.sleep(Duration::from_secs(seconds)) => None,
        () = app.tasks.draining().cancelled() => None,
    }
}
