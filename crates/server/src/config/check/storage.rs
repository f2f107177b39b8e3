//! Rules of `storage` and `logging`.

use tracing_subscriber::EnvFilter;

use super::Findings;
use crate::config::environment::Environment;
use crate::config::{LoggingConfig, StorageConfig};

/// An empty store has some 200 KiB.
const FILE_BYTES_LEAST: u64 = 1024 * 1024;

pub(super) fn check_storage(storage: &StorageConfig, environment: &Environment, findings: &mut Findings) {
    if (1..FILE_BYTES_LEAST).contains(&storage.file_bytes_max) {
        findings.fault("storage.file_bytes_max", format!("must be 0 (no bound), or {FILE_BYTES_LEAST} or more"));
    }
    let path = "storage.url";
    let example = "such as sqlite:~/.openclaw/openclaw.db";
    if storage.is_shared() {
        check_postgres(storage, environment, findings);
        return;
    }
    let Some(file) = storage.file() else {
        findings.fault_with_help(path, "must start with `sqlite:` or `postgres://`", example);
        return;
    };
    if file.is_empty() || file.ends_with('/') || file.contains('?') || file == ":memory:" {
        findings.fault_with_help(path, "must name a file, without parameters", example);
    } else if environment.expand(file).is_none() {
        findings.fault_with_help(
            path,
            "is in the home folder, which is not known",
            "set OPENCLAW_HOME or HOME, or write the whole path",
        );
    }
}

fn check_postgres(storage: &StorageConfig, environment: &Environment, findings: &mut Findings) {
    let rest = storage.url.split_once("://").map_or("", |(_, rest)| rest);
    if rest.is_empty() || rest.chars().any(char::is_whitespace) {
        let example = "such as postgres://openclaw:${DATABASE_PASSWORD}@db.internal/openclaw";
        findings.fault_with_help("storage.url", "is no URL of a PostgreSQL database", example);
    }
    let file = storage.postgres.ca_file.as_deref().map(|file| environment.expand(file));
    if file.is_some_and(|file| !file.is_some_and(|file| file.is_file())) {
        findings.fault("storage.postgres.ca_file", "is no file that can be read");
    }
}

pub(super) fn check_logging(logging: &LoggingConfig, findings: &mut Findings) {
    let is_level = |word: &str| matches!(word, "off" | "error" | "warn" | "info" | "debug" | "trace");
    let is_filter = logging.level.split(',').all(|part| is_level(part.trim()) || part.contains('='));
    if !is_filter || EnvFilter::try_new(&logging.level).is_err() {
        findings.fault_with_help(
            "logging.level",
            "is no level",
            "write error, warn, info, debug or trace, or a filter such as info,openclaw=debug",
        );
    }
}
