//! A receiver on loopback, byte by byte: it says what it is told to say and counts who came.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

const GIANT_BYTES: usize = 300 * 1024 * 1024;

/// What it does with a request.
#[derive(Clone)]
pub(super) enum Behaviour {
    /// Answers with these bytes and takes the next request.
    Answer(String),
    /// Never answers.
    Silent,
    /// Begins a head and sends a byte of it every 20 ms.
    TrickleHead,
    /// The same with the body.
    TrickleBody,
    /// Answers 300 MiB.
    Giant,
    /// Closes within the head.
    ResetInHead,
    /// Closes within the body.
    ResetInBody,
    /// Speaks something else.
    NoHttp,
    /// Sends headers for ever.
    EndlessHead,
}

impl Behaviour {
    pub(super) fn answer(status: &str, headers: &str, body: &str) -> Self {
        Self::Answer(format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()))
    }
}

/// A running receiver.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: Mutex<Vec<String>>,
    sent: AtomicUsize,
    closed: watch::Sender<usize>,
}

impl Receiver {
    pub(super) async fn start(behaviour: Behaviour) -> Self {
        Self::listen("127.0.0.1:0", behaviour, None).await
    }

    /// On that address, in TLS if it has a certificate.
    pub(super) async fn listen(address: &str, behaviour: Behaviour, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::<Seen>::default();
        let receiver = Self { address, seen: Arc::clone(&seen) };
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, tls.clone(), behaviour.clone(), Arc::clone(&seen)));
            }
        });
        receiver
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connections accepted so far.
    pub(super) fn connections(&self) -> usize {
        self.seen.connections.load(Ordering::SeqCst)
    }

    /// Whole requests, as they came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.seen.requests.lock().expect("no panic").clone()
    }

    /// Bytes of answers that were taken.
    pub(super) fn sent(&self) -> usize {
        self.seen.sent.load(Ordering::SeqCst)
    }

    /// Waits until a connection was closed from the other side.
    pub(super) async fn closed(&self) {
        let mut closed = self.seen.closed.subscribe();
        let waited = tokio::time::timeout(Duration::from_secs(10), closed.wait_for(|count| *count > 0)).await;
        waited.expect("the connection is still open").expect("the receiver runs");
    }
}

async fn serve(stream: TcpStream, tls: Option<TlsAcceptor>, behaviour: Behaviour, seen: Arc<Seen>) {
    match tls {
        None => answer(stream, behaviour, &seen).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => answer(stream, behaviour, &seen).await,
            Err(_) => return,
        },
    }
    seen.closed.send_modify(|count| *count += 1);
}

/// Answers until the other side is gone.
async fn answer(mut stream: impl AsyncRead + AsyncWrite + Unpin, behaviour: Behaviour, seen: &Seen) {
    while let Some(request) = read_request(&mut stream).await {
        seen.requests.lock().expect("no panic").push(request);
        let ok = "HTTP/1.1 200 OK\r\n";
        let (first, then) = match &behaviour {
            Behaviour::Answer(bytes) => (bytes.clone(), None),
            Behaviour::Silent => (String::new(), None),
            Behaviour::TrickleHead => (format!("{ok}x: "), Some(("x", Duration::from_millis(20)))),
            Behaviour::TrickleBody => {
                (format!("{ok}content-length: 1000000\r\n\r\n"), Some(("x", Duration::from_millis(20))))
            }
            Behaviour::Giant => {
                (format!("{ok}content-length: {GIANT_BYTES}\r\n\r\n"), Some((GIANT_PIECE, Duration::ZERO)))
            }
            Behaviour::ResetInHead => return drop(stream.write_all(b"HTTP/1.1 200 OK\r\nx: ").await),
            Behaviour::ResetInBody => {
                return drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").await);
            }
            Behaviour::NoHttp => ("SSH-2.0-OpenSSH_9.2\r\n".into(), None),
            Behaviour::EndlessHead => {
                (ok.into(), Some(("x: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n", Duration::ZERO)))
            }
        };
        if stream.write_all(first.as_bytes()).await.is_err() {
            return;
        }
        if let Some((piece, pause)) = then {
            send_for_ever(&mut stream, piece, pause, seen).await;
            return;
        }
    }
}

/// 1 KiB.
const GIANT_PIECE: &str = match std::str::from_utf8(&[b'x'; 1024]) {
    Ok(piece) => piece,
    Err(_) => unreachable!(),
};

async fn send_for_ever(stream: &mut (impl AsyncWrite + Unpin), piece: &str, pause: Duration, seen: &Seen) {
    while seen.sent.load(Ordering::SeqCst) < GIANT_BYTES && stream.write_all(piece.as_bytes()).await.is_ok() {
        seen.sent.fetch_add(piece.len(), Ordering::SeqCst);
        tokio::time::sleep(pause).await;
    }
}

/// A head and the body that it announces; absent once the other side is gone.
async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut request = Vec::new();
    let mut length = None;
    loop {
        if let Some(length) = length
            && request.len() >= length
        {
            return String::from_utf8(request).ok();
        }
        if stream.read_buf(&mut request).await.ok()? == 0 {
            return None;
        }
        if length.is_none()
            && let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n")
        {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let body = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
            length = Some(end + 4 + body.unwrap_or(0));
        }
    }
}
