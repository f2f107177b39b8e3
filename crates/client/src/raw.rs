//! `client.raw()`: calls by route, replies as the JSON text that came.
//!
//! For those who make clients of this one in other languages: what a newer gateway adds to a reply passes through. Retries,
//! idempotency, limits and errors are those of the typed calls.

use bytes::Bytes;
use reqwest::Method;
use serde::de::IgnoredAny;

use crate::call::Call;
use crate::error::request_id;
use crate::resource::resource;
use crate::{Error, Reply};

mod agent;
mod shape;
mod stream;

pub use stream::{RawEvent, RawStream, StreamKind};

pub use crate::log::{Listener, LogLevel, LogRecord};

resource! {
    /// Sends calls by their route.
    Raw
}

impl Raw {
    /// Has the log of these calls told to a listener, for languages that cannot hear `tracing`.
    #[must_use]
    pub fn heard_by(mut self, listener: Listener) -> Self {
        self.options.listener = Some(listener);
        self
    }

    /// Sends a call and waits for the whole reply.
    pub fn send(&self, call: RawCall) -> Reply<RawReply> {
        let (transport, options) = (self.transport.clone(), self.options.clone());
        Reply::new(async move { transport.send(&call.0, &options, RawReply::read).await })
    }

    /// Sends a call and gives the events of its reply as they come; `after` is the id of the last event seen.
    pub fn stream(&self, call: RawCall, kind: StreamKind, after: Option<String>) -> Reply<RawStream> {
        let (transport, options) = (self.transport.clone(), self.options.clone());
        Reply::new(RawStream::open(transport, options, call.0.streamed(), kind, after))
    }
}

/// A call by its route, such as `/sessions/{id}`.
#[derive(Clone, Debug)]
pub struct RawCall(Call);

impl RawCall {
    /// A call that reads.
    pub fn get(route: &'static str) -> Self {
        Self(Call::get(route))
    }

    /// A call that removes.
    pub fn delete(route: &'static str) -> Self {
        Self(Call::delete(route))
    }

    /// A call that does something, with its body in JSON.
    pub fn post(route: &'static str, body: impl Into<Bytes>) -> Self {
        Self::with_body(Method::POST, route, body.into())
    }

    /// A call that changes something, with its body in JSON.
    pub fn patch(route: &'static str, body: impl Into<Bytes>) -> Self {
        Self::with_body(Method::PATCH, route, body.into())
    }

    /// What stands for `{id}` in the route, any text.
    #[must_use]
    pub fn id(self, id: &str) -> Self {
        Self(self.0.id(id))
    }

    /// Sets a parameter of the query, in place of an earlier one of that name.
    #[must_use]
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.set_query(name.into(), value);
        self
    }

    fn with_body(method: Method, route: &'static str, body: Bytes) -> Self {
        let mut call = Call::get(route);
        (call.method, call.body) = (method, Some(body));
        Self(call)
    }
}

/// A reply as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawReply {
    /// A JSON object; empty if the reply has no body (204).
    pub body: Bytes,
    /// The id of the request, to find it in the gateway's log.
    pub request_id: Option<String>,
}

impl RawReply {
    async fn read(response: reqwest::Response) -> Result<Self, Error> {
        let request_id = request_id(response.headers());
        let is_empty = response.status() == reqwest::StatusCode::NO_CONTENT;
        let body: Bytes = crate::transport::whole(response).await?.into();
        if !is_empty {
            check_object(&body).map_err(|problem| Error::Decode { problem, request_id: request_id.clone() })?;
        }
        Ok(Self { body, request_id })
    }
}

/// Makes sure that a text is one JSON object, so that no language has to tell this error for itself.
fn check_object(text: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<IgnoredAny>(text).map_err(|error| error.to_string())?;
    if text.trim_ascii_start().starts_with(b"{") { Ok(()) } else { Err("it is JSON but not an object".into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_whole_object_is_a_reply() {
        for text in ["{}", " \n{\"a\":[1,{}]} "] {
            assert_eq!(check_object(text.as_bytes()), Ok(()), "{text}");
        }
        for text in ["", "[]", "7", "{", "{}{}", "<html>", "{\"a\":NaN}", "{\"a\":\"\u{1}\"}"] {
            assert!(check_object(text.as_bytes()).is_err(), "{text}");
        }
    }
}
