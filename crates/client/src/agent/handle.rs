//! An agent that was spawned, to wait for and to steer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openclaw_core::{Agent, AgentInput, AgentStep};

use super::{AgentEvents, Agents};
use crate::transport::Transport;
use crate::{Error, List, Reply, RequestOptions};

/// An agent that was spawned. Clones are handles of the same agent; dropping them all leaves it running.
#[derive(Clone, Debug)]
pub struct AgentHandle {
    agents: Agents,
    id: String,
    latest: Arc<Mutex<Agent>>,
}

impl AgentHandle {
    pub(super) fn new(transport: Transport, options: RequestOptions, agent: Agent) -> Self {
        let agents = Agents { transport, options };
        Self { agents, id: agent.id.clone(), latest: Arc::new(Mutex::new(agent)) }
    }

    /// Its id, `agt_…`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The agent as it was last heard of; asks nobody.
    pub fn snapshot(&self) -> Agent {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The agent as it stands now.
    pub fn refresh(&self) -> Reply<Agent> {
        self.noted(self.agents.get(&self.id))
    }

    /// Waits until it has ended, however, or needs an action: look at `status`. Its own `timeout` bounds the wait.
    pub fn wait_for_completion(&self) -> Reply<Agent> {
        self.noted(self.agents.wait_for_completion(&self.id))
    }

    /// The same, for at most that long; then [`Error::Timeout`]. The agent goes on.
    pub fn wait_for_completion_within(&self, limit: Duration) -> Reply<Agent> {
        self.noted(self.agents.wait_for_completion_within(&self.id, limit))
    }

    /// Cancels it and all below it.
    pub fn cancel(&self) -> Reply<Agent> {
        self.noted(self.agents.cancel(&self.id))
    }

    /// Answers what it waits for, or says something to it on the way.
    pub fn input(&self, input: AgentInput) -> Reply<Agent> {
        self.noted(self.agents.input(&self.id, input))
    }

    /// Follows its events from the first on; the stream ends after the last.
    pub fn events(&self) -> Reply<AgentEvents> {
        self.agents.events(&self.id)
    }

    /// What it did, oldest first.
    pub fn steps(&self) -> List<AgentStep> {
        self.agents.steps(&self.id)
    }

    /// Its children, newest first.
    pub fn children(&self) -> List<Agent> {
        self.agents.children(&self.id)
    }

    fn noted(&self, asked: Reply<Agent>) -> Reply<Agent> {
        let latest = Arc::clone(&self.latest);
        Reply::new(async move {
            let agent = asked.await?;
            latest.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&agent);
            Ok::<_, Error>(agent)
        })
    }
}
