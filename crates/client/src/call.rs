//! One call before it is sent: method, route, body.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{Method, Url};
use serde::Serialize;

use crate::Error;

/// The query parameter that says how many rows a page may have.
pub(crate) const LIMIT: &str = "limit";
/// The query parameter that says after which row a page begins.
pub(crate) const AFTER: &str = "after";

/// All routes begin with this.
const PREFIX: &str = "/api/v1";
/// What may be posted again although an earlier try may have been taken: done once by its `Idempotency-Key`, or no worse for
/// being done twice.
const REPEATABLE: [&str; 5] =
    ["/chat", "/channels/{id}/messages", "/agents/spawn", "/agents/wait", "/agents/{id}/cancel"];
/// What RFC 3986 calls unreserved stays; all else is encoded, so that an id is one segment whatever it holds.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A call, to be tried as often as it takes.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) body: Option<Bytes>,
    /// The kind of reply that is asked for.
    pub(crate) accept: &'static str,
    route: &'static str,
    id: Option<String>,
    query: Vec<(Cow<'static, str>, String)>,
}

impl Call {
    pub(crate) fn get(route: &'static str) -> Self {
        Self { method: Method::GET, body: None, accept: "application/json", route, id: None, query: Vec::new() }
    }

    pub(crate) fn delete(route: &'static str) -> Self {
        Self { method: Method::DELETE, ..Self::get(route) }
    }

    pub(crate) fn post(route: &'static str, body: impl Serialize) -> Self {
        Self { method: Method::POST, body: Some(json(body)), ..Self::get(route) }
    }

    /// A POST without a body, where the route says all.
    pub(crate) fn post_empty(route: &'static str) -> Self {
        Self { method: Method::POST, ..Self::get(route) }
    }

    pub(crate) fn patch(route: &'static str, body: impl Serialize) -> Self {
        Self { method: Method::PATCH, body: Some(json(body)), ..Self::get(route) }
    }

    /// What stands for `{id}` in the route.
    pub(crate) fn id(mut self, id: &str) -> Self {
        self.id = Some(id.to_owned());
        self
    }

    /// Asks for server-sent events.
    pub(crate) fn streamed(mut self) -> Self {
        self.accept = "text/event-stream";
        self
    }

    /// Sets a parameter of the query, in place of an earlier one of that name.
    pub(crate) fn set_query(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let name = name.into();
        self.query.retain(|(known, _)| *known != name);
        self.query.push((name, value.into()));
    }

    /// Whether it may be sent again although an earlier try may have been taken.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.method != Method::POST || REPEATABLE.contains(&self.route)
    }

    /// The address to send it to.
    pub(crate) fn url(&self, base_url: &Url) -> Result<Url, Error> {
        let mut path = format!("{}{PREFIX}{}", base_url.path().trim_end_matches('/'), self.route);
        if let Some(id) = &self.id {
            path = path.replace("{id}", &segment(id)?);
        }
        let mut url = base_url.clone();
        url.set_path(&path);
        if !self.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&self.query);
        }
        Ok(url)
    }
}

fn json(body: impl Serialize) -> Bytes {
    serde_json::to_vec(&body).expect("the words of core have string keys and nothing else that JSON lacks").into()
}

/// An id as one segment of a path. An empty one would name the list, and dots name the folders around it.
fn segment(id: &str) -> Result<String, Error> {
    if matches!(id, "" | "." | "..") {
        return Err(Error::config(format!("`{id}` cannot be sent as an id: a URL has no way to write it")));
    }
    Ok(utf8_percent_encode(id, SEGMENT).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> Url {
        Url::parse(url).unwrap()
    }

    fn path(id: &str) -> String {
        Call::get("/sessions/{id}/messages").id(id).url(&base("http://host/prefix")).unwrap().path().to_owned()
    }

    #[test]
    fn an_id_is_one_segment_whatever_it_holds() {
        assert_eq!(path("user_123"), "/prefix/api/v1/sessions/user_123/messages");
        assert_eq!(path("a/b?c#d%2e\\ e"), "/prefix/api/v1/sessions/a%2Fb%3Fc%23d%252e%5C%20e/messages");
        assert_eq!(path("用户\t\n"), "/prefix/api/v1/sessions/%E7%94%A8%E6%88%B7%09%0A/messages");
        assert_eq!(path("..."), "/prefix/api/v1/sessions/.../messages");
    }

    #[test]
    fn an_id_that_would_leave_its_place_is_refused() {
        for id in ["", ".", ".."] {
            assert!(
                matches!(Call::delete("/sessions/{id}").id(id).url(&base("http://host")), Err(Error::Config(_))),
                "{id}"
            );
        }
    }

    #[test]
    fn only_a_post_that_would_be_done_twice_is_not_repeatable() {
        assert!(Call::get("/keys").is_repeatable() && Call::delete("/keys/{id}").is_repeatable());
        assert!(Call::post("/chat", ()).is_repeatable() && Call::post("/agents/spawn", ()).is_repeatable());
        assert!(!Call::post("/keys", ()).is_repeatable() && !Call::post("/agents/{id}/input", ()).is_repeatable());
    }

    #[test]
    fn a_parameter_is_set_once_and_encoded() {
        let mut call = Call::get("/sessions");
        call.set_query(AFTER, "one");
        call.set_query(LIMIT, "5");
        call.set_query(AFTER, "a&b=c");
        assert_eq!(call.url(&base("http://host")).unwrap().query(), Some("limit=5&after=a%26b%3Dc"));
    }
}
