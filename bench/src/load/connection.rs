//! One keep-alive connection.

use std::io;
use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A connection; dropping it hangs up.
pub(crate) struct Connection(SendRequest<Full<Bytes>>);

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(io::Error::other)?;
        // Its error comes out of the request under way as well.
        tokio::spawn(connection);
        Ok(Self(sender))
    }

    /// Sends a request when the last answer has been read, and gives the head of its answer.
    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> hyper::Result<Response<Incoming>> {
        self.0.ready().await?;
        self.0.send_request(request).await
    }

    /// POSTs JSON and gives the body of an answer 2xx.
    pub(crate) async fn post(&mut self, path: &str, key: &str, json: String) -> io::Result<Bytes> {
        self.ask(Method::POST, path, key, json).await
    }

    /// GETs a path and gives the body of an answer 2xx.
    pub(crate) async fn get(&mut self, path: &str, key: &str) -> io::Result<Bytes> {
        self.ask(Method::GET, path, key, String::new()).await
    }

    async fn ask(&mut self, method: Method, path: &str, key: &str, body: String) -> io::Result<Bytes> {
        let request = Request::builder().method(method).uri(path).header(HOST, "bench");
        let request = request.header(AUTHORIZATION, format!("Bearer {key}")).body(Full::from(body));
        let response = self.send(request.map_err(io::Error::other)?).await.map_err(io::Error::other)?;
        let status = response.status();
        let body = response.into_body().collect().await.map_err(io::Error::other)?.to_bytes();
        if status.is_success() { Ok(body) } else { Err(io::Error::other(format!("{path}: {status}"))) }
    }
}
