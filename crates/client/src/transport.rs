//! The one place that sends: address, headers, tries and waits, and what an answer means.
//!
//! A call goes: idempotency key drawn once → request made and tried → on a failure that may pass, wait and try again → reply
//! read. One limit of time lies over all of it. Dropping a call's future closes its connection.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Response, Url};
use serde::de::DeserializeOwned;

use crate::call::Call;
use crate::error::{ApiError, request_id};
use crate::log::{Attempt, Listener};
use crate::retry::{self, Advice, Backoff};
use crate::{Error, Reply, RequestOptions, environment, response};

/// The most bytes of a whole reply: a page of 100 of the longest messages is well under it.
const REPLY_BYTES_MAX: usize = 64 * 1024 * 1024;
/// The most bytes kept of a failure's body.
const ERROR_BYTES_MAX: usize = 64 * 1024;
/// How many tries went before this one.
const RETRY_COUNT: HeaderName = HeaderName::from_static("x-openclaw-retry-count");
/// The name of a call, the same in all its tries.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The way to one gateway; clones share its connections.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Settings>);

/// What a transport is made of.
pub(crate) struct Settings {
    pub(crate) http: reqwest::Client,
    /// Its path has no slash at its end, unless it is that alone.
    pub(crate) base_url: Url,
    /// Sent with every request, the credential among them.
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) idle_timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) backoff: Backoff,
}

/// How often a call may be tried, and until when.
struct Tries<'a> {
    max_retries: u32,
    deadline: Option<Instant>,
    is_repeatable: bool,
    listener: Option<&'a Listener>,
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Self {
        Self(Arc::new(settings))
    }

    /// Without a slash at its end.
    pub(crate) fn base_url(&self) -> &str {
        self.0.base_url.as_str().trim_end_matches('/')
    }

    /// The longest silence of a stream.
    pub(crate) fn idle_timeout(&self) -> Duration {
        self.0.idle_timeout
    }

    /// How long to wait before coming back.
    pub(crate) fn backoff(&self) -> Backoff {
        self.0.backoff
    }

    /// Sends a call and reads its reply.
    pub(crate) fn json<T: DeserializeOwned + Send + 'static>(&self, call: Call, options: &RequestOptions) -> Reply<T> {
        let (transport, options) = (self.clone(), options.clone());
        Reply::new(async move {
            let read = async |response: Response| {
                let request_id = request_id(response.headers());
                let body = whole(response).await?;
                serde_json::from_slice(&body).map_err(|error| Error::Decode { problem: error.to_string(), request_id })
            };
            transport.send(&call, &options, read).await
        })
    }

    /// Sends a call whose reply has no body.
    pub(crate) fn done(&self, call: Call, options: &RequestOptions) -> Reply<()> {
        let (transport, options) = (self.clone(), options.clone());
        Reply::new(async move { transport.send(&call, &options, async |_| Ok(())).await })
    }

    /// Sends a call and hands over its reply when the head is there; the body is the caller's to read.
    pub(crate) async fn open(&self, call: &Call, options: &RequestOptions) -> Result<Response, Error> {
        self.send(call, options, async |response| Ok(response)).await
    }

    /// Sends a call and reads its reply as told.
    pub(crate) async fn send<T>(
        &self,
        call: &Call,
        options: &RequestOptions,
        read: impl AsyncFn(Response) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let limit = options.timeout.unwrap_or(self.0.timeout);
        let deadline = environment::instant().checked_add(limit);
        let max_retries = options.max_retries.unwrap_or(self.0.max_retries);
        let listener = options.listener.as_ref();
        let tries = Tries { max_retries, deadline, is_repeatable: call.is_repeatable(), listener };
        environment::within(limit, self.tries(call, options, tries, read))
            .await
            .unwrap_or(Err(Error::Timeout { waited_for: "the reply", limit }))
    }

    async fn tries<T>(
        &self,
        call: &Call,
        options: &RequestOptions,
        bounds: Tries<'_>,
        read: impl AsyncFn(Response) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let key = if call.method == Method::POST { Some(idempotency_key(options)?) } else { None };
        let mut retries = 0;
        loop {
            let request = self.request(call, options, key.as_ref(), retries)?;
            let mut attempt = Attempt::begin(&request, bounds.listener, retries + 1);
            let tried = self.try_once(request, bounds.is_repeatable, &read, |answer| {
                attempt.answered(answer);
                if answer.status().is_success() {
                    response::note(answer, retries);
                }
            });
            let (error, advice) = match tried.await {
                Ok(reply) => {
                    attempt.succeeded();
                    return Ok(reply);
                }
                Err(failure) => failure,
            };
            let wait = self.wait_before_next(advice, retries, &bounds);
            attempt.failed(&error, wait);
            let Some(wait) = wait else { return Err(error) };
            environment::sleep(wait).await;
            retries += 1;
        }
    }

    /// How long to wait for the next try; `None` if there is to be none.
    fn wait_before_next(&self, advice: Advice, retries: u32, bounds: &Tries<'_>) -> Option<Duration> {
        let Advice::TryAgain { asked } = advice else { return None };
        let wait = asked.unwrap_or_else(|| self.0.backoff.wait(retries, environment::chance()));
        // `None` is further off than an `Instant` can say.
        let in_time =
            bounds.deadline.is_none_or(|end| environment::instant().checked_add(wait).is_some_and(|at| at < end));
        (retries < bounds.max_retries && in_time).then_some(wait)
    }

    /// Sends a request once; `answered` is told of the head of its answer.
    async fn try_once<T>(
        &self,
        request: Request,
        is_repeatable: bool,
        read: &impl AsyncFn(Response) -> Result<T, Error>,
        answered: impl FnOnce(&Response),
    ) -> Result<T, (Error, Advice)> {
        let again = Advice::TryAgain { asked: None };
        let response = self.0.http.execute(request).await.map_err(|error| {
            let was_not_sent = error.is_connect();
            (self.unreachable(error), if is_repeatable || was_not_sent { again } else { Advice::GiveUp })
        })?;
        answered(&response);
        if !response.status().is_success() {
            return Err(failure(response, is_repeatable).await);
        }
        read(response).await.map_err(|error| match error {
            Error::Interrupted { .. } if is_repeatable => (error, again),
            _ => (error, Advice::GiveUp),
        })
    }

    /// What one try sends.
    fn request(
        &self,
        call: &Call,
        options: &RequestOptions,
        key: Option<&HeaderValue>,
        retries: u32,
    ) -> Result<Request, Error> {
        let mut request = Request::new(call.method.clone(), call.url(&self.0.base_url)?);
        let headers = request.headers_mut();
        headers.clone_from(&self.0.headers);
        headers.insert(ACCEPT, HeaderValue::from_static(call.accept));
        headers.insert(RETRY_COUNT, retries.into());
        if let Some(key) = key {
            headers.insert(IDEMPOTENCY_KEY, key.clone());
        }
        if call.body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        for (name, value) in &options.headers {
            let (name, value) = header(name, value)?;
            headers.insert(name, value);
        }
        *request.body_mut() = call.body.clone().map(Into::into);
        Ok(request)
    }

    fn unreachable(&self, error: reqwest::Error) -> Error {
        Error::Connection { base_url: self.base_url().to_owned(), source: error.without_url().into() }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").field("base_url", &self.base_url()).finish_non_exhaustive()
    }
}

/// Reads a header as a caller wrote it. Its value may be a secret, so neither `Debug` nor the error shows it.
pub(crate) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Error> {
    let header =
        HeaderName::try_from(name).map_err(|_| Error::config(format!("`{name}` cannot be a header's name")))?;
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| Error::config(format!("the value of header `{name}` holds a character that no header may")))?;
    value.set_sensitive(true);
    Ok((header, value))
}

/// The next bytes of a body; `None` at its end.
async fn next_bytes(response: &mut Response) -> Result<Option<bytes::Bytes>, Error> {
    response.chunk().await.map_err(broken_off)
}

/// A body that ended too early.
pub(crate) fn broken_off(error: reqwest::Error) -> Error {
    Error::Interrupted { source: Some(error.without_url().into()) }
}

/// The caller's key, or 128 random bits.
fn idempotency_key(options: &RequestOptions) -> Result<HeaderValue, Error> {
    let Some(key) = &options.idempotency_key else {
        let drawn = format!("{:032x}", u128::from_ne_bytes(environment::random()));
        return Ok(HeaderValue::try_from(drawn).expect("hex is a header's value"));
    };
    HeaderValue::from_str(key).map_err(|_| Error::config("the idempotency key holds a character that no header may"))
}

/// The whole body of a reply.
pub(crate) async fn whole(mut response: Response) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(bytes) = next_bytes(&mut response).await? {
        if body.len() + bytes.len() > REPLY_BYTES_MAX {
            let problem = format!("it is larger than {REPLY_BYTES_MAX} bytes");
            return Err(Error::Decode { problem, request_id: request_id(response.headers()) });
        }
        body.extend_from_slice(&bytes);
    }
    Ok(body)
}

/// Reads an answer that is not a success. A body that breaks off or goes on too long is cut: the status has said enough.
async fn failure(mut response: Response, is_repeatable: bool) -> (Error, Advice) {
    let mut body = Vec::new();
    while body.len() < ERROR_BYTES_MAX
        && let Ok(Some(bytes)) = next_bytes(&mut response).await
    {
        body.extend_from_slice(&bytes);
    }
    body.truncate(ERROR_BYTES_MAX);
    let (status, headers) = (response.status().as_u16(), response.headers());
    let error = ApiError::from_answer(status, headers, &body);
    let advice = retry::advice(status, error.code.as_deref(), headers, environment::now(), is_repeatable);
    (error.into(), advice)
}
