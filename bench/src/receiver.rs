//! A receiver of webhooks that behaves as its path says: well, or in the ways that wear a gateway out.
//!
//! `/take/…` answers 200 at once. `/hang/…` takes the request and never answers. `/trickle/…` answers 200 and sends a byte
//! of its body twice a second, without end. `/flood/…` answers 200 with a body of 300 MiB.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Collected, Empty, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::listen::serve;

/// The size of the answer of `/flood/…`.
pub const FLOOD_BYTES: usize = 300 * 1024 * 1024;

/// One write of it.
const FLOOD_PIECE: &[u8] = &[b'x'; 64 * 1024];

/// How long `/trickle/…` waits before each byte.
const TRICKLE_GAP: Duration = Duration::from_millis(500);

/// What came.
#[derive(Debug)]
pub struct Post {
    /// The path it was sent to.
    pub path: String,
    /// Its body.
    pub body: Bytes,
    /// When it had come whole.
    pub at: Instant,
}

/// A running receiver; dropping it closes every connection.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    server: JoinHandle<()>,
}

impl Receiver {
    /// Starts one on a free port of loopback; `note` is told of each POST before it is answered.
    pub async fn start(note: impl Fn(Post) + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let note = Arc::new(note);
        let server = tokio::spawn(serve(listener, move |request| answer(request, Arc::clone(&note))));
        Ok(Self { address, server })
    }

    /// Where a path of it is reached, such as `take/1`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

async fn answer(request: Request<Incoming>, note: Arc<impl Fn(Post)>) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    // A body that broke off is no delivery; its sender is gone.
    if let Ok(body) = body.collect().await.map(Collected::to_bytes) {
        note(Post { path: path.clone(), body, at: Instant::now() });
    }
    let body = match path.split('/').nth(1) {
        Some("hang") => std::future::pending().await,
        Some("trickle") => trickle(),
        Some("flood") => flood(),
        _ => Empty::new().boxed_unsync(),
    };
    Ok(Response::new(body))
}

fn trickle() -> Body {
    let bytes = stream::unfold((), |()| async {
        tokio::time::sleep(TRICKLE_GAP).await;
        Some((Ok(Frame::data(Bytes::from_static(b"."))), ()))
    });
    StreamBody::new(bytes).boxed_unsync()
}

fn flood() -> Body {
    let pieces = (0..FLOOD_BYTES / FLOOD_PIECE.len()).map(|_| Ok(Frame::data(Bytes::from_static(FLOOD_PIECE))));
    StreamBody::new(stream::iter(pieces)).boxed_unsync()
}
