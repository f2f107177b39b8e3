//! A receiver of webhooks in few lines; in a program of yours it is a route of its web framework.

use std::collections::HashMap;
use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Answers 204 to everything, and keeps it.
pub struct Receiver {
    /// Where it listens.
    pub url: String,
    requests: mpsc::Receiver<Request>,
}

/// What the gateway told.
pub struct Request {
    /// As it came: the signature is over these bytes.
    pub body: Vec<u8>,
    headers: HashMap<String, String>,
}

impl Receiver {
    /// Listens on a free port of this machine.
    pub async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/hook", listener.local_addr()?);
        let (sender, requests) = mpsc::channel(64);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let sender = sender.clone();
                tokio::spawn(async move {
                    if let Ok(request) = answer(connection).await {
                        let _ = sender.send(request).await;
                    }
                });
            }
        });
        Ok(Self { url, requests })
    }

    /// The next request.
    pub async fn next(&mut self) -> Option<Request> {
        self.requests.recv().await
    }
}

impl Request {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

async fn answer(connection: TcpStream) -> io::Result<Request> {
    let mut connection = BufReader::new(connection);
    let mut line = String::new();
    connection.read_line(&mut line).await?;
    let mut headers = HashMap::new();
    loop {
        line.clear();
        connection.read_line(&mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let bytes = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    if bytes > BODY_BYTES_MAX {
        return Err(io::Error::other("too large"));
    }
    let mut body = vec![0; bytes];
    connection.read_exact(&mut body).await?;
    connection.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await?;
    Ok(Request { body, headers })
}
