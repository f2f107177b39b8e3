//! `openclaw serve`: starts everything, waits for the end, drains.
//!
//! Order of events: open the store, end what a crash left open, store the endpoints and schedules that the configuration names, make the
//! first key, listen, tell where; then reload the configuration whenever it changes, until SIGTERM or Ctrl-C; then let
//! replies under way finish, and close.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use openclaw_core::CreateKeyRequest;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::EnvFilter;

use super::CliError;
use crate::agent;
use crate::app::App;
use crate::channel;
use crate::clock::Clock;
use crate::config::{Config, Loaded, LogFormat, LoggingConfig, Source, Watcher, needs_restart};
use crate::http::{self, Listener};
use crate::schedule as schedule_door;
use crate::service::{disk, endpoint, fleet, key, retention, schedule};
use crate::store::{self, Opener, Store};
use crate::tasks::Tasks;
use crate::webhook;

/// What the first key is called.
const FIRST_KEY_NAME: &str = "first";

/// Runs the gateway to its end.
pub(super) async fn run(source: Source, loaded: Loaded) -> Result<(), CliError> {
    start_log(&loaded.config.logging);
    for warning in &loaded.warnings {
        tracing::warn!("{warning}");
    }
    let clock = Clock::system();
    let config = loaded.config.clone();
    let store = store::open(&config.storage, Opener::Gateway).await?;
    let crashed = store.end_crashed_turns(clock.now()).await?;
    if crashed > 0 {
        tracing::warn!(turns = crashed, "turns were cut off when the gateway last stopped; they are booked as crashed");
    }
    let app = App::new(config, store, clock.clone(), Tasks::default())?;
    let watcher = Watcher::new(source, &loaded, clock)?;
    let ends = Ends::new()?;

    // Known to the first caller already; the deliverer tries again if the store refuses.
    if let Err(error) = endpoint::apply(&app, &app.live.load_full().config).await {
        tracing::error!(%error, "the endpoints of the configuration could not be stored");
    }
    if let Err(error) = schedule::apply(&app, &app.live.load_full().config).await {
        tracing::error!(%error, "the schedules of the configuration could not be stored; those of its last start stay");
    }
    listen(&app).await?;
    app.tasks.spawn(retention::run(Arc::clone(&app)));
    app.tasks.spawn(disk::run(Arc::clone(&app)));
    app.tasks.spawn(webhook::run(Arc::clone(&app)));
    app.tasks.spawn(agent::run(Arc::clone(&app)));
    app.tasks.spawn(channel::run(Arc::clone(&app)));
    app.tasks.spawn(schedule_door::run(Arc::clone(&app)));
    app.tasks.spawn(reload(Arc::clone(&app), watcher));
    // What runs to its end during the drain is held under the lease still.
    tokio::select! {
        () = shut_down(&app, ends) => {}
        () = keep_lease(&app) => {}
    }
    if let Err(error) = app.store.leave(app.clock.now()).await {
        tracing::warn!(%error, "the other gateways were not told: they take over when the lease runs out");
    }
    Ok(())
}

/// Keeps what this gateway holds among others; never ends.
async fn keep_lease(app: &Arc<App>) {
    fleet::run(Arc::clone(app)).await;
    std::future::pending::<()>().await;
}

/// Opens the HTTP door, unless `gateway.api.enabled` is false, and tells the first visitor how to enter.
async fn listen(app: &Arc<App>) -> Result<(), CliError> {
    let live = app.live.load_full();
    let api = &live.config.gateway.api;
    if !api.enabled {
        tracing::info!("the API is off (`gateway.api.enabled: false`)");
        return Ok(());
    }
    let listener = Listener::bind(&api.host, api.port).await.map_err(|error| {
        CliError::Argument(format!(
            "cannot listen on {}:{}: {error}; `gateway.api.port` names another",
            api.host, api.port
        ))
    })?;
    let url = url(listener.address);
    let first_key = first_key(&*app.store, &app.clock, &live.config).await?;
    app.tasks.spawn(listener.serve(Arc::clone(app), http::router(app)));
    announce(&url, first_key.as_deref())?;
    Ok(())
}

/// Makes a key if there is no other way in.
async fn first_key(store: &dyn Store, clock: &Clock, config: &Config) -> Result<Option<String>, CliError> {
    if config.gateway.api.auth.secret.is_some() || store.has_keys().await? {
        return Ok(None);
    }
    let request = CreateKeyRequest { name: FIRST_KEY_NAME.into(), ..CreateKeyRequest::default() };
    Ok(Some(key::create_unchecked(store, clock, request).await?.secret))
}

fn announce(url: &str, first_key: Option<&str>) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "OpenClaw {} listens on {url}  (docs: {url}/docs)", env!("CARGO_PKG_VERSION"))?;
    if let Some(key) = first_key {
        writeln!(out, "\nYour first API key, shown this once:\n\n  {key}\n\nTry it:\n")?;
        writeln!(out, "  curl {url}/api/v1/chat \\\n    -H \"Authorization: Bearer {key}\" \\")?;
        writeln!(out, "    -d '{{\"session_id\": \"user_123\", \"message\": \"Hello\"}}'\n")?;
    }
    out.flush()
}

/// The address as a person would type it.
fn url(address: SocketAddr) -> String {
    if address.ip().is_unspecified() || address.ip().is_loopback() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

/// Puts each new configuration in force; a bad one changes nothing.
async fn reload(app: Arc<App>, mut watcher: Watcher) {
    loop {
        let config = tokio::select! {
            config = watcher.changed() => config,
            () = app.tasks.draining().cancelled() => return,
        };
        let waiting = needs_restart(&app.live.load().config, &config);
        let outcome = app.reload(config.clone());
        if outcome.is_ok()
            && let Err(error) = endpoint::apply(&app, &config).await
        {
            tracing::error!(%error, "the endpoints of the new configuration could not be stored");
        }
        if outcome.is_ok()
            && let Err(error) = schedule::apply(&app, &config).await
        {
            tracing::error!(%error, "the schedules of the new configuration could not be stored");
        }
        match outcome {
            Ok(()) => tracing::info!("the configuration was reloaded"),
            Err(error) => tracing::error!(%error, "the new configuration is refused; the last good one stays"),
        }
        if !waiting.is_empty() {
            tracing::warn!(keys = ?waiting, "some changes count from the next start on");
        }
    }
}

/// The signals that end the gateway.
struct Ends {
    terminate: Signal,
    interrupt: Signal,
}

impl Ends {
    fn new() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Waits for a signal, then for the replies under way; a second signal cuts them off.
async fn shut_down(app: &App, mut ends: Ends) {
    ends.next().await;
    let limit = Duration::from_secs(app.live.load().config.gateway.api.drain_seconds);
    tracing::info!(seconds = limit.as_secs(), "shutting down; replies under way may finish");
    let whole = tokio::select! {
        whole = app.tasks.drain(&app.clock, limit) => whole,
        () = ends.next() => app.tasks.drain(&app.clock, Duration::ZERO).await,
    };
    if !whole {
        tracing::warn!("some replies were cut off; what had come of them is kept");
    }
}

fn start_log(config: &LoggingConfig) {
    let filter = EnvFilter::try_new(&config.level).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match config.format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
}
