//! `storage`: where everything is kept, and for how long.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Environment;

/// `storage`. Read at start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct StorageConfig {
    /// `sqlite:PATH`, a leading `~/` is the home folder; or `postgres://USER:PASSWORD@HOST/DATABASE`, which several gateways may share.
    pub url: String,
    /// `full`: what was answered survives power loss. `normal`: it survives a crash of the gateway; power loss, or a crash of PostgreSQL, may cost the last moments.
    pub synchronous: Synchronous,
    /// Connections that read at once (SQLite).
    #[schemars(range(min = 1, max = 64))]
    pub readers: usize,
    /// Writes that may wait for the disk; one more is answered 503.
    #[schemars(range(min = 1))]
    pub write_queue_max: usize,
    /// What a PostgreSQL database is asked.
    pub postgres: PostgresConfig,
    /// The most bytes of SQLite's file, without its log; what would make it longer is answered 503 (`disk_full`). 0: what the disk has, else 1 MiB or more.
    pub file_bytes_max: u64,
    /// How long things are kept.
    pub retention: RetentionConfig,
}

impl StorageConfig {
    /// Whether several gateways may share it: a PostgreSQL database.
    pub fn is_shared(&self) -> bool {
        self.url.starts_with("postgres://") || self.url.starts_with("postgresql://")
    }

    /// The database file, with the home folder of this process in place of `~/`.
    pub fn path(&self) -> PathBuf {
        self.path_in(&Environment::process())
    }

    /// The database file, with the home folder of an environment in place of `~/`.
    pub fn path_in(&self, environment: &Environment) -> PathBuf {
        let file = self.file().unwrap_or_default();
        environment.expand(file).unwrap_or_else(|| PathBuf::from(file))
    }

    /// The part of the URL that names a file; absent if it is no `sqlite:` URL.
    pub(super) fn file(&self) -> Option<&str> {
        let file = self.url.strip_prefix("sqlite:")?;
        Some(file.strip_prefix("//").unwrap_or(file))
    }
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self {
            url: "sqlite:~/.openclaw/openclaw.db".into(),
            synchronous: Synchronous::Full,
            readers: 4,
            write_queue_max: 8192,
            postgres: PostgresConfig::default(),
            file_bytes_max: 0,
            retention: RetentionConfig::default(),
        }
    }
}

/// `storage.postgres`. Of no matter with SQLite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PostgresConfig {
    /// Connections of this gateway, one more for hints not counted; all gateways' together must be fewer than the database's `max_connections`.
    #[schemars(range(min = 4, max = 1000))]
    pub connections: usize,
    /// Seconds to connect in.
    #[schemars(range(min = 1, max = 60))]
    pub connect_timeout_seconds: u32,
    /// Seconds that one statement, or the wait for a lock, may take.
    #[schemars(range(min = 1, max = 600))]
    pub statement_timeout_seconds: u32,
    /// Seconds after which the others take over from a gateway that they no longer hear of.
    #[schemars(range(min = 1, max = 300))]
    pub lease_seconds: u32,
    /// A file of certificates (PEM) that sign the database's; unset: those that the system trusts. With TLS only: `?sslmode=require` in the URL, the default unless the database is on this machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
}

impl PostgresConfig {
    /// The file of certificates, with the home folder of this process in place of `~/`.
    pub fn ca_file_path(&self) -> Option<PathBuf> {
        let file = self.ca_file.as_deref()?;
        Some(Environment::process().expand(file).unwrap_or_else(|| PathBuf::from(file)))
    }
}

impl Default for PostgresConfig {
    fn default() -> Self {
        Self {
            connections: 16,
            connect_timeout_seconds: 5,
            statement_timeout_seconds: 30,
            lease_seconds: 10,
            ca_file: None,
        }
    }
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Synchronous {
    /// When the disk has it.
    #[default]
    Full,
    /// When the operating system has it.
    Normal,
}

/// `storage.retention`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RetentionConfig {
    /// Days that an event is kept.
    #[schemars(range(min = 1))]
    pub events_days: u32,
    /// Days that an agent is kept after its end, with its steps.
    #[schemars(range(min = 1))]
    pub agents_days: u32,
    /// Hours that an answer is kept for its `Idempotency-Key`.
    #[schemars(range(min = 1))]
    pub idempotency_hours: u32,
}

impl Default for RetentionConfig {
    fn default() -> Self {
        Self { events_days: 30, agents_days: 30, idempotency_hours: 24 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_names_a_file() {
        let environment = Environment::from_fn(|name| (name == "HOME").then(|| "/home/ann".into()));
        for (url, path) in [
            ("sqlite:~/.openclaw/openclaw.db", "/home/ann/.openclaw/openclaw.db"),
            ("sqlite:/var/lib/a.db", "/var/lib/a.db"),
            ("sqlite:///var/lib/a.db", "/var/lib/a.db"),
            ("sqlite:a.db", "a.db"),
            ("sqlite://~/a.db", "/home/ann/a.db"),
        ] {
            let storage = StorageConfig { url: url.into(), ..StorageConfig::default() };
            assert_eq!(storage.path_in(&environment), PathBuf::from(path), "{url}");
        }
    }
}
