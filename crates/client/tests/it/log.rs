//! What is told of each request: to `tracing`, and to who listens for another language.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw_client::raw::{Listener, LogLevel, LogRecord, RawCall, StreamKind};
use openclaw_client::{Client, RequestOptions};
use tracing_subscriber::fmt::MakeWriter;

use crate::stand_in::{Act, KEY, StandIn, failure, ok};
use crate::{REPLY, hello};

/// A log in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_tells_of_each_try_and_of_no_secret() {
    let busy = failure("503 Service Unavailable", "retry-after: 0\r\n", "overloaded_error", "busy");
    let gateway = StandIn::start(vec![busy, ok(REPLY)]).await;
    let log = Log::default();
    let to_log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let guard = tracing::subscriber::set_default(to_log);
    let options = RequestOptions::new().header("x-more", KEY).idempotency_key("order-verysecret");
    gateway.client().chat().with(options).send(hello()).await.unwrap();
    drop(guard);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for (level, line) in [
        ("DEBUG", "POST /api/v1/chat: sent, attempt 1 method=\"POST\" path=\"/api/v1/chat\" attempt=1"),
        ("INFO", "POST /api/v1/chat: 503 busy in "),
        ("INFO", "POST /api/v1/chat: to be tried again in 0 ms, attempt 1"),
        ("DEBUG", "POST /api/v1/chat: sent, attempt 2"),
        ("INFO", "POST /api/v1/chat: 200 in "),
    ] {
        let told = text.lines().filter(|told| told.contains(line) && told.contains(level)).count();
        assert_eq!(told, 1, "{line}: {text}");
    }
    assert!(text.contains("attempt=2 status=200 duration_ms=") && text.contains("request_id=\"req_1\""), "{text}");
    assert!(!["verysecret", "hello", "said so"].iter().any(|secret| text.contains(secret)), "{text}");
}

/// What a listener of that level hears.
fn listener(level: LogLevel) -> (Listener, Arc<Mutex<Vec<LogRecord>>>) {
    let heard = Arc::<Mutex<Vec<LogRecord>>>::default();
    let hear = Arc::clone(&heard);
    (Listener::new(level, move |record| hear.lock().unwrap().push(record)), heard)
}

#[tokio::test]
async fn a_listener_hears_of_every_end_at_its_level() {
    let gateway =
        StandIn::start(vec![ok(REPLY), Act::Stall("HTTP/1.1 200 OK\r\nx-request-id: req_9\r\n\r\n".into())]).await;
    let (listener, heard) = listener(LogLevel::Info);
    let raw = gateway.client().raw().heard_by(listener.clone());
    raw.send(RawCall::get("/sessions/{id}").id("a b").query("q", "verysecret")).await.unwrap();
    let late = RequestOptions::new().timeout(Duration::from_millis(50));
    raw.clone().with(late).heard_by(listener.clone()).send(RawCall::get("/status")).await.unwrap_err();
    let nobody =
        Client::builder().base_url("http://127.0.0.1:1").api_key(KEY).no_proxy().max_retries(0).build().unwrap();
    let stream = nobody.raw().heard_by(listener).stream(RawCall::post("/chat", "{}"), StreamKind::Reply, None);
    stream.await.unwrap_err();
    let heard = heard.lock().unwrap();
    let [done, late, refused] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!((&*done.method, &*done.path, done.status), ("GET", "/api/v1/sessions/a%20b", Some(200)));
    assert_eq!((done.attempt, done.request_id.as_deref(), &done.error), (1, Some("req_1"), &None));
    assert_eq!(late.error.as_deref(), Some("given_up"), "its time was up while its body was read");
    assert!(late.duration_ms.unwrap() >= 50 && late.message.starts_with("GET /api/v1/status: given up after "));
    assert!(refused.error.as_deref().unwrap().starts_with("connection: Connection refused"), "{refused:?}");
    assert!(!format!("{heard:?}").contains("verysecret"));
}
