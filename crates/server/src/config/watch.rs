//! Reloading: a new configuration when SIGHUP arrives or the file changes.
//!
//! The file is looked at once a second by its path, through every symbolic link, so that a replaced file and a swapped
//! Kubernetes volume are seen as well as an edited one. A change is read once it has stood still from one look to
//! the next, so that a half-written file is not taken for the whole. What does not pass the checks is logged once
//! and forgotten: the configuration before it stays.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use openclaw_core::Timestamp;
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::source::Text;
use super::{Config, ConfigError, Loaded, Source};
use crate::clock::Clock;

/// Between two looks at the file.
const LOOK_EVERY_MILLIS: i64 = 1000;
const LOOK_EVERY: Duration = Duration::from_millis(LOOK_EVERY_MILLIS.unsigned_abs());

/// Waits for the next good configuration.
#[derive(Debug)]
pub struct Watcher {
    source: Source,
    clock: Clock,
    hangup: Signal,
    next_look: Timestamp,
    /// What the file was at the last look.
    seen: Option<Stamp>,
    /// What it was when it was last read.
    read: Option<Stamp>,
    text: Text,
}

/// What tells one state of a file from another without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Watcher {
    /// Goes on from what was loaded. Must be called on the runtime; fails if the system gives no signals.
    pub fn new(source: Source, loaded: &Loaded, clock: Clock) -> std::io::Result<Self> {
        let hangup = signal(SignalKind::hangup())?;
        let next_look = clock.now();
        Ok(Self { source, clock, hangup, next_look, seen: None, read: None, text: loaded.text })
    }

    /// The next configuration that passes every check. Dropping the future loses nothing.
    pub async fn changed(&mut self) -> Config {
        loop {
            // A clock that was set back must not hold up the next look.
            let wait = millis_until(self.next_look, self.clock.now()).min(LOOK_EVERY);
            let is_asked = tokio::select! {
                biased;
                _ = self.hangup.recv() => true,
                () = self.clock.sleep(wait) => false,
            };
            let config = if is_asked { self.reload(true) } else { self.look() };
            if let Some(config) = config {
                return config;
            }
        }
    }

    /// Reads the file if it has changed and has stopped changing.
    fn look(&mut self) -> Option<Config> {
        self.next_look = self.clock.now().plus_millis(LOOK_EVERY_MILLIS);
        let stamp = self.source.path().and_then(Stamp::of);
        let is_still = stamp == self.seen;
        self.seen = stamp;
        if !is_still || stamp == self.read {
            return None;
        }
        self.read = stamp;
        self.reload(false)
    }

    /// Reads the file; the same text again counts only if someone asked.
    fn reload(&mut self, is_asked: bool) -> Option<Config> {
        let text = match self.source.read() {
            Ok(Some(text)) => text,
            Ok(None) => {
                tracing::warn!("there is no configuration file any more; the last configuration stays");
                return None;
            }
            Err(error) => return refuse(&error),
        };
        let mark = Text::of(Some(&text));
        if mark == self.text && !is_asked {
            return None;
        }
        self.text = mark;
        match self.source.parse(Some(&text)) {
            Ok(loaded) => {
                for warning in &loaded.warnings {
                    tracing::warn!("{warning}");
                }
                Some(loaded.config)
            }
            Err(error) => refuse(&error),
        }
    }
}

fn refuse(error: &ConfigError) -> Option<Config> {
    let error = error.summary();
    tracing::error!(error, "the configuration was not reloaded, the last good one stays: {error}");
    None
}

impl Stamp {
    /// The file behind a path now, if there is one.
    fn of(path: &Path) -> Option<Self> {
        let file = std::fs::metadata(path).ok()?;
        Some(Self {
            device: file.dev(),
            inode: file.ino(),
            bytes: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
            changed: (file.ctime(), file.ctime_nsec()),
        })
    }
}

fn millis_until(moment: Timestamp, now: Timestamp) -> Duration {
    Duration::from_millis(u64::try_from(moment.as_millis() - now.as_millis()).unwrap_or(0))
}
