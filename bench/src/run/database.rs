//! A new database on a PostgreSQL server for each gateway that is measured, or for several of them.

use std::io;
use std::time::Duration;

use tokio_postgres::NoTls;

use crate::process;

/// A server that benchmarks may make databases on.
#[derive(Clone, Debug)]
pub(super) struct Server {
    url: String,
}

impl Server {
    /// The server that a URL names, such as `scripts/with-postgres` gives.
    pub(super) fn new(url: &str) -> Self {
        Self { url: url.to_owned() }
    }

    /// What it says of itself.
    pub(super) async fn describe(&self) -> io::Result<String> {
        let text = "SELECT 'PostgreSQL ' || current_setting('server_version') || ', fsync ' || current_setting('fsync') \
                    || ', synchronous_commit ' || current_setting('synchronous_commit')";
        self.ask(text).await
    }

    /// A new database; gives its `storage.url`.
    pub(super) async fn create(&self, name: &str) -> io::Result<String> {
        self.ask(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        self.ask(&format!("CREATE DATABASE {name}")).await?;
        let (server, _) = self.url.rsplit_once('/').ok_or_else(|| io::Error::other("the URL names no database"))?;
        Ok(format!("{server}/{name}"))
    }

    /// CPU time of all its processes so far; those that ended do not count.
    pub(super) async fn cpu_time(&self) -> io::Result<Duration> {
        let pids = self.ask("SELECT string_agg(pid::text, ' ') FROM pg_stat_activity").await?;
        let own = pids.split(' ').filter_map(|pid| pid.parse().ok());
        Ok(own.filter_map(|pid| process::cpu_time(pid).ok()).sum())
    }

    /// Runs a statement; gives the first column of its first row, if there is one.
    async fn ask(&self, statement: &str) -> io::Result<String> {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.map_err(io::Error::other)?;
        let asked = async move {
            let answer = client.simple_query(statement).await.map_err(io::Error::other)?;
            let text = answer.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
                _ => None,
            });
            Ok(text.unwrap_or_default())
        };
        let (asked, ended) = tokio::join!(asked, connection);
        ended.map_err(io::Error::other)?;
        asked
    }
}
