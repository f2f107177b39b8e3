//! One request: recorded, checked, and answered as scripted.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{HeaderMap, Method, Response};

use super::answer::AnswerBody;
use super::behaviour::Behaviour;
use super::record::{Record, RecordedRequest};
use super::request::Request;
use super::vendor::{Refusal, Vendor, model_answering};

/// The most ready-made answers that are kept; a test that invents more models gets theirs made each time.
const READY_MAX: usize = 64;

/// What makes one ready-made answer differ from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct ReadyKey {
    vendor: Vendor,
    model: String,
    stream: bool,
    usage: bool,
}

/// What all connections of a stand-in share.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) record: Record,
    script: Mutex<VecDeque<Behaviour>>,
    /// The default behaviour's bodies: as the benchmark's mock, the stand-in must cost far less than what it measures.
    ready: Mutex<HashMap<ReadyKey, Bytes>>,
}

impl Service {
    pub(super) fn new(record: Record) -> Self {
        Self { record, script: Mutex::default(), ready: Mutex::default() }
    }

    pub(super) fn script(&self, behaviours: impl IntoIterator<Item = Behaviour>) {
        self.script.lock().expect("no one panics while queueing").extend(behaviours);
    }

    /// Answers one request. Dropped while it waits, as when the caller hangs up, it counts an aborted answer.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: hyper::Request<Incoming>,
    ) -> Result<Response<AnswerBody>, Infallible> {
        let (head, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            // The caller is gone; nobody reads this.
            Err(_) => return Ok(refused(Vendor::Openai, &Refusal::new(400, "the body broke off"))),
        };
        self.record.add(|| RecordedRequest {
            method: head.method.clone(),
            path: head.uri.path().to_owned(),
            headers: head.headers.clone(),
            body: body.clone(),
        });
        let path = head.uri.path();
        if head.method == Method::GET && path.ends_with("/models") {
            let vendor = Vendor::of_headers(&head.headers);
            return Ok(match vendor.check_key(&head.headers) {
                Ok(()) => json(vendor, 200, AnswerBody::whole(vendor.models().into(), None)),
                Err(refusal) => refused(vendor, &refusal),
            });
        }
        let Some(vendor) = Vendor::of_path(path).filter(|_| head.method == Method::POST) else {
            return Ok(refused(Vendor::of_headers(&head.headers), &Refusal::new(404, format!("no route {path}"))));
        };
        let answered = match vendor.check_key(&head.headers) {
            Ok(()) => self.complete(vendor, &head.headers, &body).await,
            Err(refusal) => Err(refusal),
        };
        Ok(answered.unwrap_or_else(|refusal| refused(vendor, &refusal)))
    }

    async fn complete(
        &self,
        vendor: Vendor,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Response<AnswerBody>, Refusal> {
        let mut request: Request<'_> =
            serde_json::from_slice(body).map_err(|error| Refusal::new(400, format!("invalid JSON: {error}")))?;
        request.stream |= vendor.wants_stream(headers);
        vendor.check(&request)?;
        let Some(mut behaviour) = self.behaviour(&request)? else {
            return Ok(self.complete_by_default(vendor, &request));
        };
        if !request.offers_tools() {
            behaviour.tool = None;
        }
        let open = self.record.open();
        if !behaviour.delay.is_zero() {
            tokio::time::sleep(behaviour.delay).await;
        }
        if behaviour.status >= 400 {
            let body = vendor.error(behaviour.status, &behaviour.error_message);
            let mut response = json(vendor, behaviour.status, AnswerBody::whole(body.into(), Some(open)));
            response.headers_mut().extend(behaviour.retry_after.map(|seconds| (RETRY_AFTER, seconds.into())));
            return Ok(response);
        }
        let model = model_answering(&request.model);
        let mut response = if request.stream {
            let transcript = vendor.transcript(&behaviour, model, request.wants_usage());
            events(vendor, AnswerBody::stream(transcript, &behaviour, open))
        } else {
            json(vendor, 200, AnswerBody::json(vendor.reply(&behaviour, model).into(), &behaviour, open))
        };
        *response.status_mut() = status(behaviour.status);
        Ok(response)
    }

    /// The next scripted behaviour, else the one in the last message; none means the default.
    fn behaviour(&self, request: &Request<'_>) -> Result<Option<Behaviour>, Refusal> {
        let scripted = self.script.lock().expect("no one panics while queueing").pop_front();
        match scripted {
            Some(behaviour) => Ok(Some(behaviour)),
            None => request.behaviour().transpose().map_err(|wrong| Refusal::new(400, wrong)),
        }
    }

    fn complete_by_default(&self, vendor: Vendor, request: &Request<'_>) -> Response<AnswerBody> {
        let open = self.record.open();
        let body = self.ready(vendor, request);
        if request.stream {
            events(vendor, AnswerBody::burst(body, open))
        } else {
            json(vendor, 200, AnswerBody::whole(body, Some(open)))
        }
    }

    fn ready(&self, vendor: Vendor, request: &Request<'_>) -> Bytes {
        let model = model_answering(&request.model);
        let usage = request.wants_usage();
        let key = ReadyKey { vendor, model: model.to_owned(), stream: request.stream, usage };
        let mut ready = self.ready.lock().expect("no one panics while rendering");
        if let Some(bytes) = ready.get(&key) {
            return bytes.clone();
        }
        let behaviour = Behaviour::default();
        let bytes = Bytes::from(if request.stream {
            let transcript = vendor.transcript(&behaviour, model, usage);
            [transcript.opening, transcript.deltas, transcript.closing].concat().concat()
        } else {
            vendor.reply(&behaviour, model)
        });
        if ready.len() < READY_MAX {
            ready.insert(key, bytes.clone());
        }
        bytes
    }
}

fn refused(vendor: Vendor, refusal: &Refusal) -> Response<AnswerBody> {
    let body = vendor.error(refusal.status, &refusal.message);
    json(vendor, refusal.status, AnswerBody::whole(body.into(), None))
}

fn json(vendor: Vendor, code: u16, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = headed(vendor, body, "application/json");
    *response.status_mut() = status(code);
    response
}

fn events(vendor: Vendor, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = headed(vendor, body, "text/event-stream; charset=utf-8");
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn headed(vendor: Vendor, body: AnswerBody, content_type: &'static str) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(vendor.request_id_header(), HeaderValue::from_static("req_standin"));
    response
}

fn status(code: u16) -> hyper::StatusCode {
    hyper::StatusCode::from_u16(code).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR)
}
