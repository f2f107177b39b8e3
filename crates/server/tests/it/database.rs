//! A database of a test's own, on the server that `scripts/with-postgres` starts.

use std::future::Future;

use openclaw::clock::Clock;
use openclaw_core::IdKind;
use tokio_postgres::{NoTls, SimpleQueryMessage};

/// Goes when the test ends.
pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// A new one; `None` if no server is named, and tests run on SQLite.
    pub(crate) fn if_asked() -> Option<Self> {
        let server = std::env::var("OPENCLAW_TEST_POSTGRES").ok().filter(|server| !server.is_empty())?;
        let database = Self { server, name: Clock::system().id(IdKind::Request) };
        database.execute(format!("CREATE DATABASE {}", database.name));
        Some(database)
    }

    /// A new one, for tests that need PostgreSQL.
    pub(crate) fn new() -> Self {
        Self::if_asked().expect("OPENCLAW_TEST_POSTGRES names a server: run this by `scripts/with-postgres`")
    }

    /// Its `storage.url`.
    pub(crate) fn url(&self) -> String {
        self.on(&self.server)
    }

    /// The same by TCP.
    pub(crate) fn tcp_url(&self) -> String {
        self.on(&std::env::var("OPENCLAW_TEST_POSTGRES_TCP").expect("run this by `scripts/with-postgres`"))
    }

    fn on(&self, server: &str) -> String {
        let (server, _) = server.rsplit_once('/').expect("a URL with a database");
        format!("{server}/{}", self.name)
    }

    /// The first column of what a statement gives.
    pub(crate) async fn texts(&self, statement: &str) -> Vec<String> {
        texts(&self.url(), statement).await
    }

    /// Runs a statement on the server, beside every database.
    fn execute(&self, statement: String) {
        let server = self.server.clone();
        apart(async move {
            let (client, connection) = tokio_postgres::connect(&server, NoTls).await.expect("the server answers");
            let connection = tokio::spawn(connection);
            client.batch_execute(&statement).await.expect("the statement runs");
            drop(client);
            connection.await.expect("it ends").expect("it ends well");
        });
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.execute(format!("DROP DATABASE {} WITH (FORCE)", self.name));
    }
}

/// The first column of what a statement gives in the database of a URL.
pub(crate) async fn texts(url: &str, statement: &str) -> Vec<String> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the database answers");
    tokio::spawn(connection);
    let messages = client.simple_query(statement).await.expect("the statement runs");
    let text = |message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    messages.into_iter().filter_map(text).collect()
}

/// Runs a future on a thread and a runtime of its own, since a test may be inside one, or be dropping it.
fn apart(future: impl Future<Output = ()> + Send + 'static) {
    let thread = std::thread::spawn(|| {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime").block_on(future);
    });
    thread.join().expect("it does not panic");
}
