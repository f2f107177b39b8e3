//! `openclaw agents`: what agents a running gateway has, drawn for people.

mod tree;

use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::Subcommand;
use openclaw_core::page::LIMIT_MAX;
use openclaw_core::{Agent, AgentStatus, Page};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::CliError;
use super::remote::{Remote, RemoteArguments, RemoteError};

/// What to do with agents.
#[derive(Debug, Subcommand)]
pub(super) enum AgentCommand {
    /// List agents, newest first.
    List {
        #[command(flatten)]
        remote: RemoteArguments,
        #[arg(
            long,
            value_parser = status,
            help = "Only those that stand so: queued, running, requires_action, completed, failed or cancelled"
        )]
        status: Option<AgentStatus>,
        /// How many.
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: u32,
    },
    /// Print an agent as JSON.
    Get {
        #[command(flatten)]
        remote: RemoteArguments,
        /// The agent's id, agt_….
        id: String,
    },
    /// Draw an agent and all below it.
    Tree {
        #[command(flatten)]
        remote: RemoteArguments,
        /// The agent's id, agt_….
        id: String,
    },
    /// Cancel an agent and all below it.
    Cancel {
        #[command(flatten)]
        remote: RemoteArguments,
        /// The agent's id, agt_….
        id: String,
    },
}

/// Runs one.
pub(super) async fn run(command: AgentCommand, config_path: Option<PathBuf>) -> Result<(), CliError> {
    let mut out = std::io::stdout();
    match command {
        AgentCommand::List { remote, status, limit } => {
            let remote = Remote::find(remote, config_path)?;
            let status = status.map(|status| format!("&status={}", status.as_str())).unwrap_or_default();
            let page: Page<Agent> = asked(&remote, &format!("/api/v1/agents?limit={limit}{status}")).await?;
            writeln!(out, "{:<30}  {:<15}  {:>8}  {:>10}  TASK", "ID", "STATUS", "TIME", "TOKENS")?;
            for agent in &page.data {
                writeln!(out, "{:<30}  {}", agent.id, tree::facts(agent, remote.clock.now()))?;
            }
            Ok(())
        }
        AgentCommand::Get { remote, id } => {
            let remote = Remote::find(remote, config_path)?;
            let agent: Agent = asked(&remote, &path(&id)).await?;
            let json = serde_json::to_string_pretty(&agent).expect("our own types serialise");
            Ok(writeln!(out, "{json}")?)
        }
        AgentCommand::Tree { remote, id } => {
            let remote = Remote::find(remote, config_path)?;
            let agents = family(&remote, &id).await?;
            Ok(write!(out, "{}", tree::draw(&agents, &id, remote.clock.now()))?)
        }
        AgentCommand::Cancel { remote, id } => {
            let remote = Remote::find(remote, config_path)?;
            let answer = remote.post(&format!("{}/cancel", path(&id)), &json!({})).await;
            let agent: Agent = answer.map_err(|error| refused(&remote, &error))?;
            Ok(writeln!(out, "{} is {}", agent.id, agent.status.as_str())?)
        }
    }
}

/// Every agent of the tree that an agent belongs to.
async fn family(remote: &Remote, id: &str) -> Result<Vec<Agent>, CliError> {
    let agent: Agent = asked(remote, &path(id)).await?;
    let mut agents = Vec::new();
    let mut after = String::new();
    loop {
        let mut query = format!("/api/v1/agents?limit={LIMIT_MAX}&root_id={}", escaped(&agent.root_id));
        if !after.is_empty() {
            let _ = write!(query, "&after={}", escaped(&after));
        }
        let page: Page<Agent> = asked(remote, &query).await?;
        agents.extend(page.data);
        match page.next {
            Some(next) => after = next,
            None => return Ok(agents),
        }
    }
}

async fn asked<T: serde::de::DeserializeOwned>(remote: &Remote, path: &str) -> Result<T, CliError> {
    remote.get(path).await.map_err(|error| refused(remote, &error))
}

fn path(id: &str) -> String {
    format!("/api/v1/agents/{}", escaped(id))
}

fn escaped(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn refused(remote: &Remote, error: &RemoteError) -> CliError {
    CliError::Argument(format!("{}: {error}", remote.url))
}

fn status(word: &str) -> Result<AgentStatus, String> {
    let words: Vec<_> = AgentStatus::ALL.iter().map(|status| status.as_str()).collect();
    AgentStatus::parse(word).ok_or_else(|| format!("an agent is one of {}", words.join(", ")))
}
