//! `gobind`: writes the Go package of a library that was built with uniffi.

use anyhow::{Context, Result};
use camino::Utf8PathBuf;
use clap::Parser;

/// Writes the Go package of a library that was built with uniffi.
#[derive(Parser)]
struct Arguments {
    /// The built library, with its symbols: `target/debug/lib….so`.
    library: Utf8PathBuf,
    /// The name of the Go package.
    #[arg(long)]
    package: String,
    /// The folder to write into.
    #[arg(long)]
    into: Utf8PathBuf,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    for file in openclaw_gobind::print(&arguments.library, &arguments.package)? {
        let path = arguments.into.join(file.name);
        std::fs::write(&path, file.text).with_context(|| format!("{path} cannot be written"))?;
    }
    Ok(())
}
