//! What can be called, by name: one table, one line a method.
//!
//! A new method is a line here, one in `crates/client` and in each of `bindings`, and a scenario with the Rust runner's call of
//! it; the tests of `sdk-tests/harness` tell what is missing. Nothing else names it.
//!
//! The arguments are one JSON object, spelled as on the wire: `id` goes where the route says `{id}`, `last_event_id` says after
//! what event a stream goes on; of what remains, GET and DELETE make the query, the others the body.

use std::collections::BTreeMap;

use bytes::Bytes;
use openclaw_client::raw::{RawCall, StreamKind};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::ErrorRecord;
use Method::{Delete, Get, Patch, Post};

/// Every operation, in the order of the alphabet.
#[rustfmt::skip]
pub const OPERATIONS: &[Operation] = &[
    Operation::new("agents.cancel", Post, "/agents/{id}/cancel"),
    Operation::new("agents.children", Get, "/agents/{id}/children"),
    Operation::new("agents.events", Get, "/agents/{id}/events").streamed(StreamKind::Agent),
    Operation::new("agents.get", Get, "/agents/{id}"),
    Operation::new("agents.input", Post, "/agents/{id}/input"),
    Operation::new("agents.list", Get, "/agents"),
    Operation::new("agents.spawn", Post, "/agents/spawn"),
    Operation::new("agents.steps", Get, "/agents/{id}/steps"),
    Operation::new("agents.wait", Post, "/agents/wait"),
    Operation::new("agents.wait_for_completion", Get, "/agents/{id}").until_ended(),
    Operation::new("channels.send", Post, "/channels/{id}/messages"),
    Operation::new("chat.send", Post, "/chat"),
    Operation::new("chat.stream", Post, "/chat").streamed(StreamKind::Reply),
    Operation::new("events.get", Get, "/events/{id}"),
    Operation::new("events.list", Get, "/events"),
    Operation::new("events.stream", Get, "/events/stream").streamed(StreamKind::Feed),
    Operation::new("keys.create", Post, "/keys"),
    Operation::new("keys.list", Get, "/keys"),
    Operation::new("keys.revoke", Delete, "/keys/{id}"),
    Operation::new("models.list", Get, "/models"),
    Operation::new("schedules.create", Post, "/schedules"),
    Operation::new("schedules.delete", Delete, "/schedules/{id}"),
    Operation::new("schedules.get", Get, "/schedules/{id}"),
    Operation::new("schedules.list", Get, "/schedules"),
    Operation::new("schedules.run", Post, "/schedules/{id}/run"),
    Operation::new("schedules.runs", Get, "/schedules/{id}/runs"),
    Operation::new("schedules.update", Patch, "/schedules/{id}"),
    Operation::new("sessions.delete", Delete, "/sessions/{id}"),
    Operation::new("sessions.get", Get, "/sessions/{id}"),
    Operation::new("sessions.list", Get, "/sessions"),
    Operation::new("sessions.messages", Get, "/sessions/{id}/messages"),
    Operation::new("sessions.update", Patch, "/sessions/{id}"),
    Operation::new("skills.list", Get, "/skills"),
    Operation::new("status.get", Get, "/status"),
    Operation::new("usage.list", Get, "/usage"),
    Operation::new("webhooks.deliveries.get", Get, "/webhooks/deliveries/{id}"),
    Operation::new("webhooks.deliveries.list", Get, "/webhooks/deliveries"),
    Operation::new("webhooks.deliveries.retry", Post, "/webhooks/deliveries/{id}/retry"),
    Operation::new("webhooks.deliveries.retry_matching", Post, "/webhooks/deliveries/retry"),
    Operation::new("webhooks.endpoints.create", Post, "/webhooks/endpoints"),
    Operation::new("webhooks.endpoints.delete", Delete, "/webhooks/endpoints/{id}"),
    Operation::new("webhooks.endpoints.get", Get, "/webhooks/endpoints/{id}"),
    Operation::new("webhooks.endpoints.list", Get, "/webhooks/endpoints"),
    Operation::new("webhooks.endpoints.recover", Post, "/webhooks/endpoints/{id}/recover"),
    Operation::new("webhooks.endpoints.rotate_secret", Post, "/webhooks/endpoints/{id}/rotate-secret"),
    Operation::new("webhooks.endpoints.test", Post, "/webhooks/endpoints/{id}/test"),
    Operation::new("webhooks.endpoints.update", Patch, "/webhooks/endpoints/{id}"),
];

/// One thing that can be called.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// `resource.method`.
    pub name: &'static str,
    /// Below `/api/v1`.
    pub route: &'static str,
    method: Method,
    answer: Answer,
}

/// What comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// One reply.
    Reply,
    /// One reply: the agent, once it has ended.
    Ended,
    /// Events.
    Stream(StreamKind),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

/// The arguments of a call, each as it was written: a large number stays what it is.
type Arguments = BTreeMap<String, Box<RawValue>>;

impl Operation {
    const fn new(name: &'static str, method: Method, route: &'static str) -> Self {
        Self { name, route, method, answer: Answer::Reply }
    }

    const fn streamed(self, kind: StreamKind) -> Self {
        Self { answer: Answer::Stream(kind), ..self }
    }

    const fn until_ended(self) -> Self {
        Self { answer: Answer::Ended, ..self }
    }

    /// The operation of that name.
    pub(crate) fn find(name: &str) -> Result<Self, ErrorRecord> {
        match OPERATIONS.binary_search_by_key(&name, |operation| operation.name) {
            Ok(at) => Ok(OPERATIONS[at]),
            Err(_) => Err(ErrorRecord::config(format!("there is no operation `{name}`"))),
        }
    }

    /// The method of its request, such as `POST`.
    pub const fn method(self) -> &'static str {
        match self.method {
            Get => "GET",
            Post => "POST",
            Patch => "PATCH",
            Delete => "DELETE",
        }
    }

    pub(crate) fn answer(self) -> Answer {
        self.answer
    }

    /// The call with those arguments, a JSON object, and the event after which its stream goes on.
    pub(crate) fn call(self, arguments: &[u8]) -> Result<(RawCall, Option<String>), ErrorRecord> {
        if self.sends_body() && !self.names_id() && !self.is_stream() {
            return Ok((self.with_body(Bytes::copy_from_slice(arguments)), None));
        }
        let mut arguments = parse(arguments)?;
        let id = if self.names_id() { Some(take_id(&mut arguments)?) } else { None };
        let after = if self.is_stream() { arguments.remove("last_event_id") } else { None };
        let call = if self.sends_body() {
            if self.is_stream() {
                arguments.insert("stream".into(), RawValue::TRUE.to_owned());
            }
            self.with_body(serde_json::to_vec(&arguments).expect("JSON is written as it was read").into())
        } else {
            self.with_query(arguments)
        };
        let call = if let Some(id) = id { call.id(&id) } else { call };
        Ok((call, after.and_then(|after| parameter(decoded(&after)))))
    }

    /// The id and the limit, in seconds, of a wait for an agent's end.
    pub(crate) fn wait(arguments: &[u8]) -> Result<(String, Option<f64>), ErrorRecord> {
        let mut arguments = parse(arguments)?;
        let limit = arguments.get("timeout").and_then(|timeout| decoded(timeout).as_f64());
        Ok((take_id(&mut arguments)?, limit))
    }

    fn with_body(self, body: Bytes) -> RawCall {
        if self.method == Post { RawCall::post(self.route, body) } else { RawCall::patch(self.route, body) }
    }

    fn with_query(self, arguments: Arguments) -> RawCall {
        let call = if self.method == Get { RawCall::get(self.route) } else { RawCall::delete(self.route) };
        let parameters = arguments.into_iter().filter_map(|(name, value)| Some((name, parameter(decoded(&value))?)));
        parameters.fold(call, |call, (name, value)| call.query(name, value))
    }

    fn sends_body(self) -> bool {
        matches!(self.method, Post | Patch)
    }

    fn names_id(self) -> bool {
        self.route.contains("{id}")
    }

    fn is_stream(self) -> bool {
        matches!(self.answer, Answer::Stream(_))
    }
}

fn parse(arguments: &[u8]) -> Result<Arguments, ErrorRecord> {
    serde_json::from_slice(arguments)
        .map_err(|error| ErrorRecord::config(format!("the arguments are not a JSON object: {error}")))
}

fn take_id(arguments: &mut Arguments) -> Result<String, ErrorRecord> {
    match arguments.remove("id").as_deref().map(decoded) {
        Some(Value::String(id)) => Ok(id),
        _ => Err(ErrorRecord::config("`id` must be a text")),
    }
}

fn decoded(argument: &RawValue) -> Value {
    serde_json::from_str(argument.get()).expect("it was JSON when it was read")
}

/// An argument as it stands in a URL: a list with commas; nothing at all if it is null.
fn parameter(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Array(values) => Some(values.into_iter().filter_map(parameter).collect::<Vec<_>>().join(",")),
        other => Some(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(name: &str, arguments: &str) -> String {
        format!("{:?}", Operation::find(name).unwrap().call(arguments.as_bytes()).unwrap())
    }

    #[test]
    fn the_table_is_sorted_and_says_each_name_once() {
        assert!(OPERATIONS.is_sorted_by(|one, next| one.name < next.name));
        for operation in OPERATIONS {
            assert_eq!(Operation::find(operation.name).unwrap().route, operation.route);
        }
        assert!(Operation::find("chat.sing").unwrap_err().message.contains("chat.sing"));
    }

    #[test]
    fn arguments_go_to_route_query_and_body() {
        let get = shown("sessions.messages", r#"{"id":"a/b","limit":5,"order":"desc","after":null}"#);
        assert!(get.contains(r#"id: Some("a/b")"#) && get.contains(r#"("limit", "5"), ("order", "desc")]"#), "{get}");
        let list = shown("events.list", r#"{"events":["message.*","agent.step"]}"#);
        assert!(list.contains(r#"("events", "message.*,agent.step")"#), "{list}");
        let patch =
            shown("sessions.update", r#"{"id":"x","title":"T","metadata":{"z":12345678901234567890123,"a":1.50}}"#);
        assert!(patch.contains(r#"id: Some("x")"#) && patch.contains(r#"\"title\":\"T\""#), "{patch}");
        assert!(!patch.contains(r#"\"id\""#), "{patch}");
        assert!(patch.contains(r#"{\"z\":12345678901234567890123,\"a\":1.50}"#), "{patch}");
        let post = shown("chat.send", r#"{"message":"你好",  "n":12345678901234567890123}"#);
        assert!(post.contains("12345678901234567890123"), "a body is passed on as it is: {post}");
        let stream = shown("chat.stream", r#"{"message":"hi"}"#);
        assert!(stream.contains(r#"\"stream\":true"#), "{stream}");
        let feed = shown("events.stream", r#"{"last_event_id":"evt_1","events":["*"]}"#);
        assert!(feed.contains(r#"Some("evt_1")"#) && feed.contains(r#"[("events", "*")]"#), "{feed}");
    }

    #[test]
    fn wrong_arguments_are_told() {
        let refused = |name: &str, arguments: &str| {
            Operation::find(name).unwrap().call(arguments.as_bytes()).map(|_| ()).unwrap_err().message
        };
        assert!(refused("sessions.get", "{}").contains("`id`"));
        assert!(refused("sessions.get", r#"{"id":7}"#).contains("`id`"));
        assert!(refused("sessions.list", "[]").contains("JSON object"));
        assert_eq!(Operation::wait(br#"{"id":"agt_1","timeout":1.5}"#), Ok(("agt_1".into(), Some(1.5))));
        assert!(Operation::wait(b"{}").is_err());
    }
}
