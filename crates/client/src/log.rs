//! The log: one line a request, when it is over.
//!
//! The order of events: a try begins ([`Attempt::begin`]); its answer's head comes ([`answered`](Attempt::answered)); it is
//! over, well or not, or is dropped before, because its time was up or its caller hung up. Every end is one line. What is
//! told, to `tracing` and to a listener, is the same for all languages: method, path, status, duration, attempt, request id;
//! never a header, a query, a body, or a message of the gateway's, which may repeat what it was sent.

use std::fmt::{self, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::{Method, Request, Response};
use serde::Serialize;

use crate::error::request_id;
use crate::{Error, environment};

/// How much of the log a listener wants to hear: this and what weighs more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Also that a request is sent.
    Debug,
    /// Each request when it is over, and that one will be tried again.
    Info,
}

/// One line of the log, as text and in parts; what does not apply is left out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LogRecord {
    /// How much it weighs.
    pub level: LogLevel,
    /// When it happened, in milliseconds since 1970.
    pub time_ms: i64,
    /// All of it for people, such as `POST /api/v1/chat: 200 in 143 ms, attempt 1, req_abc`.
    pub message: String,
    /// Such as `POST`.
    pub method: String,
    /// Without the query.
    pub path: String,
    /// Which try of its call it is, from 1.
    pub attempt: u32,
    /// The HTTP status, if an answer came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// From sending to the end of the reply; of a stream, to its head.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// The id of the request, to find it in the gateway's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// Why it failed: the gateway's code, else a word for what went wrong on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// The wait before the next try.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// Who hears the log of a call besides `tracing`; told on the thread that drives the call, so it must not wait.
#[derive(Clone)]
pub struct Listener {
    level: LogLevel,
    hear: Arc<dyn Fn(LogRecord) + Send + Sync>,
}

/// One try of a call.
pub(crate) struct Attempt<'a> {
    method: Method,
    path: String,
    listener: Option<&'a Listener>,
    number: u32,
    begun: Instant,
    status: Option<u16>,
    request_id: Option<String>,
    is_over: bool,
}

impl Listener {
    /// Has `hear` told of all that weighs at least that much.
    pub fn new(level: LogLevel, hear: impl Fn(LogRecord) + Send + Sync + 'static) -> Self {
        Self { level, hear: Arc::new(hear) }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener").field("level", &self.level).finish_non_exhaustive()
    }
}

impl<'a> Attempt<'a> {
    /// Begins a try, the first of which is number 1.
    pub(crate) fn begin(request: &Request, listener: Option<&'a Listener>, number: u32) -> Self {
        let begun = environment::instant();
        let (method, path) = (request.method().clone(), request.url().path().to_owned());
        let (status, request_id) = (None, None);
        let attempt = Self { method, path, listener, number, begun, status, request_id, is_over: false };
        if attempt.is_heard(LogLevel::Debug) {
            attempt.tell(LogRecord { level: LogLevel::Debug, ..attempt.record() }, "sent");
        }
        attempt
    }

    /// The head of an answer has come.
    pub(crate) fn answered(&mut self, response: &Response) {
        if self.is_heard(LogLevel::Info) {
            self.status = Some(response.status().as_u16());
            self.request_id = request_id(response.headers());
        }
    }

    /// It is over, and gave what was wanted.
    pub(crate) fn succeeded(mut self) {
        self.is_over = true;
        self.tell_end(None);
    }

    /// It is over, and failed; it will be tried again after that wait, if there is one.
    pub(crate) fn failed(mut self, error: &Error, wait: Option<Duration>) {
        self.is_over = true;
        self.tell_end(Some(error));
        if let Some(wait) = wait
            && self.is_heard(LogLevel::Info)
        {
            let wait_ms = whole_ms(wait);
            let what = format!("to be tried again in {wait_ms} ms");
            self.tell(LogRecord { wait_ms: Some(wait_ms), ..self.record() }, &what);
        }
    }

    fn tell_end(&self, error: Option<&Error>) {
        if !self.is_heard(LogLevel::Info) {
            return;
        }
        let duration_ms = whole_ms(environment::instant().saturating_duration_since(self.begun));
        let error = error.map(word);
        let mut what = self.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        if let Some(error) = &error {
            write!(what, " {error}").expect("memory takes it");
        }
        write!(what, " in {duration_ms} ms").expect("memory takes it");
        let ended = LogRecord { status: self.status, duration_ms: Some(duration_ms), error, ..self.record() };
        self.tell(LogRecord { request_id: self.request_id.clone(), ..ended }, &what);
    }

    /// What every line says of this try.
    fn record(&self) -> LogRecord {
        LogRecord {
            level: LogLevel::Info,
            time_ms: environment::now().as_millis(),
            message: String::new(),
            method: self.method.to_string(),
            path: self.path.clone(),
            attempt: self.number,
            status: None,
            duration_ms: None,
            request_id: None,
            error: None,
            wait_ms: None,
        }
    }

    fn is_heard(&self, level: LogLevel) -> bool {
        let by_tracing = match level {
            LogLevel::Debug => tracing::enabled!(tracing::Level::DEBUG),
            LogLevel::Info => tracing::enabled!(tracing::Level::INFO),
        };
        by_tracing || self.listener.is_some_and(|listener| listener.level <= level)
    }

    fn tell(&self, mut record: LogRecord, what: &str) {
        let LogRecord { method, path, attempt, .. } = &record;
        let request_id = record.request_id.as_deref().map(|id| format!(", {id}")).unwrap_or_default();
        record.message = format!("{method} {path}: {what}, attempt {attempt}{request_id}");
        to_tracing(&record);
        if let Some(listener) = self.listener.filter(|listener| listener.level <= record.level) {
            (listener.hear)(record);
        }
    }
}

impl Drop for Attempt<'_> {
    /// Dropped before its end, it was given up: its caller hung up, or the call's time was up.
    fn drop(&mut self) {
        if !self.is_over && self.is_heard(LogLevel::Info) {
            let duration_ms = whole_ms(environment::instant().saturating_duration_since(self.begun));
            let given_up =
                LogRecord { duration_ms: Some(duration_ms), error: Some("given_up".into()), ..self.record() };
            self.tell(given_up, &format!("given up after {duration_ms} ms"));
        }
    }
}

fn to_tracing(record: &LogRecord) {
    macro_rules! event {
        ($level:expr) => {
            tracing::event!(
                $level,
                method = record.method,
                path = record.path,
                attempt = record.attempt,
                status = record.status,
                duration_ms = record.duration_ms,
                request_id = record.request_id,
                error = record.error,
                wait_ms = record.wait_ms,
                "{}",
                record.message
            )
        };
    }
    match record.level {
        LogLevel::Debug => event!(tracing::Level::DEBUG),
        LogLevel::Info => event!(tracing::Level::INFO),
    }
}

/// Why a try failed, without a word of what was said.
fn word(error: &Error) -> String {
    let what = match error {
        Error::Api(error) => {
            let kind = error.kind.map_or("unknown", openclaw_core::ErrorType::as_str);
            return error.code.clone().unwrap_or_else(|| kind.to_owned());
        }
        Error::Connection { .. } => "connection",
        Error::Timeout { .. } => "timeout",
        Error::Interrupted { .. } => "interrupted",
        Error::Decode { .. } => "decode",
        Error::Config(_) => "config",
    };
    // What the network said, down to its root; the other kinds have no cause.
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes.last().map_or_else(|| what.to_owned(), |root| format!("{what}: {root}"))
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
