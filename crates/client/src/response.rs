//! What an answer tells beside its body: `reply.with_response()`.
//!
//! Whoever asks for it awaits the call inside a scope; the transport notes each answer in the scope that it is in, if it is
//! in one. So a call that nobody asks this of keeps nothing, and one that makes several requests gives the last answer.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Response;
use reqwest::header::HeaderMap;

use crate::{Reply, error};

tokio::task_local! {
    static SLOT: Slot;
}

type Slot = Arc<Mutex<Option<HttpResponse>>>;

/// An answer without its body: status and headers.
///
/// ```no_run
/// use openclaw_client::{ChatRequest, Client};
///
/// # async fn example(client: Client, request: ChatRequest) -> Result<(), openclaw_client::Error> {
/// let (reply, response) = client.chat().send(request).with_response().await?;
/// println!("{}: {} {:?}", reply.content, response.status(), response.header("x-request-id"));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HttpResponse {
    status: u16,
    headers: HeaderMap,
    retries: u32,
}

impl HttpResponse {
    /// The HTTP status, of the 200s: others are errors.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first header of that name, in any case, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers, their names in lower case; what is not UTF-8 in a value is replaced.
    pub fn headers(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.headers.iter().map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes())))
    }

    /// The id of the request, to find it in the gateway's log.
    pub fn request_id(&self) -> Option<String> {
        error::request_id(&self.headers)
    }

    /// How many tries went before the one that this answers.
    pub fn retries(&self) -> u32 {
        self.retries
    }
}

impl<T: Send + 'static> Reply<T> {
    /// The same reply and, beside it, what its answer told: status, headers, request id.
    ///
    /// Of a stream it is the answer with which it began; of a wait, the last one.
    pub fn with_response(self) -> Reply<(T, HttpResponse)> {
        Reply::new(async move {
            let slot = Slot::default();
            let reply = SLOT.scope(Arc::clone(&slot), self).await?;
            let response = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
            let response = response.expect("whatever gives a reply has had an answer");
            keep(|| response.clone()); // Asked twice, both are told.
            Ok((reply, response))
        })
    }
}

/// Notes the head of an answer, if this is in a scope of somebody who wants to know.
pub(crate) fn note(response: &Response, retries: u32) {
    let (status, headers) = (response.status().as_u16(), response.headers());
    keep(|| HttpResponse { status, headers: headers.clone(), retries });
}

fn keep(response: impl FnOnce() -> HttpResponse) {
    // Outside of any scope nobody has asked.
    let _ = SLOT.try_with(|slot| *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(response()));
}
