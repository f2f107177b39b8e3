//! `client.agents()`: workers that are spawned with a task, followed, and joined.

use std::time::Duration;

use openclaw_core::{
    Agent, AgentInput, AgentStatus, AgentStep, SpawnAgentRequest, WaitAgentsRequest, WaitAgentsResponse,
};

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply, RequestOptions};

mod events;
mod handle;
pub(crate) mod wait;

pub use events::AgentEvents;
pub use handle::AgentHandle;

resource! {
    /// Spawns agents, and reads, joins, answers and cancels them.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, SpawnAgentRequest};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let request = SpawnAgentRequest { task: "分析数据".into(), model: Some("claude-3-5-sonnet".into()), ..Default::default() };
    /// let agent = client.agents().spawn(request).await?;
    /// let ended = agent.wait_for_completion().await?;
    /// println!("{:?}: {}", ended.status, ended.output.unwrap_or_default());
    /// # Ok(())
    /// # }
    /// ```
    Agents
}

impl Agents {
    /// Spawns an agent; it runs from then on, whether anybody waits for it or not.
    pub fn spawn(&self, request: SpawnAgentRequest) -> Reply<AgentHandle> {
        let spawned = self.transport.json(Call::post("/agents/spawn", request), &self.options);
        // The key names the spawning alone.
        let options = RequestOptions { idempotency_key: None, ..self.options.clone() };
        let transport = self.transport.clone();
        Reply::new(async move { Ok(AgentHandle::new(transport, options, spawned.await?)) })
    }

    /// Gets an agent by its id, `agt_…`.
    pub fn get(&self, id: &str) -> Reply<Agent> {
        self.transport.json(Call::get("/agents/{id}").id(id), &self.options)
    }

    /// Gets an agent once it has ended or needs an answer, or as it is after that many seconds; the gateway bounds them.
    ///
    /// One request; [`wait_for_completion`](Self::wait_for_completion) makes as many as it takes.
    pub fn get_after_wait(&self, id: &str, seconds: u32) -> Reply<Agent> {
        let mut call = Call::get("/agents/{id}").id(id);
        call.set_query(wait::WAIT, seconds.to_string());
        self.transport.json(call, &self.options)
    }

    /// Lists agents, newest first; see [`List::status`] and its like.
    pub fn list(&self) -> List<Agent> {
        List::new(&self.transport, &self.options, Call::get("/agents"))
    }

    /// Lists an agent's children, newest first.
    pub fn children(&self, id: &str) -> List<Agent> {
        List::new(&self.transport, &self.options, Call::get("/agents/{id}/children").id(id))
    }

    /// Lists what an agent did, oldest first.
    pub fn steps(&self, id: &str) -> List<AgentStep> {
        List::new(&self.transport, &self.options, Call::get("/agents/{id}/steps").id(id))
    }

    /// Waits for several agents, all or any, for at most a minute; `done` says whether it was long enough.
    pub fn wait(&self, request: WaitAgentsRequest) -> Reply<WaitAgentsResponse> {
        self.transport.json(Call::post("/agents/wait", request), &self.options)
    }

    /// Waits until an agent has ended, however, or needs an action. Its own `timeout` bounds the wait.
    pub fn wait_for_completion(&self, id: &str) -> Reply<Agent> {
        self.at_rest(id, None)
    }

    /// The same, for at most that long; then [`Error::Timeout`](crate::Error::Timeout). The agent goes on.
    pub fn wait_for_completion_within(&self, id: &str, limit: Duration) -> Reply<Agent> {
        self.at_rest(id, Some(limit))
    }

    /// Follows an agent's events from the first on; the stream ends after the last.
    pub fn events(&self, id: &str) -> Reply<AgentEvents> {
        AgentEvents::open(&self.transport, &self.options, id, None)
    }

    /// Follows an agent's events after the one of that id.
    pub fn events_after(&self, id: &str, event_id: impl Into<String>) -> Reply<AgentEvents> {
        AgentEvents::open(&self.transport, &self.options, id, Some(event_id.into()))
    }

    /// Cancels an agent and all below it; one that has ended stays as it is.
    pub fn cancel(&self, id: &str) -> Reply<Agent> {
        let nothing = serde_json::Map::new();
        self.transport.json(Call::post("/agents/{id}/cancel", nothing).id(id), &self.options)
    }

    /// Answers what an agent waits for, or says something to it on the way.
    pub fn input(&self, id: &str, input: AgentInput) -> Reply<Agent> {
        self.transport.json(Call::post("/agents/{id}/input", input).id(id), &self.options)
    }

    fn at_rest(&self, id: &str, limit: Option<Duration>) -> Reply<Agent> {
        let (transport, options) = (self.transport.clone(), self.options.clone());
        let call = Call::get("/agents/{id}").id(id);
        Reply::new(async move {
            let ask = |seconds: u64| {
                let mut call = call.clone();
                call.set_query(wait::WAIT, seconds.to_string());
                transport.json::<Agent>(call, &options)
            };
            wait::at_rest(limit, ask, |agent| Ok(agent.status.is_at_rest())).await
        })
    }
}

impl List<Agent> {
    /// Only agents that stand so.
    pub fn status(self, status: AgentStatus) -> Self {
        self.query("status", status.as_str())
    }

    /// Only children of that agent.
    pub fn parent(self, id: impl Into<String>) -> Self {
        self.query("parent_id", id)
    }

    /// Only agents of the tree that this agent is the root of, itself among them.
    pub fn root(self, id: impl Into<String>) -> Self {
        self.query("root_id", id)
    }

    /// Only agents of that conversation.
    pub fn session(self, id: impl Into<String>) -> Self {
        self.query("session_id", id)
    }
}
