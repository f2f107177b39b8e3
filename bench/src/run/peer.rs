//! Peers in other languages: programs of `bench/peers` that measure themselves and print one JSON object.

use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use crate::process::pinned;

/// What a peer did, and what that took its process.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(super) struct Report {
    pub(super) count: f64,
    pub(super) cpu_us: f64,
    pub(super) seconds: f64,
}

/// The Python of the folder that `scripts/need-peers` fills, if it is there.
pub(super) fn python(peers: Option<&Path>) -> Option<PathBuf> {
    Some(peers?.join("bin/python")).filter(|python| python.exists())
}

/// A program of `bench/peers`.
pub(super) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// Runs a peer to its end on those cores.
pub(super) fn run(program: &Path, script: &Path, arguments: &[&str], cores: &[usize]) -> io::Result<Report> {
    let mut command: Command = pinned(program, cores);
    let output = command.arg(script).args(arguments).stdin(Stdio::null()).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{} ended with {}", script.display(), output.status)));
    }
    let report = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(report.trim()).map_err(|error| io::Error::other(format!("{report}: {error}")))
}
