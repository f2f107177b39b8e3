//! The way to the database breaks at the worst moments: each write is done once, and nobody waits for long.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reqwest::{Method, StatusCode};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::load::ANSWERED_TWICE;
use crate::database::Database;
use crate::gateway::{Gateway, message};

/// What becomes of the next `COMMIT` that passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Passes,
    /// It never arrives, and the connection is cut.
    IsLost,
    /// It arrives, and the connection is cut before its answer.
    LosesItsAnswer,
}

/// Stands between a gateway and the server.
struct Way {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: String,
    next: watch::Sender<Fate>,
    /// Connections so far, and those of them that carry nothing more and stay open.
    opened: AtomicUsize,
    silent: watch::Sender<usize>,
}

impl Way {
    async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (next, silent) = (watch::Sender::new(Fate::Passes), watch::Sender::new(0));
        let shared = Arc::new(Shared { server, next, opened: AtomicUsize::new(0), silent });
        let accepting = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&accepting).carry(near));
            }
        });
        Self { port, shared }
    }

    /// What there is carries nothing more, as if that machine had lost its power.
    fn fall_silent(&self) {
        self.shared.silent.send_replace(self.shared.opened.load(Ordering::SeqCst));
    }

    /// Decides on the next commit.
    fn decide(&self, fate: Fate) {
        self.shared.next.send_replace(fate);
    }

    /// Waits until that commit has passed.
    async fn met(&self) {
        self.shared.next.subscribe().wait_for(|fate| *fate == Fate::Passes).await.expect("it is there");
    }
}

impl Shared {
    async fn carry(self: Arc<Self>, mut near: TcpStream) {
        let number = self.opened.fetch_add(1, Ordering::SeqCst) + 1;
        let Ok(mut far) = TcpStream::connect(&self.server).await else { return };
        let (mut from_near, mut to_near) = near.split();
        let (mut from_far, mut to_far) = far.split();
        let mut silent = self.silent.subscribe();
        let is_cut = AtomicBool::new(false);
        let there = pump(&mut from_near, &mut to_far, |bytes| {
            let is_commit = bytes.ends_with(b"COMMIT\0");
            let fate = if is_commit { self.next.send_replace(Fate::Passes) } else { Fate::Passes };
            is_cut.fetch_or(fate == Fate::LosesItsAnswer, Ordering::SeqCst);
            fate != Fate::IsLost
        });
        let back = pump(&mut from_far, &mut to_near, |_| !is_cut.load(Ordering::SeqCst));
        let falls_silent = async {
            let _ = silent.wait_for(|silent| *silent >= number).await;
        };
        tokio::select! {
            () = there => {}
            () = back => {}
            () = falls_silent => std::future::pending().await,
        }
    }
}

/// Carries what may pass, until something may not.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    may_pass: impl Fn(&[u8]) -> bool,
) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut bytes).await {
        if !may_pass(&bytes[..read]) || to.write_all(&bytes[..read]).await.is_err() {
            return;
        }
    }
}

/// A gateway whose way to the database is in our hands.
async fn gateway() -> (Gateway, Way) {
    let database = Arc::new(Database::new());
    let direct = database.tcp_url();
    let (credentials, place) = direct.split_once('@').expect("a URL");
    let (server, name) = place.split_once('/').expect("a URL");
    let way = Way::to(server.to_owned()).await;
    let url = format!("{credentials}@127.0.0.1:{}/{name}", way.port);
    let gateway = Gateway::over(&database, |config| {
        config.storage.url = url;
        config.storage.postgres.statement_timeout_seconds = 1;
    })
    .await;
    (gateway, way)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_is_not_answered_is_done_once() {
    let (gateway, way) = gateway().await;
    for number in 0..6 {
        let fate = if number % 2 == 0 { Fate::IsLost } else { Fate::LosesItsAnswer };
        way.decide(fate);
        let reply = gateway.client.chat().send(message("user_123", &number.to_string(), "echo")).await;
        assert_eq!(reply.unwrap_or_else(|error| panic!("{fate:?}: {error}")).content, number.to_string());
        way.met().await;
    }
    let stored = gateway.texts("SELECT content FROM messages WHERE role = 'assistant' ORDER BY row").await;
    assert_eq!(stored, ["0", "1", "2", "3", "4", "5"]);
    assert_eq!(gateway.texts(ANSWERED_TWICE).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_is_asked_again_on_another_way() {
    let (gateway, way) = gateway().await;
    for number in 0..2 {
        gateway.client.chat().send(message("user_123", &number.to_string(), "echo")).await.expect("a reply");
        way.fall_silent();
    }
    let ready = gateway.anonymous(Method::GET, "/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE, "a silent store is no store");
    let messages = gateway.client.sessions().messages("user_123").all().await.expect("they are read");
    assert_eq!(messages.len(), 4);
    gateway.client.chat().send(message("user_123", "2", "echo")).await.expect("a reply");
    assert_eq!(gateway.texts(ANSWERED_TWICE).await, [""; 0]);
}
