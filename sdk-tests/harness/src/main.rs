//! `openclaw-sdk-tests`: runs the scenarios, or serves a gateway for an SDK's own tests.
#![allow(clippy::print_stdout, reason = "what it prints is what it is for")]

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use openclaw_sdk_tests::gateway::Gateway;
use openclaw_sdk_tests::soak;
use openclaw_sdk_tests::standin::StandIn;
use openclaw_sdk_tests::suite::{self, Language};
use serde_json::json;
use tokio::io::AsyncReadExt;

/// Holds every SDK to the same scenarios.
#[derive(Debug, Parser)]
struct Arguments {
    /// The gateway's program.
    #[arg(long, global = true, default_value = "target/debug/openclaw")]
    gateway: PathBuf,
    /// The root of the repository.
    #[arg(long, global = true, default_value = ".")]
    repository: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Put every scenario to every language, and print the grid.
    Run {
        /// Only these languages; give it again for more than one.
        #[arg(long)]
        language: Vec<String>,
        /// Only scenarios whose name holds this.
        #[arg(long, default_value = "")]
        only: String,
        /// A runner's command, in place of those in sdk-tests/runners/ (with one --language to name it).
        #[arg(last = true)]
        command: Vec<String>,
    },
    /// Start a gateway for an SDK's own tests, print `{"gateway_url", "api_key", "sink_url"}`, stay until standard input ends.
    Serve,
    /// Make many calls and streams with the Rust client, abandon half of them, and see that nothing grows.
    Soak {
        /// How many; 100000 is the full length.
        #[arg(long, default_value_t = 3000)]
        calls: u64,
    },
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let Arguments { gateway, repository, command } = Arguments::parse();
    let repository = repository.canonicalize()?;
    let gateway = Gateway::start(&gateway).await?;
    match command {
        Command::Run { language, only, command } => {
            let scenarios = suite::scenarios(&repository, &only)?;
            let grid = suite::run(&repository, &scenarios, chosen(&repository, &language, command)?, &gateway).await?;
            print!("{grid}");
            Ok(if grid.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Command::Soak { calls } => {
            let (before, after) = soak::run(&gateway, calls).await?;
            println!("{}", json!({"language": "rust", "calls": calls, "before": before, "after": after}));
            Ok(ExitCode::SUCCESS)
        }
        Command::Serve => {
            let sink = StandIn::sink().await?;
            let api_key = gateway.new_workspace().await?;
            println!("{}", json!({"gateway_url": gateway.url, "api_key": api_key, "sink_url": sink.url}));
            std::io::stdout().flush()?;
            tokio::io::stdin().read_to_end(&mut Vec::new()).await?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn chosen(repository: &std::path::Path, names: &[String], command: Vec<String>) -> Result<Vec<Language>> {
    if !command.is_empty() {
        let [name] = names else { bail!("a command needs one --language, its name") };
        return Ok(vec![Language { name: name.clone(), command }]);
    }
    let mut languages = suite::languages(repository)?;
    if let Some(unknown) = names.iter().find(|name| !languages.iter().any(|language| language.name == **name)) {
        bail!("sdk-tests/runners/ has no `{unknown}`");
    }
    if !names.is_empty() {
        languages.retain(|language| names.contains(&language.name));
    }
    Ok(languages)
}
