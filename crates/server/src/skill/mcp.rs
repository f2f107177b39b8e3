//! MCP servers: programs that are started (`child`) or addresses that are asked (`http`), for the tools they offer (`tool`).
//!
//! Life of a server: nothing happens until an agent that was granted it starts. Then it is connected and asked for its
//! tools, within `timeout_seconds`, and the connection is kept and shared. If it ends, the next use connects again, later
//! each time it fails. It is let go when the configuration drops it and no agent holds its tools any more; a shutdown
//! waits for those agents. Protocol and sessions are `rmcp`'s work.

mod child;
mod http;
mod tool;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use openclaw_core::{SkillKind, Timestamp};
use rmcp::RoleClient;
use rmcp::model::{ClientCapabilities, ClientConfig, Implementation};
use rmcp::service::RunningService;
use rmcp::transport::StreamableHttpClientTransport;
use tokio_util::sync::DropGuard;
use tokio_util::task::TaskTracker;

use super::catalogue::{Grant, Skill};
use crate::clock::Clock;
use crate::config::McpConfig;
use crate::outbound::Outbound;
use crate::tasks::Tasks;

/// What the name to grant begins with.
pub(super) const PREFIX: &str = "mcp:";

/// The wait after the first failure; doubled with each further one.
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_mins(1);

/// A connection that lived as long as this was none that failed.
const LIVED: Duration = Duration::from_mins(1);

/// A server of the configuration.
pub(super) struct McpServer {
    name: String,
    config: McpConfig,
    outbound: Outbound,
    clock: Clock,
    tasks: Tasks,
    /// One connects, the others wait for it.
    slot: tokio::sync::Mutex<Slot>,
    /// What it offered when it was last asked, for the catalogue.
    offered: Mutex<Vec<String>>,
    /// Who holds its tools; a shutdown lets them end before the server does.
    users: TaskTracker,
}

#[derive(Default)]
struct Slot {
    connection: Option<Arc<Connection>>,
    failures: u32,
    not_before: Timestamp,
    last_failure: String,
}

/// A server that answers.
struct Connection {
    service: RunningService<RoleClient, ClientConfig>,
    since: Timestamp,
    /// Lets go of the program when the last holder drops it.
    _child: Option<DropGuard>,
}

impl McpServer {
    pub(super) fn new(name: &str, config: &McpConfig, outbound: Outbound, clock: Clock, tasks: Tasks) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            config: config.clone(),
            outbound,
            clock,
            tasks,
            slot: tokio::sync::Mutex::default(),
            offered: Mutex::default(),
            users: TaskTracker::new(),
        })
    }

    fn timeout(&self) -> Duration {
        Duration::from_secs(self.config.timeout_seconds)
    }

    /// A connection that is open as far as is known.
    async fn connection(&self) -> Result<Arc<Connection>, String> {
        let mut slot = self.slot.lock().await;
        let now = self.clock.now();
        if let Some(connection) = &slot.connection {
            if !connection.service.is_transport_closed() {
                return Ok(Arc::clone(connection));
            }
            let lived = connection.since.plus(LIVED) <= now;
            slot.connection = None;
            tracing::warn!(server = self.name, "an MCP server ended its connection");
            if lived {
                slot.failures = 0;
            } else {
                slot.fail(now, "it ended soon after it began".into());
            }
        }
        if now < slot.not_before {
            return Err(format!("{}; it is tried again in a while", slot.last_failure));
        }
        match self.connect().await {
            Ok(connection) => {
                let connection = Arc::new(connection);
                slot.connection = Some(Arc::clone(&connection));
                Ok(connection)
            }
            Err(why) => {
                tracing::warn!(server = self.name, %why, "an MCP server cannot be used");
                slot.fail(self.clock.now(), why.clone());
                Err(why)
            }
        }
    }

    async fn connect(&self) -> Result<Connection, String> {
        let me = ClientConfig::new(
            ClientCapabilities::default(),
            Implementation::new("openclaw", env!("CARGO_PKG_VERSION")),
        );
        let (greeting, child) = match (&self.config.command, &self.config.url) {
            (Some(command), _) => {
                let (pipes, guard) = child::start(self, command)
                    .map_err(|error| format!("the program `{command}` does not start: {error}"))?;
                (self.clock.timeout(self.timeout(), rmcp::serve_client(me, pipes)).await, Some(guard))
            }
            (None, Some(url)) => {
                let client = http::Client::new(self.outbound.clone(), self.timeout());
                let transport = StreamableHttpClientTransport::with_client(client, http::config(url, &self.config));
                (self.clock.timeout(self.timeout(), rmcp::serve_client(me, transport)).await, None)
            }
            (None, None) => return Err("it has neither a command nor a url".into()),
        };
        let service = greeting
            .map_err(|_| format!("it did not answer within {} s", self.config.timeout_seconds))?
            .map_err(|error| format!("it does not speak MCP as expected: {error}"))?;
        Ok(Connection { service, since: self.clock.now(), _child: child })
    }
}

impl Slot {
    fn fail(&mut self, now: Timestamp, why: String) {
        let wait = BACKOFF_MIN.saturating_mul(1 << self.failures.min(16)).min(BACKOFF_MAX);
        self.failures += 1;
        self.not_before = now.plus(wait);
        self.last_failure = why;
    }
}

/// A server in the catalogue.
pub(super) struct McpSkill(pub(super) Arc<McpServer>);

#[async_trait]
impl Skill for McpSkill {
    fn entry(&self) -> openclaw_core::Skill {
        let offered = self.0.offered.lock().unwrap_or_else(PoisonError::into_inner);
        openclaw_core::Skill {
            name: format!("{PREFIX}{}", self.0.name),
            kind: SkillKind::Mcp,
            description: format!("Tools of the MCP server {}.", self.0.name),
            tools: offered.clone(),
            available: true,
            reason: None,
        }
    }

    async fn open(&self, _workspace: &str) -> Result<Grant, String> {
        let connection = self.0.connection().await?;
        let asking = self.0.clock.timeout(self.0.timeout(), connection.service.list_all_tools()).await;
        let listed = asking
            .map_err(|_| format!("it did not list its tools within {} s", self.0.config.timeout_seconds))?
            .map_err(|error| format!("it does not list its tools: {error}"))?;
        let tools = tool::tools(&self.0, listed);
        let names = tools.iter().map(|tool| tool.definition().name.clone()).collect();
        *self.0.offered.lock().unwrap_or_else(PoisonError::into_inner) = names;
        Ok(Grant::Tools(tools))
    }
}
