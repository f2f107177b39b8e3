//! Peers in other languages: programs of `bench/peers` that measure themselves and print one JSON object.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

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

/// A program of `bench/peers` that an interpreter runs.
pub(super) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(name)
}

/// A program to run, and where it finds what it needs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Peer<'a> {
    pub(super) program: &'a Path,
    /// What the program interprets, if it does.
    pub(super) script: Option<&'a Path>,
    /// Where Node looks for packages.
    pub(super) modules: Option<&'a Path>,
}

/// Runs a peer to its end on those cores.
pub(super) fn run(peer: &Peer<'_>, arguments: &[&str], cores: &[usize]) -> io::Result<Report> {
    let shown = peer.script.unwrap_or(peer.program).display();
    let output = pinned(peer.program, cores)
        .args(peer.script)
        .args(arguments)
        .envs(peer.modules.map(|modules| ("NODE_PATH", modules)))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("{shown}: {error}")))?;
    if !output.status.success() {
        return Err(io::Error::other(format!("{shown} {arguments:?} ended with {}", output.status)));
    }
    let report = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(report.trim()).map_err(|error| io::Error::other(format!("{shown}: {report}: {error}")))
}
