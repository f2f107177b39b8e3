//! `openclaw migrate` and `openclaw storage copy`: what is kept, brought to the present shape or to another place.

use std::io::Write;

use clap::{Args, Subcommand};

use super::CliError;
use crate::config::{Config, StorageConfig};
use crate::store::{self, Opener};

#[derive(Debug, Subcommand)]
pub(super) enum StorageCommand {
    /// Copy everything from a SQLite file to an empty PostgreSQL database; no gateway may use either meanwhile.
    Copy(CopyArguments),
}

#[derive(Debug, Args)]
pub(super) struct CopyArguments {
    #[arg(long, value_name = "URL", help = "The file, such as sqlite:~/.openclaw/openclaw.db")]
    from: String,
    #[arg(long, value_name = "URL", help = "The database, such as postgres://USER:PASSWORD@HOST/DATABASE")]
    to: String,
}

/// Brings the configured store to the present shape, as `serve` would.
pub(super) async fn migrate(config: Config) -> Result<(), CliError> {
    store::open(&config.storage, Opener::Command).await?;
    Ok(writeln!(std::io::stdout(), "The store has the shape that this version needs.")?)
}

pub(super) async fn run(command: StorageCommand, config: Config) -> Result<(), CliError> {
    let StorageCommand::Copy(CopyArguments { from, to }) = command;
    let at = |url| StorageConfig { url, ..config.storage.clone() };
    let mut out = std::io::stdout();
    writeln!(out, "{:<18} {:>12}  SHA-256 over the rows, the same in both places", "table", "rows")?;
    let copied = store::copy(&at(from), &at(to), |table| {
        let _ = writeln!(std::io::stdout(), "{:<18} {:>12}  {}", table.table, table.rows, table.checksum);
    })
    .await?;
    let rows: u64 = copied.iter().map(|table| table.rows).sum();
    Ok(writeln!(out, "\nCopied {rows} rows. Now set `storage.url` to the database and start the gateways.")?)
}
