//! A gateway that says what it is told to: over a real socket, byte for byte, one answer a request.

use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use openclaw_client::{Client, ClientBuilder};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

pub(crate) const KEY: &str = "oc_api_sk_verysecretverysecret";

/// What to do with a request.
pub(crate) enum Act {
    /// Answer, and keep the connection.
    Answer(String),
    /// Answer in these pieces, each in a packet of its own, and keep the connection.
    Pieces(Vec<Vec<u8>>),
    /// Begin an answer, then close the connection.
    Cut(String),
    /// Begin an answer, then wait until the client hangs up, which is told by [`StandIn::hung_up`].
    Stall(String),
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method, path and query, such as `GET /api/v1/models`.
    pub(crate) line: String,
    pub(crate) body: String,
    /// Which connection it came on, from 0.
    pub(crate) connection: usize,
    headers: Vec<(String, String)>,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct StandIn {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    hung_up: mpsc::UnboundedReceiver<()>,
}

impl StandIn {
    /// Answers the requests in this order, on whatever connections they come; the last act serves all that follow.
    pub(crate) async fn start(acts: Vec<Act>) -> Self {
        Self::start_on(acts, "http", |socket| async { Some(socket) }).await
    }

    /// The same behind TLS, with that certificate.
    pub(crate) async fn start_https(acts: Vec<Act>, certificate: ServerConfig) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(certificate));
        Self::start_on(acts, "https", move |socket| acceptor.accept(socket).map(Result::ok)).await
    }

    #[expect(clippy::disallowed_methods, reason = "a test's own server ends with the test's runtime")]
    async fn start_on<S, F>(acts: Vec<Act>, scheme: &str, accept: impl Fn(TcpStream) -> F + Send + 'static) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        F: Future<Output = Option<S>> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (tell, hung_up) = mpsc::unbounded_channel();
        let served = (Arc::new(acts), Arc::clone(&seen), tell);
        tokio::spawn(async move {
            for connection in 0.. {
                let (socket, _) = listener.accept().await.unwrap();
                socket.set_nodelay(true).unwrap();
                let Some(socket) = accept(socket).await else { continue };
                let (acts, seen, tell) = served.clone();
                tokio::spawn(async move { serve(socket, connection, &acts, &seen, &tell).await });
            }
        });
        Self { url, seen, hung_up }
    }

    /// A client of this gateway that waits no longer than a test should.
    pub(crate) fn builder(&self) -> ClientBuilder {
        let blink = Duration::from_millis(1);
        Client::builder().base_url(&self.url).api_key(KEY).no_proxy().backoff(blink, blink)
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Waits until a client has hung up on a [`Act::Stall`].
    pub(crate) async fn hung_up(&mut self) {
        self.hung_up.recv().await.unwrap();
    }
}

/// An answer with that status line, further headers (each ending in a line break) and body.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\nx-request-id: req_1\r\ncontent-length: {length}\r\n{headers}\r\n{body}")
}

/// A JSON answer with status 200.
pub(crate) fn ok(body: &str) -> Act {
    Act::Answer(answer("200 OK", "content-type: application/json\r\n", body))
}

/// A failure with the gateway's envelope.
pub(crate) fn failure(status: &str, headers: &str, kind: &str, code: &str) -> Act {
    let error = format!(r#"{{"type":"{kind}","code":"{code}","message":"said so","param":"message"}}"#);
    let body = format!(r#"{{"type":"error","error":{error},"request_id":"req_1"}}"#);
    Act::Answer(answer(status, &format!("content-type: application/json\r\n{headers}"), &body))
}

/// The head of a streamed reply, in chunked coding.
pub(crate) const STREAM_HEAD: &str =
    "HTTP/1.1 200 OK\r\nx-request-id: req_1\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
/// The end of a body in chunked coding.
pub(crate) const STREAM_END: &str = "0\r\n\r\n";

/// A piece of a streamed reply, in chunked coding.
pub(crate) fn piece(text: &str) -> String {
    format!("{:x}\r\n{text}\r\n", text.len())
}

async fn serve(
    mut socket: impl AsyncRead + AsyncWrite + Unpin,
    connection: usize,
    acts: &[Act],
    seen: &Mutex<Vec<Seen>>,
    tell: &mpsc::UnboundedSender<()>,
) {
    while let Some(request) = read_request(&mut socket, connection).await {
        let number = {
            let mut seen = seen.lock().unwrap();
            seen.push(request);
            seen.len() - 1
        };
        match &acts[number.min(acts.len() - 1)] {
            Act::Answer(text) => socket.write_all(text.as_bytes()).await.unwrap(),
            Act::Pieces(pieces) => {
                for piece in pieces {
                    socket.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
            Act::Cut(text) => {
                socket.write_all(text.as_bytes()).await.unwrap();
                return;
            }
            Act::Stall(text) => {
                socket.write_all(text.as_bytes()).await.unwrap();
                let _ = socket.read(&mut [0]).await;
                let _ = tell.send(());
                return;
            }
        }
    }
}

async fn read_request(socket: &mut (impl AsyncRead + Unpin), connection: usize) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if socket.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.into(), value.into())).collect();
    let length = headers.iter().find(|(name, _)| name == "content-length").map_or(0, |(_, text)| text.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        socket.read_buf(&mut bytes).await.ok().filter(|&count| count > 0)?;
    }
    let body = String::from_utf8(bytes[head_end + 4..].to_vec()).unwrap();
    Some(Seen { line, body, connection, headers })
}
