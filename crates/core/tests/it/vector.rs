//! One example of `sdk-tests/vectors/webhook.json`, and how it is made.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use openclaw_core::webhook::{body, body_signature, header, standard_signatures};
use serde::{Deserialize, Serialize};

/// When the attempts of the examples were made: 2026-04-17T01:20:00Z.
pub(crate) const MADE: i64 = 1_776_388_800;
pub(crate) const EVENT_ID: &str = "evt_01kpcmepg0t7q4c9x5b1n0d8ra";

/// The whole file.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vectors {
    pub(crate) about: String,
    pub(crate) vectors: Vec<Vector>,
}

/// A request, who receives it, and what it finds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Vector {
    pub(crate) name: String,
    /// Present where the request is just what signing this makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sender: Option<Sender>,
    pub(crate) request: Request,
    pub(crate) receiver: Receiver,
    pub(crate) expected: Expected,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sender {
    pub(crate) secrets: Vec<String>,
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) unsigned: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Receiver {
    pub(crate) secrets: Vec<String>,
    pub(crate) now: i64,
}

/// What each check says; see `sdk-tests/README.md`.
#[expect(clippy::struct_excessive_bools, reason = "each is the answer of one check")]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Expected {
    pub(crate) body: bool,
    pub(crate) unsigned: bool,
    pub(crate) webhook: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) event: Option<String>,
    pub(crate) standard: bool,
    pub(crate) standard_utf8: bool,
}

pub(crate) const OK: &str = "ok";

impl Sender {
    pub(crate) fn request(&self) -> Request {
        let body = body(&self.unsigned, &self.secrets[0]);
        Request { headers: headers(&self.id, self.timestamp, &body, &self.secrets), body }
    }
}

impl Vector {
    /// A request that arrives at once and as it was sent, at a receiver with the sender's secrets; every check accepts it.
    pub(crate) fn sent(name: &str, secrets: &[&str], unsigned: &str) -> Self {
        let secrets: Vec<String> = secrets.iter().map(ToString::to_string).collect();
        let event: serde_json::Value = serde_json::from_str(unsigned).expect("JSON");
        let sender =
            Sender { secrets: secrets.clone(), id: EVENT_ID.into(), timestamp: MADE, unsigned: unsigned.into() };
        let event = event["event"].as_str().expect("a name").to_owned();
        Self {
            name: name.into(),
            request: sender.request(),
            sender: Some(sender),
            receiver: Receiver { secrets, now: MADE },
            expected: Expected {
                body: true,
                unsigned: true,
                webhook: OK.into(),
                event: Some(event),
                standard: true,
                standard_utf8: true,
            },
        }
    }

    /// A request of some Standard Webhooks sender, whose body is no event of ours.
    pub(crate) fn foreign(name: &str, secret: &str, id: &str, timestamp: i64, body: &str, signature: &str) -> Self {
        let headers = [(header::ID, id), (header::TIMESTAMP, &timestamp.to_string()), (header::SIGNATURES, signature)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self {
            name: name.into(),
            sender: None,
            request: Request { headers, body: body.into() },
            receiver: Receiver { secrets: vec![secret.into()], now: timestamp },
            expected: Expected {
                body: false,
                unsigned: false,
                webhook: "not_an_event".into(),
                event: None,
                standard: true,
                standard_utf8: false,
            },
        }
    }

    /// Another body arrives than was sent.
    pub(crate) fn body(mut self, change: impl FnOnce(&str) -> String) -> Self {
        let changed = change(&self.request.body);
        assert_ne!(changed, self.request.body, "{} changes nothing", self.name);
        self.request.body = changed;
        self.sender = None;
        self
    }

    /// Another body is sent than the event's own; the headers are over what is sent.
    pub(crate) fn body_sent(self, change: impl FnOnce(&str) -> String) -> Self {
        let secrets = self.sender.as_ref().expect("it was sent").secrets.clone();
        let mut changed = self.body(change);
        changed.request.headers = headers(EVENT_ID, MADE, &changed.request.body, &secrets);
        changed
    }

    /// Another header arrives than was sent.
    pub(crate) fn header(mut self, name: &str, change: impl FnOnce(&str) -> String) -> Self {
        let value = self.request.headers.get_mut(name).expect("it was sent");
        *value = change(value);
        self.sender = None;
        self
    }

    /// A header does not arrive.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.request.headers.remove(name).expect("it was sent");
        self.sender = None;
        self
    }

    /// The receiver has other secrets.
    pub(crate) fn receiver(mut self, secrets: &[&str]) -> Self {
        self.receiver.secrets = secrets.iter().map(ToString::to_string).collect();
        self
    }

    /// The receiver's clock shows another time, in seconds after the attempt's.
    pub(crate) fn late(mut self, seconds: i64) -> Self {
        self.receiver.now = MADE + seconds;
        self
    }

    /// What the documented function says: of the whole body with its header, of the unsigned event with the member.
    pub(crate) fn documented(mut self, body: bool, unsigned: bool) -> Self {
        self.expected.body = body;
        self.expected.unsigned = unsigned;
        self
    }

    /// What the published libraries say, given the receiver's first secret as it is, and as the base64 of its bytes.
    pub(crate) fn standard(mut self, as_is: bool, utf8: bool) -> Self {
        self.expected.standard = as_is;
        self.expected.standard_utf8 = utf8;
        self
    }

    /// What `Webhook` says instead of giving the event.
    pub(crate) fn refused(mut self, code: &str) -> Self {
        self.expected.webhook = code.into();
        self.expected.event = None;
        self.standard(false, false)
    }
}

/// A path of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

fn headers(id: &str, timestamp: i64, body: &str, secrets: &[String]) -> BTreeMap<String, String> {
    let headers = [
        (header::ID, id.to_owned()),
        (header::TIMESTAMP, timestamp.to_string()),
        (header::SIGNATURES, standard_signatures(id, timestamp, body, secrets)),
        (header::BODY_SIGNATURE, body_signature(body, &secrets[0])),
    ];
    headers.map(|(name, value)| (name.to_owned(), value)).into()
}
