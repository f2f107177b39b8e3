//! One request: counted, checked, and answered as the platform does.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::{Method, Request, Response};
use percent_encoding::percent_decode_str;
use tokio::sync::watch;

use super::limit::Limit;
use super::platform::{self, Answer, Platform, Settings, failed, platform};
use super::{RobotFailure, RobotKind, RobotMessage};

/// What all connections of a robot share.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) platform: Box<dyn Platform>,
    pub(super) requests: watch::Sender<usize>,
    settings: Mutex<Settings>,
    limit: Mutex<Limit>,
    failures: Mutex<VecDeque<RobotFailure>>,
    messages: Mutex<Vec<RobotMessage>>,
}

impl Service {
    pub(super) fn new(kind: RobotKind) -> Self {
        let platform = platform(kind);
        Self {
            limit: Mutex::new(platform.limit()),
            platform,
            requests: watch::Sender::default(),
            settings: Mutex::default(),
            failures: Mutex::default(),
            messages: Mutex::default(),
        }
    }

    pub(super) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().expect("no one panics while setting up")
    }

    pub(super) fn fail_next(&self, count: usize, failure: RobotFailure) {
        self.failures.lock().expect("no one panics while queueing").extend(std::iter::repeat_n(failure, count));
    }

    pub(super) fn messages(&self) -> Vec<RobotMessage> {
        self.messages.lock().expect("no one panics while pushing").clone()
    }

    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        // A body that broke off is empty, and refused as such.
        let bytes = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        let is_json =
            head.headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/json"));
        let answer = match (&head.method, is_json) {
            (&Method::POST, true) => self.take(head.uri.path(), head.uri.query().unwrap_or_default(), &bytes),
            (&Method::POST, false) => failed(415),
            _ => failed(405),
        };
        self.requests.send_modify(|requests| *requests += 1);
        let mut response = Response::new(Full::from(answer.body));
        *response.status_mut() = hyper::StatusCode::from_u16(answer.status).expect("a status");
        response.headers_mut().insert(CONTENT_TYPE, answer.content_type.parse().expect("a content type"));
        Ok(response)
    }

    fn take(&self, path: &str, query: &str, bytes: &[u8]) -> Answer {
        if let Some(failure) = self.failures.lock().expect("no one panics while queueing").pop_front() {
            return self.platform.failure(failure);
        }
        let settings = self.settings().clone();
        let request = platform::Request {
            path,
            query: pairs(query),
            bytes,
            body: serde_json::from_slice(bytes).unwrap_or_default(),
            now_ms: settings.now.unwrap_or_else(now_ms),
        };
        let message = match self.platform.check(&request, &settings) {
            Ok(message) => message,
            Err(refusal) => return refusal,
        };
        if self.limit.lock().expect("no one panics while counting").exceeds(request.now_ms) {
            return self.platform.failure(RobotFailure::TooFast);
        }
        self.messages.lock().expect("no one panics while pushing").push(message);
        self.platform.success()
    }
}

/// The pairs of a query, each decoded once; as the platforms do, `+` is read as a blank.
fn pairs(query: &str) -> HashMap<String, String> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).expect("not that late")
}
