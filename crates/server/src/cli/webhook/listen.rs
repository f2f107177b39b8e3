//! `openclaw webhooks listen`: follows a gateway's events, prints and forwards them, and comes back after every break.
//!
//! Order of events: connect, and learn after which event the stream begins; for each event: forward it, print it, remember
//! its id; when the stream breaks: wait a little longer each time, and go on after the last id. So a restart of the gateway
//! in between costs a moment and no event. It ends with Ctrl-C, or when the gateway says no.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use openclaw_core::EventPattern;
use openclaw_core::sse::SseEvent;
use tokio::signal::unix::{SignalKind, signal};

use super::super::CliError;
use super::super::remote::{Remote, RemoteArguments, RemoteError};
use super::forward::Forward;
use super::screen::Screen;
use crate::format::Payload;

/// The first wait after a break, and the longest; each is twice the one before.
const WAIT_FIRST: Duration = Duration::from_millis(250);
const WAIT_MAX: Duration = Duration::from_secs(10);

/// What to listen to.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListenArguments {
    #[command(flatten)]
    remote: RemoteArguments,
    /// POST every event there, signed and with the headers of a delivery.
    #[arg(long, value_name = "URL")]
    forward: Option<String>,
    /// What signs the forwarded events [default: a new one, printed at the start].
    #[arg(long, requires = "forward")]
    secret: Option<String>,
    /// Only these: names or patterns, separated by commas, such as message.*,agent.completed [default: all].
    #[arg(long, value_name = "EVENTS", value_delimiter = ',', value_parser = pattern)]
    events: Vec<EventPattern>,
    /// Begin after the event of this id; 0 is before the oldest one kept [default: with what happens next].
    #[arg(long, value_name = "ID")]
    since: Option<String>,
    /// Print one line of JSON an event: itself, and what came of forwarding it in its last member.
    #[arg(long)]
    json: bool,
}

/// Listens until Ctrl-C.
pub(super) async fn run(arguments: ListenArguments, config_path: Option<PathBuf>) -> Result<(), CliError> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let remote = Remote::find(arguments.remote, config_path)?;
    let (url, secret) = (arguments.forward, arguments.secret);
    let forward = url.map(|url| Forward::new(&remote, url, secret)).transpose()?;
    let words: Vec<String> = arguments.events.iter().map(ToString::to_string).collect();
    let path = match words.as_slice() {
        [] => "/api/v1/events/stream".to_owned(),
        words => format!("/api/v1/events/stream?events={}", words.join(",")),
    };
    let screen = Screen::new(arguments.json);
    let mut listener = Listener { remote, forward, screen, path, place: arguments.since, heard: false };
    tokio::select! {
        ended = listener.listen() => ended,
        _ = interrupt.recv() => Ok(()),
    }
}

struct Listener {
    remote: Remote,
    forward: Option<Forward>,
    screen: Screen,
    path: String,
    /// The event after which to go on; the first connection says where it begins.
    place: Option<String>,
    /// Whether there was ever a connection.
    heard: bool,
}

impl Listener {
    /// Follows the stream over and over; fails when coming back cannot help.
    async fn listen(&mut self) -> Result<(), CliError> {
        let mut wait = WAIT_FIRST;
        loop {
            match self.follow().await? {
                Ok(()) => {
                    wait = WAIT_FIRST;
                    Screen::notice("the stream ended; connecting again")?;
                }
                Err(error) if error.is_passing() => {
                    Screen::notice(&format!("{}: {error}; trying again in {} s", self.remote.url, wait.as_secs_f32()))?;
                }
                Err(error) => return Err(self.refused(&error)),
            }
            self.remote.clock.sleep(wait).await;
            wait = (wait * 2).min(WAIT_MAX);
        }
    }

    /// Follows one stream to its end.
    async fn follow(&mut self) -> Result<Result<(), RemoteError>, CliError> {
        let mut following = match self.remote.follow(&self.path, self.place.as_deref()).await {
            Ok(following) => following,
            Err(error) => return Ok(Err(error)),
        };
        self.place = self.place.take().or_else(|| following.begins_after.take());
        self.connected()?;
        while let Some(event) = following.next().await {
            self.take(event).await?;
        }
        Ok(Ok(()))
    }

    async fn take(&mut self, event: SseEvent) -> Result<(), CliError> {
        let id = event.id;
        if let Ok(payload) = Payload::parse(event.data) {
            let forwarded = match &self.forward {
                Some(forward) => Some(forward.send(payload.clone()).await),
                None => None,
            };
            self.screen.event(&payload, forwarded.as_ref())?;
        }
        self.place = id.or_else(|| self.place.take());
        Ok(())
    }

    fn connected(&mut self) -> Result<(), CliError> {
        if std::mem::replace(&mut self.heard, true) {
            let place = self.place.as_deref().unwrap_or("the beginning");
            return Ok(Screen::notice(&format!("connected again, going on after {place}"))?);
        }
        Screen::notice(&format!("listening to {}; Ctrl-C ends it", self.remote.url))?;
        if let Some(forward) = &self.forward {
            Screen::notice(&format!("forwarding to {}", forward.url))?;
            Screen::notice(&format!("signing secret: {}", forward.secret))?;
        }
        Ok(())
    }

    fn refused(&self, error: &RemoteError) -> CliError {
        let help = match error {
            RemoteError::Refused { code, .. } if code == "event_not_found" => {
                "; --since 0 begins with the oldest event kept"
            }
            RemoteError::Refused { status: 401, .. } => "; `openclaw api key generate --name listen` makes a key",
            _ => "",
        };
        CliError::Argument(format!("{}: {error}{help}", self.remote.url))
    }
}

fn pattern(word: &str) -> Result<EventPattern, String> {
    EventPattern::parse(word).ok_or_else(|| {
        "no event; `*` stands for all documented ones, `agent.*` for all of a noun, `message.sent` for one".to_owned()
    })
}
