//! The command line: one file a command.

mod agent;
pub mod config;
mod key;
mod remote;
mod schedule;
mod serve;
mod storage;
mod webhook;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{Environment, Loaded, Source};
use crate::service::ServiceError;
use crate::store::StoreError;

/// A self-hosted gateway to LLM agents.
#[derive(Debug, Parser)]
#[command(name = "openclaw", version, disable_help_subcommand = true)]
pub struct Cli {
    #[arg(
        long,
        global = true,
        value_name = "PATH",
        help = "The configuration file [default: $OPENCLAW_CONFIG, else ~/.openclaw/config.yaml]"
    )]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve,
    /// Manage access to the API.
    Api {
        #[command(subcommand)]
        command: ApiCommand,
    },
    /// List, draw and cancel the agents of a running gateway.
    Agents {
        #[command(subcommand)]
        command: agent::AgentCommand,
    },
    /// Make, list, run, pause and delete the schedules of a running gateway.
    Schedules {
        #[command(subcommand)]
        command: schedule::ScheduleCommand,
    },
    /// Try webhooks: follow events, send samples, check signatures.
    Webhooks {
        #[command(subcommand)]
        command: webhook::WebhookCommand,
    },
    /// Check, show or describe the configuration.
    Config {
        #[command(subcommand)]
        command: config::ConfigCommand,
    },
    /// Bring the store to the shape that this version needs; `serve` does so by itself.
    Migrate,
    /// Move what is kept.
    Storage {
        #[command(subcommand)]
        command: storage::StorageCommand,
    },
    /// Print the OpenAPI document.
    Openapi,
}

#[derive(Debug, Subcommand)]
enum ApiCommand {
    /// Make, list and revoke API keys; works while the gateway runs.
    Key {
        #[command(subcommand)]
        command: key::KeyCommand,
    },
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
enum CliError {
    #[error("{0}")]
    Config(#[from] crate::config::ConfigError),
    #[error("error: {0}")]
    App(#[from] crate::app::AppConfigError),
    #[error("error: {0}")]
    Store(#[from] StoreError),
    #[error("error: {0}")]
    Service(#[from] ServiceError),
    #[error("error: {0}")]
    Argument(String),
    #[error("error: {0}")]
    Io(#[from] std::io::Error),
}

impl CliError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::App(_) => ExitCode::from(config::EX_CONFIG),
            _ => ExitCode::FAILURE,
        }
    }
}

/// Runs a command to its end.
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Config { command } => return config::run(command, cli.config),
        Command::Serve => load(cli.config).and_then(|(source, loaded)| block_on(serve::run(source, loaded))),
        Command::Api { command: ApiCommand::Key { command } } => {
            load(cli.config).and_then(|(_, loaded)| block_on(key::run(command, loaded.config)))
        }
        Command::Agents { command } => block_on(agent::run(command, cli.config)),
        Command::Schedules { command } => block_on(schedule::run(command, cli.config)),
        Command::Webhooks { command } => block_on(webhook::run(command, cli.config)),
        Command::Migrate => load(cli.config).and_then(|(_, loaded)| block_on(storage::migrate(loaded.config))),
        Command::Storage { command } => {
            load(cli.config).and_then(|(_, loaded)| block_on(storage::run(command, loaded.config)))
        }
        Command::Openapi => print_openapi(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            error.exit_code()
        }
    }
}

fn load(path: Option<PathBuf>) -> Result<(Source, Loaded), CliError> {
    let source = Source::find(path, Environment::process());
    let loaded = source.load()?;
    Ok((source, loaded))
}

fn block_on(future: impl Future<Output = Result<(), CliError>>) -> Result<(), CliError> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(future)
}

fn print_openapi() -> Result<(), CliError> {
    let json = crate::http::document().to_pretty_json().expect("the document serialises");
    Ok(writeln!(std::io::stdout(), "{json}")?)
}
