//! The file of vectors: it is what this code makes, and this code finds in it what it says.

use std::fs;
use std::path::Path;

use openclaw_core::webhook::{header, unsigned_body};
use openclaw_core::{Timestamp, Webhook, verify_webhook};

use crate::vector::{Expected, OK, Vector, Vectors, repository};

const FILE: &str = "sdk-tests/vectors/webhook.json";

const HEX: &str = "9f1c2b7ad04e5c8836ab1f90d27e44c1b0a8e6d35f7219c4ea60b3d8175c2f9e";
const OTHER_HEX: &str = "1d6b0f3a9c527e84d1f0a6b37c98e25540be61d97f3a2c80e5b4179d6ca3f208";
const WHSEC: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const UNPADDED: &str = "whsec_kP3qv8m2Zy7Lr0Xb5Tn1Wc9Dh4Fj6Gs2Aa8Ee0Uu3Ip";
const PHRASE: &str = "correct horse, battery staple!";
const SHORT: &str = "c2hvcnQtc2VjcmV0";
const UNICODE: &str = "密码-пароль-🔑";

const MESSAGE: &str = r#"{"event":"message.received","timestamp":"2026-04-17T01:20:00Z","data":{"session_id":"user_123","message_id":"msg_abc456","content":"今天天气怎么样","channel":"telegram","user":{"id":"tg_user_789","username":"john_doe"}},"id":"evt_01kpcmepg0t7q4c9x5b1n0d8ra"}"#;
const ODD_TEXT: &str = concat!(
    r#"{"event":"message.sent","timestamp":"2026-04-17T01:20:00Z","data":{"session_id":"naïve 🦀","message_id":"msg_abc457","#,
    r#""content":"\u0000\t\"\\ / </script> \ud83e\udd80 🦀 \u00e9 \u2028 當然"#,
    "e\u{301} \u{2028} \u{202e} \u{feff}",
    r#"","channel":"api","usage":{"input_tokens":9007199254740991,"output_tokens":0}},"id":"evt_01kpcmepg0t7q4c9x5b1n0d8ra"}"#,
);
const FALSE_TAIL: &str = r#"{"event":"message.received","timestamp":"2026-04-17T01:20:00Z","data":{"session_id":"user_123","message_id":"msg_abc456","content":",\"signature\":\"sha256=0000000000000000000000000000000000000000000000000000000000000000\"}","channel":"api","metadata":{"signature":"sha256=0000000000000000000000000000000000000000000000000000000000000000"}},"id":"evt_01kpcmepg0t7q4c9x5b1n0d8ra"}"#;
const AGENT: &str = r#"{"event":"agent.completed","timestamp":"2026-04-17T01:20:00Z","data":{"agent_id":"agt_01kpcmepg0t7q4c9x5b1n0d8ra","task":"分析数据","model":"claude-3-5-sonnet","output":"完成"},"id":"evt_01kpcmepg0t7q4c9x5b1n0d8ra"}"#;
const UNKNOWN: &str = r#"{"event":"future.happened","timestamp":"2026-04-17T01:20:00Z","data":{"any":[1,2.5,null,{"thing":true}]},"id":"evt_01kpcmepg0t7q4c9x5b1n0d8ra","new_member":{}}"#;

fn written() -> Vectors {
    let vectors = [accepted(), rotated(), timed(), altered(), forged(), others()].concat();
    Vectors { about: "Webhook requests and what each check makes of them; see sdk-tests/README.md.".into(), vectors }
}

fn accepted() -> Vec<Vector> {
    vec![
        Vector::sent("the documented payload, a secret of 64 hex digits", &[HEX], MESSAGE),
        Vector::sent("a whsec_ secret", &[WHSEC], MESSAGE),
        Vector::sent("a whsec_ secret without padding, its spare bits set", &[UNPADDED], MESSAGE),
        Vector::sent("a secret that is not base64", &[PHRASE], MESSAGE).standard(false, true),
        Vector::sent("a secret that is base64 of too few bytes", &[SHORT], MESSAGE).standard(false, true),
        Vector::sent("a secret beyond ASCII", &[UNICODE], MESSAGE).standard(false, true),
        Vector::sent("text of every kind", &[HEX], ODD_TEXT),
        Vector::sent("text that looks like a signature", &[HEX], FALSE_TAIL),
        Vector::sent("the end of an agent", &[HEX], AGENT),
        Vector::sent("an event of a newer gateway", &[HEX], UNKNOWN),
        Vector::sent("a signature of a newer scheme beside it", &[HEX], MESSAGE)
            .header(header::SIGNATURES, |listed| format!("v1a,bmV3ZXI= {listed} v2,bmV3ZXI=")),
    ]
}

fn rotated() -> Vec<Vector> {
    let sent = |name| Vector::sent(name, &[HEX, WHSEC], MESSAGE);
    vec![
        sent("rotated, the receiver has the new secret").receiver(&[HEX]),
        sent("rotated, the receiver has the old secret").receiver(&[WHSEC]).documented(false, false),
        Vector::sent("not yet rotated, the receiver has both", &[WHSEC], MESSAGE)
            .receiver(&[HEX, WHSEC])
            .documented(false, false)
            .standard(false, false),
        Vector::sent("rotated and over, the receiver has the old secret", &[HEX], MESSAGE)
            .receiver(&[WHSEC])
            .documented(false, false)
            .refused("no_matching_signature"),
    ]
}

/// The documented function knows no time.
fn timed() -> Vec<Vector> {
    let sent = |name| Vector::sent(name, &[HEX], MESSAGE);
    vec![
        sent("300 seconds old").late(300),
        sent("301 seconds old").late(301).refused("too_old"),
        sent("300 seconds ahead").late(-300),
        sent("301 seconds ahead").late(-301).refused("too_new"),
        sent("a timestamp that is not the one signed")
            .header(header::TIMESTAMP, |made| made.replace("800", "801"))
            .refused("no_matching_signature"),
        sent("a timestamp that is no number").header(header::TIMESTAMP, |_| "soon".into()).refused("bad_timestamp"),
    ]
}

fn altered() -> Vec<Vector> {
    let altered = |name, change: fn(&str) -> String| {
        Vector::sent(name, &[HEX], MESSAGE).body(change).documented(false, false).refused("no_matching_signature")
    };
    vec![
        altered("tampered content", |body| body.replace("今天", "明天")),
        altered("a tampered id", |body| body.replace("msg_abc456", "msg_abc457")),
        altered("a tampered signature member", |body| {
            let last = body.len() - 3;
            let digit = if body[last..].starts_with('0') { "1" } else { "0" };
            format!("{}{digit}{}", &body[..last], &body[last + 1..])
        }),
        altered("parsed and written again with blanks", |body| body.replace("\":", "\": ")),
        altered("a line break at its end", |body| format!("{body}\n")),
        altered("without its tail", |body| unsigned_body(body).expect("a tail").0),
        altered("with its tail twice", |body| format!("{}{}", &body[..body.len() - 1], &body[body.len() - 87..])),
    ]
}

fn forged() -> Vec<Vector> {
    let sent = |name| Vector::sent(name, &[HEX], MESSAGE);
    let standard =
        |name, value: fn(&str) -> String| sent(name).header(header::SIGNATURES, value).refused("no_matching_signature");
    let documented =
        |name, value: fn(&str) -> String| sent(name).header(header::BODY_SIGNATURE, value).documented(false, true);
    let in_body = |name, value: fn(&str) -> String| sent(name).body_sent(value).documented(true, false);
    vec![
        sent("the wrong secret").receiver(&[OTHER_HEX]).documented(false, false).refused("no_matching_signature"),
        standard("an empty signature", |_| "v1,".into()),
        standard("a truncated signature", |listed| listed[..20].into()),
        standard("a signature without its version", |listed| listed[3..47].into()),
        standard("a signature of another version", |listed| listed.replace("v1,", "v2,")),
        documented("a truncated hex signature", |value| value[..value.len() - 2].into()),
        documented("an upper-case hex signature", |value| format!("sha256={}", value[7..].to_uppercase())),
        documented("a hex signature without its scheme", |value| value[7..].into()),
        documented("an empty hex signature", |_| "sha256=".into()),
        in_body("an upper-case signature member", |body| {
            let digits = body.len() - 66;
            format!("{}{}\"}}", &body[..digits], body[digits..body.len() - 2].to_uppercase())
        }),
        in_body("a truncated signature member", |body| format!("{}\"}}", &body[..body.len() - 4])),
        sent("without webhook-id").without(header::ID).refused("missing_header"),
        sent("without webhook-timestamp").without(header::TIMESTAMP).refused("missing_header"),
        sent("without webhook-signature").without(header::SIGNATURES).refused("missing_header"),
        sent("an empty webhook-signature").header(header::SIGNATURES, |_| String::new()).refused("missing_header"),
        sent("another webhook-id").header(header::ID, |id| id.replace("d8ra", "d8rb")).refused("no_matching_signature"),
    ]
}

/// Standard Webhooks' own: from the tests of its libraries for JavaScript and Python, and for Rust.
fn others() -> Vec<Vector> {
    vec![
        Vector::foreign(
            "Standard Webhooks reference, JavaScript and Python",
            WHSEC,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        Vector::foreign(
            "Standard Webhooks reference, Rust",
            "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
            "msg_27UH4WbU6Z5A5EzD8u03UvzRbpk",
            1_649_367_553,
            r#"{"email":"test@example.com","username":"test_user"}"#,
            "v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=",
        ),
    ]
}

/// The vectors as the file has them.
pub(crate) fn read() -> Vectors {
    serde_json::from_str(&fs::read_to_string(repository(FILE)).expect("the file of vectors")).expect("vectors")
}

fn found(vector: &Vector) -> Expected {
    let Vector { request, receiver, expected, .. } = vector;
    let secret = &receiver.secrets[0];
    let header = |name: &str| request.headers.get(name).map(String::as_str);
    let receiver = Webhook::with_secrets(&receiver.secrets).expect("secrets");
    let now = Timestamp::from_millis(vector.receiver.now * 1000);
    let (webhook, event) = match receiver.verify(request.body.as_bytes(), header, now) {
        Ok(event) => (OK, Some(event.event)),
        Err(error) => (error.code(), None),
    };
    Expected {
        body: header(header::BODY_SIGNATURE).is_some_and(|value| verify_webhook(&request.body, value, secret)),
        unsigned: unsigned_body(&request.body).is_some_and(|(text, value)| verify_webhook(&text, value, secret)),
        webhook: webhook.into(),
        event,
        ..expected.clone()
    }
}

#[test]
fn the_file_is_what_this_code_writes() {
    let text = serde_json::to_string_pretty(&written()).expect("JSON") + "\n";
    if fs::read_to_string(repository(FILE)).is_ok_and(|file| file == text) {
        return;
    }
    let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("webhook.json");
    fs::write(&new, text).expect("a folder for tests");
    panic!("{FILE} differs from what this code writes; if that is meant: cp {} {FILE}", new.display());
}

#[test]
fn signing_makes_each_request_that_was_sent_as_it_is() {
    for vector in read().vectors {
        let Some(sender) = &vector.sender else { continue };
        assert_eq!(sender.request(), vector.request, "{}", vector.name);
        let (unsigned, _) = unsigned_body(&vector.request.body).expect("a tail");
        assert_eq!(unsigned, sender.unsigned, "{}", vector.name);
    }
}

#[test]
fn each_check_says_what_the_file_expects() {
    for vector in read().vectors {
        assert_eq!(found(&vector), vector.expected, "{}", vector.name);
    }
}

#[test]
fn names_are_given_once() {
    let mut names: Vec<_> = read().vectors.into_iter().map(|vector| vector.name).collect();
    let count = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}
