//! The `openclaw` program.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    openclaw::cli::run(openclaw::cli::Cli::parse())
}
