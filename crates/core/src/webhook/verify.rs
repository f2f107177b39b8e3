//! Checking a delivery, as its receiver does.

use std::fmt;

use subtle::ConstantTimeEq;

use super::sign::{body_signature, signatures_of};
use super::{WebhookEvent, header};
use crate::{StoredEvent, Timestamp};

/// How far the attempt's time may lie from the receiver's, in seconds, either way.
pub const TOLERANCE_SECONDS: i64 = 5 * 60;

/// Whether a signature `sha256=<hex>` was made over that text with that secret; takes the same time either way.
///
/// The documented function. Give it the whole body with the header `X-OpenClaw-Signature`, or the two halves that
/// [`unsigned_body`](super::unsigned_body) cuts. It knows no time, so an old request passes it again and again: [`Webhook`]
/// does not have that gap. An empty secret verifies nothing, because anyone can sign with it.
pub fn verify_webhook(payload: &str, signature: &str, secret: &str) -> bool {
    !secret.is_empty() && equal(&body_signature(payload, secret), signature)
}

/// Checks deliveries whole: signature, age, event.
///
/// ```
/// use openclaw_core::{Timestamp, Webhook, webhook};
///
/// let unsigned = r#"{"event":"webhook.test","timestamp":"2026-04-17T01:20:00Z","data":{},"id":"evt_1"}"#;
/// let body = webhook::body(unsigned, "a secret of the endpoint");
/// let signatures = webhook::standard_signatures("evt_1", 1_776_388_800, &body, &["a secret of the endpoint"]);
///
/// let receiver = Webhook::new("a secret of the endpoint")?;
/// let headers = |name: &str| match name {
///     webhook::header::ID => Some("evt_1"),
///     webhook::header::TIMESTAMP => Some("1776388800"),
///     webhook::header::SIGNATURES => Some(signatures.as_str()),
///     _ => None,
/// };
/// let event = receiver.verify(body.as_bytes(), headers, Timestamp::from_millis(1_776_388_801_000))?;
/// assert_eq!(event.id, "evt_1");
/// # Ok::<(), openclaw_core::WebhookError>(())
/// ```
#[derive(Clone)]
pub struct Webhook {
    secrets: Vec<String>,
}

impl Webhook {
    /// With the endpoint's secret, as text: the same that the endpoint was given.
    pub fn new(secret: impl Into<String>) -> Result<Self, WebhookError> {
        Self::with_secrets([secret])
    }

    /// With several, of which any will do: the new and the old one while a secret is replaced.
    pub fn with_secrets(secrets: impl IntoIterator<Item = impl Into<String>>) -> Result<Self, WebhookError> {
        let secrets: Vec<String> = secrets.into_iter().map(Into::into).collect();
        let is_whole = !secrets.is_empty() && secrets.iter().all(|secret| !secret.is_empty());
        if is_whole { Ok(Self { secrets }) } else { Err(WebhookError::EmptySecret) }
    }

    /// The event, if the request is the gateway's and was made within [`TOLERANCE_SECONDS`] of `now`.
    ///
    /// `headers` is asked for names in lower case. A gateway may send the same event more than once, whatever its
    /// receiver answered: keep the ids of those already handled.
    pub fn verify<'h>(
        &self,
        body: &[u8],
        headers: impl Fn(&str) -> Option<&'h str>,
        now: Timestamp,
    ) -> Result<WebhookEvent, WebhookError> {
        self.verify_signature(body, headers, now)?;
        let event: StoredEvent = serde_json::from_slice(body).map_err(|_| WebhookError::NotAnEvent)?;
        Ok(event.into())
    }

    /// The same of a body that may be anything, such as another Standard Webhooks sender's.
    ///
    /// The three `webhook-…` headers must be there. Their absence is no reason to fall back on `X-OpenClaw-Signature`:
    /// whoever kept an old request could then leave them out and send it again.
    pub fn verify_signature<'h>(
        &self,
        body: &[u8],
        headers: impl Fn(&str) -> Option<&'h str>,
        now: Timestamp,
    ) -> Result<(), WebhookError> {
        let header = |name| headers(name).filter(|value| !value.is_empty()).ok_or(WebhookError::MissingHeader(name));
        let (id, timestamp, listed) = (header(header::ID)?, header(header::TIMESTAMP)?, header(header::SIGNATURES)?);
        check_age(timestamp, now)?;
        let expected = signatures_of(id, timestamp, body, self.secrets.iter().map(String::as_str));
        let matches = |listed: &str| expected.iter().any(|expected| equal(expected, listed));
        if listed.split(' ').any(matches) { Ok(()) } else { Err(WebhookError::NoMatchingSignature) }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("secrets", &self.secrets.len()).finish()
    }
}

/// Why a request is not to be believed, or a [`Webhook`] cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// There is no secret, or an empty one, with which anyone could sign.
    #[error("the webhook secret is empty; give the secret of the endpoint")]
    EmptySecret,
    /// A header is absent or empty.
    #[error("the header `{0}` is missing")]
    MissingHeader(&'static str),
    /// The attempt's time is no whole number of seconds.
    #[error("the header `webhook-timestamp` is not in seconds since 1970")]
    BadTimestamp,
    /// The attempt was made too long ago: a repeat of an old request, or this clock is fast.
    #[error("the request was made more than {TOLERANCE_SECONDS} seconds ago")]
    TooOld,
    /// The attempt was made in the future: this clock is slow.
    #[error("the request was made more than {TOLERANCE_SECONDS} seconds from now; check this machine's clock")]
    TooNew,
    /// Another secret, another body, or another sender.
    #[error("no signature in `webhook-signature` matches; check the secret, and that the body is the raw bytes")]
    NoMatchingSignature,
    /// Rightly signed, but not an event of this gateway.
    #[error("the body is signed but is no event")]
    NotAnEvent,
}

impl WebhookError {
    /// A stable name, such as `too_old`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::EmptySecret => "empty_secret",
            Self::MissingHeader(_) => "missing_header",
            Self::BadTimestamp => "bad_timestamp",
            Self::TooOld => "too_old",
            Self::TooNew => "too_new",
            Self::NoMatchingSignature => "no_matching_signature",
            Self::NotAnEvent => "not_an_event",
        }
    }
}

/// Without a sign, a blank or an exponent, so that the text that is signed has one reading.
fn check_age(timestamp: &str, now: Timestamp) -> Result<(), WebhookError> {
    if !timestamp.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(WebhookError::BadTimestamp);
    }
    let made = timestamp.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1000));
    let made = made.ok_or(WebhookError::BadTimestamp)?;
    let age_ms = now.as_millis().saturating_sub(made);
    match age_ms {
        _ if age_ms > TOLERANCE_SECONDS * 1000 => Err(WebhookError::TooOld),
        _ if age_ms < -TOLERANCE_SECONDS * 1000 => Err(WebhookError::TooNew),
        _ => Ok(()),
    }
}

/// In a time that depends on the lengths only, which are no secret.
fn equal(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhook::{body, standard_signatures, unsigned_body};
    use proptest::prelude::*;

    const MADE: i64 = 1_776_388_800;

    /// A request of a gateway with those secrets, as its receiver sees it `late` seconds after.
    struct Request {
        body: Vec<u8>,
        headers: [String; 3],
        now: Timestamp,
    }

    impl Request {
        fn new(unsigned: &str, secrets: &[&str], late: i64) -> Self {
            let body = body(unsigned, secrets[0]);
            let signatures = standard_signatures("evt_1", MADE, &body, secrets);
            let headers = ["evt_1".into(), MADE.to_string(), signatures];
            Self { body: body.into(), headers, now: Timestamp::from_millis((MADE + late) * 1000) }
        }

        fn verify(&self, secret: &str) -> Result<WebhookEvent, WebhookError> {
            let names = [header::ID, header::TIMESTAMP, header::SIGNATURES];
            let headers = |name: &str| Some(self.headers[names.iter().position(|known| *known == name)?].as_str());
            Webhook::new(secret)?.verify(&self.body, headers, self.now)
        }
    }

    fn unsigned(text: &str) -> String {
        let data = serde_json::json!({ "text": text });
        format!(r#"{{"event":"webhook.test","timestamp":"2026-04-17T01:20:00Z","data":{data},"id":"evt_1"}}"#)
    }

    #[test]
    fn an_empty_secret_verifies_nothing() {
        let payload = unsigned("");
        assert!(!verify_webhook(&payload, &body_signature(&payload, ""), ""));
        assert_eq!(Webhook::new("").err(), Some(WebhookError::EmptySecret));
        assert_eq!(Webhook::with_secrets(["new", ""]).err(), Some(WebhookError::EmptySecret));
        assert_eq!(Webhook::with_secrets([""; 0]).err(), Some(WebhookError::EmptySecret));
    }

    #[test]
    fn a_time_is_digits_and_no_time_overflows() {
        for (timestamp, error) in [
            ("-1", WebhookError::BadTimestamp),
            ("+1776388800", WebhookError::BadTimestamp),
            (" 1776388800", WebhookError::BadTimestamp),
            ("1776388800.0", WebhookError::BadTimestamp),
            ("99999999999999999999", WebhookError::BadTimestamp),
            ("9223372036854775807", WebhookError::BadTimestamp),
            ("9223372036854775", WebhookError::TooNew),
            ("0", WebhookError::TooOld),
            ("", WebhookError::MissingHeader(header::TIMESTAMP)),
        ] {
            let mut request = Request::new(&unsigned(""), &["secret"], 0);
            request.headers[1] = timestamp.into();
            assert_eq!(request.verify("secret").err(), Some(error), "{timestamp}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_refused_and_survived() {
        let mut request = Request::new(&unsigned(""), &["secret"], 0);
        request.body = vec![0xFF; 200];
        assert_eq!(request.verify("secret").err(), Some(WebhookError::NoMatchingSignature));
    }

    #[test]
    fn debug_and_errors_never_show_the_secret() {
        let receiver = Webhook::new("s3cret").expect("a secret");
        assert_eq!(format!("{receiver:?}"), "Webhook { secrets: 1 }");
    }

    proptest! {
        #[test]
        fn what_is_signed_verifies(text: String, old in "\\PC{1,80}", new in "\\PC{1,80}", late in -300i64..=300) {
            let request = Request::new(&unsigned(&text), &[&new, &old], late);
            for secret in [&old, &new] {
                let event = request.verify(secret);
                prop_assert_eq!(event.as_ref().ok().and_then(|event| event.raw["text"].as_str()), Some(text.as_str()));
            }
            let body = std::str::from_utf8(&request.body).expect("text");
            let (cut, signature) = unsigned_body(body).expect("a tail");
            prop_assert!(verify_webhook(&cut, signature, &new));
            prop_assert!(verify_webhook(body, &body_signature(body, &new), &new));
        }

        #[test]
        fn another_secret_does_not(text: String, secret in "[ -~]{24,48}", other in "[ -~]{24,48}") {
            prop_assume!(secret.trim_end_matches('=') != other.trim_end_matches('='));
            prop_assume!(!secret.contains("whsec_") && !other.contains("whsec_"));
            let request = Request::new(&unsigned(&text), &[&secret], 0);
            prop_assert_eq!(request.verify(&other).err(), Some(WebhookError::NoMatchingSignature));
        }

        #[test]
        fn one_changed_byte_is_refused(text in "\\PC{0,60}", at: proptest::sample::Index, change in 1u8..=255) {
            let mut request = Request::new(&unsigned(&text), &["secret"], 0);
            let at = at.index(request.body.len());
            let whole = String::from_utf8(request.body.clone()).expect("text");
            request.body[at] ^= change;
            prop_assert_eq!(request.verify("secret").err(), Some(WebhookError::NoMatchingSignature));
            if let Ok(changed) = std::str::from_utf8(&request.body) {
                prop_assert!(!verify_webhook(changed, &body_signature(&whole, "secret"), "secret"));
                let cut = unsigned_body(changed);
                prop_assert!(cut.is_none_or(|(unsigned, signature)| !verify_webhook(&unsigned, signature, "secret")));
            }
        }
    }
}
