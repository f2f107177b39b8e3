//! HTTP/1.1 by hand, because the point is to break it.

use std::io;
use std::time::{Duration, Instant};

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{Answer, Seen, Then};

/// The most bytes of a request.
const REQUEST_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Reads the next request; `None` if the client has hung up.
pub(super) async fn read(socket: &mut TcpStream) -> io::Result<Option<Seen>> {
    let mut bytes = Vec::new();
    let head_bytes = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        if !more(socket, &mut bytes).await? {
            return Ok(None);
        }
    };
    let at = Instant::now();
    let head = String::from_utf8_lossy(&bytes[..head_bytes]).into_owned();
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let headers: Map<String, Value> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().into()))
        .collect();
    let length = headers.get("content-length").and_then(|length| length.as_str()?.parse().ok()).unwrap_or(0);
    while bytes.len() < head_bytes + length {
        if !more(socket, &mut bytes).await? {
            return Ok(None);
        }
    }
    let (request, query) = line.split_once('?').unwrap_or((&line, ""));
    Ok(Some(Seen {
        at,
        request: request.to_owned(),
        query: parameters(query),
        headers: headers.into(),
        body: body(&bytes[head_bytes..]),
    }))
}

/// Writes an answer; whether the connection may carry another.
pub(super) async fn write(socket: &mut TcpStream, answer: &Answer) -> io::Result<bool> {
    tokio::time::sleep(Duration::from_millis(answer.delay_ms)).await;
    let says_nothing = answer.status.is_none()
        && answer.json.is_none()
        && answer.text.is_none()
        && answer.error.is_none()
        && answer.stream.is_none();
    if !(says_nothing && answer.then != Then::End) {
        for piece in pieces(answer) {
            socket.write_all(&piece).await?;
            // Lets the other side read, so that the pieces are not put together again on the way.
            tokio::task::yield_now().await;
        }
    }
    match answer.then {
        Then::End => return Ok(true),
        Then::Cut => {}
        Then::Reset => {
            // What was said must have arrived: a reset throws away what is still under way.
            tokio::time::sleep(Duration::from_millis(100)).await;
            socket.set_zero_linger()?;
        }
        Then::Stall => while socket.read(&mut [0; 1024]).await? > 0 {},
    }
    Ok(false)
}

/// The answer's bytes as they are to be written one after the other.
fn pieces(answer: &Answer) -> Vec<Vec<u8>> {
    let mut pieces = match &answer.stream {
        Some(texts) => {
            let head = head(answer, &[("content-type", "text/event-stream"), ("transfer-encoding", "chunked")]);
            let chunks = texts.iter().map(|text| format!("{:x}\r\n{text}\r\n", text.len()).into_bytes());
            let end = (answer.then == Then::End).then(|| b"0\r\n\r\n".to_vec());
            std::iter::once(head).chain(chunks).chain(end).collect()
        }
        None => {
            let body = match (&answer.json, &answer.error, &answer.text) {
                (Some(json), ..) => json.to_string(),
                (_, Some(error), _) => {
                    json!({"type": "error", "error": error, "request_id": "req_standin"}).to_string()
                }
                (.., text) => text.clone().unwrap_or_default(),
            };
            let length = body.len().to_string();
            let bare = [("content-type", "application/json"), ("content-length", &length)];
            // RFC 9110, 8.6: no Content-Length in a 204.
            let headers = if answer.status == Some(204) { &[][..] } else { &bare };
            vec![head(answer, headers), body.into_bytes()]
        }
    };
    if answer.bytewise {
        pieces = pieces.into_iter().flatten().map(|byte| vec![byte]).collect();
    }
    pieces
}

fn head(answer: &Answer, usual: &[(&str, &str)]) -> Vec<u8> {
    let usual = usual.iter().copied().chain([("x-request-id", "req_standin")]);
    let usual = usual.filter(|(name, _)| !answer.headers.contains_key(*name));
    let own = answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mut lines = vec![format!("HTTP/1.1 {} Scripted", answer.status.unwrap_or(200))];
    lines.extend(usual.chain(own).map(|(name, value)| format!("{name}: {value}")));
    (lines.join("\r\n") + "\r\n\r\n").into_bytes()
}

async fn more(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> io::Result<bool> {
    if bytes.len() > REQUEST_BYTES_MAX {
        return Err(io::Error::other("the request is too large"));
    }
    Ok(socket.read_buf(bytes).await? > 0)
}

fn parameters(query: &str) -> Value {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value).into())).collect::<Map<_, _>>().into()
}

fn body(bytes: &[u8]) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes).unwrap_or_else(|_| String::from_utf8_lossy(bytes).into())
}
