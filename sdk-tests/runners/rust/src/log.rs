//! Hears what the client tells `tracing`.

use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value, json};
use tracing::field::{Field, Visit};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

/// The log of this thread, until it is dropped.
pub(crate) struct Log {
    lines: Lines,
    _listening: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<Value>>>);

#[derive(Default)]
struct Line(Map<String, Value>);

impl Log {
    /// Listens from now on, at that level and above.
    pub(crate) fn hear(level: &str) -> Self {
        let level = if level == "debug" { LevelFilter::DEBUG } else { LevelFilter::INFO };
        let lines = Lines::default();
        let only_the_client = lines.clone().with_filter(Targets::new().with_target("openclaw_client", level));
        let subscriber = tracing_subscriber::registry().with(only_the_client);
        Self { lines, _listening: tracing::subscriber::set_default(subscriber) }
    }

    /// What was told.
    pub(crate) fn told(self) -> Vec<Value> {
        std::mem::take(&mut *self.lines.0.lock().expect("nobody panics under it"))
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = if *event.metadata().level() == Level::DEBUG { "debug" } else { "info" };
        line.0.insert("level".into(), level.into());
        self.0.lock().expect("nobody panics under it").push(line.0.into());
    }
}

impl Visit for Line {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().into(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().into(), json!(format!("{value:?}")));
    }
}
