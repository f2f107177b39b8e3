//! The client: one gateway, one key, and a resource for every noun.

use std::fmt;

use crate::raw::Raw;
use crate::transport::Transport;
use crate::{
    Agents, Channels, Chat, Error, Events, GatewayStatus, Keys, Models, Schedules, Sessions, Skills, Webhooks,
    WorkspaceUsage,
};

mod builder;

pub use builder::ClientBuilder;

/// A gateway to talk to. Clones are cheap and share connections.
///
/// Its calls are awaited inside a tokio runtime, or waited for without one: see [`blocking`](crate::blocking).
///
/// ```
/// use openclaw_client::Client;
///
/// let client = Client::new("http://localhost:3000", "oc_api_sk_xxx")?;
/// assert!(!format!("{client:?}").contains("oc_api_sk_xxx"));
/// # Ok::<(), openclaw_client::Error>(())
/// ```
#[derive(Clone)]
pub struct Client {
    transport: Transport,
}

impl Client {
    /// Makes a client for the gateway at that address, such as `http://localhost:3000`.
    pub fn new(base_url: impl Into<String>, api_key: impl Into<String>) -> Result<Self, Error> {
        Self::builder().base_url(base_url).api_key(api_key).build()
    }

    /// Makes a client from `OPENCLAW_API_KEY` and `OPENCLAW_BASE_URL`, by default `http://localhost:3000`.
    pub fn from_env() -> Result<Self, Error> {
        Self::builder().build()
    }

    /// Begins a client with settings of its own.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Messages to models.
    pub fn chat(&self) -> Chat {
        Chat::new(&self.transport)
    }

    /// Messages from channels of your own.
    pub fn channels(&self) -> Channels {
        Channels::new(&self.transport)
    }

    /// Workers that are spawned with a task.
    pub fn agents(&self) -> Agents {
        Agents::new(&self.transport)
    }

    /// Agents that are spawned when their time comes.
    pub fn schedules(&self) -> Schedules {
        Schedules::new(&self.transport)
    }

    /// Calls by their route, for clients in other languages.
    pub fn raw(&self) -> Raw {
        Raw::new(&self.transport)
    }

    /// The conversations of this workspace.
    pub fn sessions(&self) -> Sessions {
        Sessions::new(&self.transport)
    }

    /// Who is told of events, and what came of it.
    pub fn webhooks(&self) -> Webhooks {
        Webhooks::new(&self.transport)
    }

    /// What happened in this workspace.
    pub fn events(&self) -> Events {
        Events::new(&self.transport)
    }

    /// The API keys of this workspace.
    pub fn keys(&self) -> Keys {
        Keys::new(&self.transport)
    }

    /// The models that may be asked for.
    pub fn models(&self) -> Models {
        Models::new(&self.transport)
    }

    /// What agents may be granted.
    pub fn skills(&self) -> Skills {
        Skills::new(&self.transport)
    }

    /// How the gateway is doing.
    pub fn status(&self) -> GatewayStatus {
        GatewayStatus::new(&self.transport)
    }

    /// Tokens used, by day and model.
    pub fn usage(&self) -> WorkspaceUsage {
        WorkspaceUsage::new(&self.transport)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.transport.base_url()).finish_non_exhaustive()
    }
}
