//! A gateway in this process: the real app on a free port, with a folder of its own that goes when the test ends. Where
//! `OPENCLAW_TEST_POSTGRES` names a server, it has a database there: the same tests try both engines.

use std::sync::Arc;

use openclaw::app::App;
use openclaw::clock::Clock;
use openclaw::config::{Config, ProviderConfig};
use openclaw::http::{Listener, router};
use openclaw::service::key::create_unchecked;
use openclaw::store::{self, Opener};
use openclaw::tasks::Tasks;
use openclaw_client::{ChatContext, ChatRequest, Client, CreateKeyRequest, Scope};
use reqwest::{Method, RequestBuilder};
use tempfile::TempDir;

use crate::database::Database;

/// A gateway, a key to it, and a client that has the key.
pub(crate) struct Gateway {
    pub(crate) app: Arc<App>,
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) client: Client,
    pub(crate) folder: TempDir,
    /// Dropped last.
    database: Option<Arc<Database>>,
}

impl Gateway {
    /// With the default configuration.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// With a configuration changed so.
    pub(crate) async fn with(configure: impl FnOnce(&mut Config)) -> Self {
        Self::at(Clock::system(), configure).await
    }

    /// The same by another clock.
    pub(crate) async fn at(clock: Clock, configure: impl FnOnce(&mut Config)) -> Self {
        Self::on(Database::if_asked().map(Arc::new), clock, configure).await
    }

    /// Another one beside this one, on the same database.
    pub(crate) async fn beside(&self, configure: impl FnOnce(&mut Config)) -> Self {
        assert!(self.database.is_some(), "only PostgreSQL is shared: run this by `scripts/with-postgres`");
        Self::on(self.database.clone(), Clock::system(), configure).await
    }

    /// The first one on a database, reached in another way.
    pub(crate) async fn over(database: &Arc<Database>, configure: impl FnOnce(&mut Config)) -> Self {
        Self::on(Some(Arc::clone(database)), Clock::system(), configure).await
    }

    async fn on(database: Option<Arc<Database>>, clock: Clock, configure: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut config = Config::default();
        config.storage.url = match &database {
            Some(database) => database.url(),
            None => format!("sqlite:{}", folder.path().join("openclaw.db").display()),
        };
        config.gateway.api.rate_limit.requests_per_minute = 0;
        config.skills.folders = vec![folder.path().join("skills").display().to_string()];
        config.skills.workspace_dir = folder.path().join("workspace").display().to_string();
        configure(&mut config);
        let store = store::open(&config.storage, Opener::Gateway).await.expect("a store");
        let app = App::new(config, store, clock, Tasks::default()).expect("an app");
        let listener = Listener::bind("127.0.0.1", 0).await.expect("a port");
        let url = format!("http://{}", listener.address);
        app.tasks.spawn(listener.serve(Arc::clone(&app), router(&app)));
        app.tasks.spawn(openclaw::agent::run(Arc::clone(&app)));
        app.tasks.spawn(openclaw::schedule::run(Arc::clone(&app)));
        let (fleet, draining) = (openclaw::service::fleet::run(Arc::clone(&app)), app.tasks.draining().clone());
        app.tasks.spawn(async move {
            tokio::select! {
                () = fleet => {}
                () = draining.cancelled() => {}
            }
        });
        let key = create_key(&app, "default", None).await;
        let client = client(&url, &key);
        Self { app, url, key, client, folder, database }
    }

    /// A key to that workspace.
    pub(crate) async fn key_of(&self, workspace: &str, scopes: Option<Vec<Scope>>) -> String {
        create_key(&self.app, workspace, scopes).await
    }

    /// A client with another key.
    pub(crate) fn client_of(&self, key: &str) -> Client {
        client(&self.url, key)
    }

    /// A bare request with the key.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.anonymous(method, path).bearer_auth(&self.key)
    }

    /// A bare request without a key.
    pub(crate) fn anonymous(&self, method: Method, path: &str) -> RequestBuilder {
        http().request(method, format!("{}{path}", self.url))
    }

    /// The first column of what a statement gives, asked of the store itself, whichever engine it is.
    pub(crate) async fn texts(&self, statement: &str) -> Vec<String> {
        if let Some(database) = &self.database {
            return database.texts(statement).await;
        }
        let store = rusqlite::Connection::open(self.folder.path().join("openclaw.db")).expect("a store");
        let mut statement = store.prepare(statement).expect("a statement");
        let rows = statement.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("text")
    }

    /// `storage.url`, for commands beside it.
    pub(crate) fn storage_url(&self) -> String {
        self.app.live.load().config.storage.url.clone()
    }

    /// A bare POST of JSON with the key.
    pub(crate) fn post(&self, path: &str, body: impl Into<String>) -> RequestBuilder {
        self.request(Method::POST, path).body(body.into())
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.app.tasks.draining().cancel();
        self.app.tasks.aborting().cancel();
    }
}

/// A bare HTTP client.
pub(crate) fn http() -> reqwest::Client {
    // reqwest comes without a crypto library of its own, so that the tree holds one; a second installation is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

/// A chat request to a model.
pub(crate) fn message(session_id: &str, message: &str, model: &str) -> ChatRequest {
    ChatRequest {
        session_id: Some(session_id.into()),
        message: message.into(),
        context: Some(ChatContext { model: Some(model.into()), ..ChatContext::default() }),
        ..ChatRequest::default()
    }
}

/// A provider that asks a stand-in, once.
pub(crate) fn provider(base_url: String) -> ProviderConfig {
    ProviderConfig {
        api_key: Some("vendor-key-0123456789".into()),
        base_url: Some(base_url),
        max_retries: 0,
        ..ProviderConfig::default()
    }
}

/// A client of that gateway with that key, which tries once.
pub(crate) fn client(url: &str, key: &str) -> Client {
    Client::builder().base_url(url).api_key(key).max_retries(0).no_proxy().build().expect("a client")
}

async fn create_key(app: &App, workspace: &str, scopes: Option<Vec<Scope>>) -> String {
    let request = CreateKeyRequest { name: "test".into(), workspace: Some(workspace.into()), scopes, expires_at: None };
    create_unchecked(&*app.store, &app.clock, request).await.expect("a key").secret
}
