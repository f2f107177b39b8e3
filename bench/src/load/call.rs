//! What a load asks, as a recipe for requests.

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request};

/// Makes the path or the body of a connection's n-th request, both counted from 0.
type Make<T> = Box<dyn Fn(usize, u64) -> T + Send + Sync>;

/// What must happen after an answer before it counts as complete, from its body; an error fails the request.
type Then = Box<dyn Fn(Bytes) -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// A recipe for requests.
pub struct Call {
    method: Method,
    path: Make<String>,
    headers: HeaderMap,
    body: Make<Bytes>,
    /// How the last event of a good stream begins; absent: the answer is no stream.
    pub ending: Option<String>,
    pub(super) then: Option<Then>,
}

impl Call {
    /// POSTs JSON to a path; `body` gets the connection's and the request's number.
    pub fn post(path: &str, body: impl Fn(usize, u64) -> Bytes + Send + Sync + 'static) -> Self {
        let headers = HeaderMap::from_iter([
            (HOST, HeaderValue::from_static("bench")),
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        ]);
        let path = path.to_owned();
        let path: Make<String> = Box::new(move |_, _| path.clone());
        Self { method: Method::POST, path, headers, body: Box::new(body), ending: None, then: None }
    }

    /// GETs a path, made from the connection's and the request's number.
    pub fn get(path: impl Fn(usize, u64) -> String + Send + Sync + 'static) -> Self {
        let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static("bench"))]);
        let body: Make<Bytes> = Box::new(|_, _| Bytes::new());
        Self { method: Method::GET, path: Box::new(path), headers, body, ending: None, then: None }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        let value = HeaderValue::from_str(value).expect("a benchmark's header is plain text");
        self.headers.insert(HeaderName::from_static(name), value);
        self
    }

    /// Expects a stream whose last event begins so.
    #[must_use]
    pub fn ending(mut self, ending: &str) -> Self {
        self.ending = Some(ending.to_owned());
        self
    }

    /// Lets an answer that is no stream count only after something else has happened: both end the request.
    #[must_use]
    pub fn then(
        mut self,
        then: impl Fn(Bytes) -> BoxFuture<'static, Result<(), String>> + Send + Sync + 'static,
    ) -> Self {
        self.then = Some(Box::new(then));
        self
    }

    pub(super) fn request(&self, connection: usize, number: u64) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new((self.body)(connection, number)));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = (self.path)(connection, number).parse().expect("a benchmark's path is a path");
        *request.headers_mut() = self.headers.clone();
        request
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call").field("method", &self.method).field("ending", &self.ending).finish_non_exhaustive()
    }
}
