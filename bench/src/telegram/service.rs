//! One call: checked, done, and answered as the Bot API does.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_LENGTH, CONTENT_TYPE};
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{SentMessage, Telegram, TelegramFailure, html};

/// The most UTF-16 units of a message, after its tags were read.
const TEXT_UNITS_MAX: usize = 4096;
/// The most updates of one answer.
const UPDATES_MAX: u64 = 100;

type Answer = Result<Value, (u16, String)>;
type Body = BoxBody<Bytes, io::Error>;

/// What all connections share.
#[derive(Debug, Default)]
pub(super) struct Service {
    pub(super) changed: watch::Sender<u64>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) updates: Vec<Value>,
    pub(super) sent: Vec<SentMessage>,
    pub(super) said: HashMap<i64, String>,
    pub(super) calls: HashMap<String, usize>,
    pub(super) webhook: Option<(String, String)>,
    failures: HashMap<String, VecDeque<TelegramFailure>>,
    chats: HashSet<i64>,
    last_update: i64,
    last_message: i64,
    /// The latest poller; earlier ones are told to go.
    poller: u64,
}

impl Service {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no one panics while holding it")
    }

    pub(super) fn happen(&self, message: &Value) -> i64 {
        let mut state = self.state();
        state.last_update += 1;
        state.last_message += 1;
        let (update_id, message_id) = (800_000_000 + state.last_update, state.last_message);
        let mut message = message.clone();
        message["message_id"] = json!(message_id);
        state.chats.extend(message["chat"]["id"].as_i64());
        if let Some(text) = message["text"].as_str() {
            state.said.insert(message_id, text.to_owned());
        }
        state.updates.push(json!({"update_id": update_id, "message": message}));
        drop(state);
        self.changed.send_modify(|changes| *changes += 1);
        update_id
    }

    pub(super) fn fail_next(&self, method: &str, count: usize, failure: TelegramFailure) {
        self.state().failures.entry(method.to_owned()).or_default().extend(std::iter::repeat_n(failure, count));
    }

    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, std::convert::Infallible> {
        let (head, body) = request.into_parts();
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let prefix = format!("/bot{}/", Telegram::TOKEN);
        let Some(method) = head.uri.path().strip_prefix(&prefix) else {
            return Ok(told(&Err((401, "Unauthorized".into()))));
        };
        let failure = {
            let mut state = self.state();
            *state.calls.entry(method.to_owned()).or_default() += 1;
            state.failures.get_mut(method).and_then(VecDeque::pop_front)
        };
        let response = match failure {
            Some(TelegramFailure::TooFast(seconds)) => too_fast(seconds),
            Some(TelegramFailure::Refused(status, words)) => told(&Err((status, words.to_owned()))),
            Some(TelegramFailure::Unheard) => {
                let _ = self.call(method, &body).await;
                broken()
            }
            None => told(&self.call(method, &body).await),
        };
        self.changed.send_modify(|changes| *changes += 1);
        Ok(response)
    }

    async fn call(&self, method: &str, body: &Value) -> Answer {
        match method {
            "getUpdates" => self.get_updates(body).await,
            "sendMessage" => self.state().send_message(body),
            "sendChatAction" => self.state().known_chat(body).map(|_| json!(true)),
            "setWebhook" => self.state().set_webhook(body),
            "deleteWebhook" => {
                self.state().webhook = None;
                Ok(json!(true))
            }
            "getWebhookInfo" => {
                let url = self.state().webhook.as_ref().map(|(url, _)| url.clone()).unwrap_or_default();
                Ok(json!({"url": url}))
            }
            _ => Err((404, "Not Found".into())),
        }
    }

    async fn get_updates(&self, body: &Value) -> Answer {
        let mut changed = self.changed.subscribe();
        let me = {
            let mut state = self.state();
            state.poller += 1;
            state.poller
        };
        self.changed.send_modify(|changes| *changes += 1);
        let limit = body["limit"].as_u64().unwrap_or(UPDATES_MAX).clamp(1, UPDATES_MAX);
        let wait = Duration::from_secs(body["timeout"].as_u64().unwrap_or(0).min(50));
        let deadline = tokio::time::sleep(wait);
        tokio::pin!(deadline);
        loop {
            {
                let mut state = self.state();
                if state.webhook.is_some() {
                    let words = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
                    return Err((409, words.into()));
                }
                if state.poller != me {
                    let words = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
                    return Err((409, words.into()));
                }
                if let Some(offset) = body["offset"].as_i64() {
                    state.updates.retain(|update| update["update_id"].as_i64() >= Some(offset));
                }
                if !state.updates.is_empty() {
                    let most = usize::try_from(limit).expect("at most 100");
                    return Ok(state.updates.iter().take(most).cloned().collect());
                }
            }
            tokio::select! {
                _ = changed.changed() => {}
                () = &mut deadline => return Ok(json!([])),
            }
        }
    }
}

impl State {
    fn known_chat(&self, body: &Value) -> Result<i64, (u16, String)> {
        let chat = body["chat_id"].as_i64().filter(|chat| self.chats.contains(chat));
        chat.ok_or_else(|| (400, "Bad Request: chat not found".into()))
    }

    fn send_message(&mut self, body: &Value) -> Answer {
        let chat = self.known_chat(body)?;
        let text = body["text"].as_str().unwrap_or_default().to_owned();
        let parse_mode = body["parse_mode"].as_str().map(ToOwned::to_owned);
        let shown = match parse_mode.as_deref() {
            None => text.clone(),
            Some("HTML") => {
                html::shown(&text).map_err(|why| (400, format!("Bad Request: can't parse entities: {why}")))?
            }
            Some(_) => return Err((400, "Bad Request: unsupported parse_mode".into())),
        };
        if shown.trim().is_empty() {
            return Err((400, "Bad Request: message text is empty".into()));
        }
        if shown.encode_utf16().count() > TEXT_UNITS_MAX {
            return Err((400, "Bad Request: message is too long".into()));
        }
        self.last_message += 1;
        let reply_to = body["reply_parameters"]["message_id"].as_i64();
        self.sent.push(SentMessage { chat, text, shown, parse_mode, reply_to });
        Ok(json!({"message_id": self.last_message, "chat": {"id": chat, "type": "private"}}))
    }

    fn set_webhook(&mut self, body: &Value) -> Answer {
        let url = body["url"].as_str().unwrap_or_default();
        if !url.starts_with("https://") {
            return Err((400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook".into()));
        }
        let secret = body["secret_token"].as_str().unwrap_or_default();
        self.webhook = Some((url.to_owned(), secret.to_owned()));
        Ok(json!(true))
    }
}

fn told(answer: &Answer) -> Response<Body> {
    match answer {
        Ok(result) => json_response(200, &json!({"ok": true, "result": result})),
        Err((status, words)) => {
            json_response(*status, &json!({"ok": false, "error_code": status, "description": words}))
        }
    }
}

fn too_fast(seconds: u64) -> Response<Body> {
    let words = format!("Too Many Requests: retry after {seconds}");
    let body = json!({"ok": false, "error_code": 429, "description": words, "parameters": {"retry_after": seconds}});
    json_response(429, &body)
}

fn json_response(status: u16, body: &Value) -> Response<Body> {
    let mut response = Response::new(Full::from(body.to_string()).map_err(|never| match never {}).boxed());
    *response.status_mut() = StatusCode::from_u16(status).expect("a status");
    response.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("a content type"));
    response
}

/// An answer that ends before it has begun: its body fails.
fn broken() -> Response<Body> {
    let fails = futures_util::stream::iter([
        Ok(Frame::data(Bytes::from_static(b"{\"ok\":"))),
        Err(io::Error::other("the connection breaks")),
    ]);
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(fails)));
    response.headers_mut().insert(CONTENT_LENGTH, "100".parse().expect("a length"));
    response
}
