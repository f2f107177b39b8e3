//! Who may be reached, by real connections: names that lie, names that change, and pools that must not mix.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use openclaw::clock::Clock;
use openclaw::config::{Network, OutboundConfig};
use openclaw::outbound::{DeliverErrorKind, DeliverRequest, Outbound, OutboundError, PostRequest, Reach, Resolver};

use super::receiver::{Behaviour, Receiver};
use super::{PATIENT, SHORT, delivery};

/// Gives each answer once, in order, and then the last one for ever; without answers it never answers.
pub(super) struct Names(Mutex<VecDeque<Vec<IpAddr>>>);

impl Names {
    pub(super) fn giving(answers: &[&[&str]]) -> Arc<dyn Resolver> {
        let addresses = |answer: &&[&str]| answer.iter().map(|text| text.parse().expect("an address")).collect();
        Arc::new(Self(Mutex::new(answers.iter().map(addresses).collect())))
    }
}

#[async_trait::async_trait]
impl Resolver for Names {
    async fn resolve(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        let answer = {
            let mut answers = self.0.lock().expect("no panic");
            if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
        };
        match answer {
            Some(addresses) => Ok(addresses),
            None => std::future::pending().await,
        }
    }
}

fn with_names(allow: &[&str], answers: &[&[&str]]) -> Outbound {
    let allow: Vec<Network> = allow.iter().map(|text| text.parse().expect("a network")).collect();
    let config = OutboundConfig { allow, ..OutboundConfig::default() };
    Outbound::with_resolver(&config, Clock::system(), &Names::giving(answers))
}

async fn receiver(address: &str) -> Receiver {
    Receiver::listen(address, Behaviour::answer("200 OK", "", "ok"), None).await
}

/// A caller's delivery to a name, at the port of a receiver.
fn named(receiver: &Receiver) -> DeliverRequest {
    let url = format!("http://hooks.example.com:{}", receiver.address.port());
    DeliverRequest { reach: Reach::Public, ..delivery(&url) }
}

#[tokio::test]
async fn a_name_that_resolves_inward_is_refused_and_nobody_asked() {
    let inside = receiver("127.0.0.1:0").await;
    for (address, range) in [
        ("127.0.0.1", "127.0.0.1 is loopback (127.0.0.0/8, RFC 1122)"),
        ("::ffff:127.0.0.1", "::ffff:127.0.0.1 is IPv4-mapped"),
        ("0.0.0.0", "0.0.0.0 is this machine or network"),
        ("169.254.169.254", "169.254.169.254 is link-local"),
    ] {
        let error = with_names(&[], &[&[address]]).deliver(named(&inside)).await.expect_err(address);
        assert_eq!(error.kind, DeliverErrorKind::Refused);
        let told = format!("hooks.example.com may not be reached: {range}");
        assert!(error.message.starts_with(&told) && !error.message.contains("canary"), "{error}");
    }
    assert_eq!(inside.connections(), 0);
}

#[tokio::test]
async fn a_name_that_changes_between_two_questions_gains_nothing() {
    let inside = receiver("127.0.0.1:0").await;
    let open = receiver(&format!("127.0.0.2:{}", inside.address.port())).await;
    // Open at first; then inward, as soon as somebody has looked.
    let outbound = with_names(&["127.0.0.2"], &[&["127.0.0.2"], &["127.0.0.1"]]);
    outbound.check_url(&named(&inside).url, Reach::Public).expect("a name is judged when it is resolved");
    assert_eq!(outbound.deliver(named(&inside)).await.expect("open").body, b"ok");
    // The connection to the open address is kept and may be used; another port needs a new one, and a new question.
    let other = receiver("127.0.0.1:0").await;
    let error = outbound.deliver(named(&other)).await.expect_err("inward");
    assert_eq!(error.kind, DeliverErrorKind::Refused);
    assert_eq!((open.connections(), inside.connections(), other.connections()), (1, 0, 0));
}

#[tokio::test]
async fn of_a_mixed_answer_only_what_is_open_is_asked() {
    let inside = receiver("127.0.0.1:0").await;
    let open = receiver(&format!("127.0.0.2:{}", inside.address.port())).await;
    for answer in [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"]] {
        let outbound = with_names(&["127.0.0.2"], &[&answer]);
        assert_eq!(outbound.deliver(named(&inside)).await.expect("open").body, b"ok");
    }
    assert_eq!((open.connections(), inside.connections()), (2, 0));

    // Nobody listens at the open one: the closed one is no second choice.
    let alone = receiver("127.0.0.1:0").await;
    let error = with_names(&["127.0.0.2"], &[&["127.0.0.2", "127.0.0.1"]]).deliver(named(&alone)).await;
    assert_eq!((error.expect_err("closed").kind, alone.connections()), (DeliverErrorKind::Connect, 0));
}

#[tokio::test]
async fn a_connection_of_the_operator_never_serves_a_caller() {
    let inside = receiver("127.0.0.1:0").await;
    let outbound = with_names(&[], &[&["127.0.0.1"]]);
    for _ in 0..2 {
        let operator = DeliverRequest { reach: Reach::Operator, ..named(&inside) };
        outbound.deliver(operator).await.expect("the operator may");
    }
    let error = outbound.deliver(named(&inside)).await.expect_err("a caller may not");
    assert_eq!((error.kind, inside.connections(), inside.requests().len()), (DeliverErrorKind::Refused, 1, 2));
}

#[tokio::test]
async fn an_address_in_the_url_is_judged_too() {
    let inside = receiver("127.0.0.1:0").await;
    let port = inside.address.port();
    // The names are open: a spelling that reached the resolver would connect.
    let outbound = with_names(&["127.0.0.1"], &[&["127.0.0.1"]]);
    for host in
        ["127.0.0.2", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "10.0.0.1"]
    {
        let public = DeliverRequest { reach: Reach::Public, ..delivery(&format!("http://{host}:{port}")) };
        assert_eq!(outbound.deliver(public).await.expect_err(host).kind, DeliverErrorKind::Refused, "{host}");
    }
    assert_eq!(inside.connections(), 0);
    let allowed = DeliverRequest { reach: Reach::Public, ..delivery(&inside.url()) };
    outbound.deliver(allowed).await.expect("127.0.0.1 is in outbound.allow");
}

/// `2130706433` is 127.0.0.1 to the system's resolver: a vendor's URL, which is not checked so, shows it.
#[tokio::test]
async fn the_machines_resolver_cannot_turn_a_name_into_metadata_unseen() {
    let outbound = Outbound::new(&OutboundConfig::default(), Clock::system());
    for host in [
        "169.254.169.254",
        "[fe80::1]",
        "[::ffff:169.254.169.254]",
        "2852039166",
        "0xa9.0xfe.43518",
        "0251.0376.0251.0376",
    ] {
        let error = outbound.post(post(&format!("http://{host}/latest/"))).await.expect_err(host);
        assert!(matches!(&error, OutboundError::Unreachable(why) if why.contains("never reached")), "{host}: {error}");
    }
    let inside = receiver("127.0.0.1:0").await;
    for host in ["localhost", "2130706433", "127.0.0.1"] {
        let url = format!("http://{host}:{}/", inside.address.port());
        outbound.post(post(&url)).await.expect("the operator may ask this machine");
    }
}

#[tokio::test]
async fn a_resolver_that_is_silent_or_empty_is_told() {
    let inside = receiver("127.0.0.1:0").await;
    let late = DeliverRequest { connect_timeout: SHORT, ..named(&inside) };
    let error = with_names(&[], &[]).deliver(late).await.expect_err("no answer");
    assert_eq!((error.kind, error.message.as_str()), (DeliverErrorKind::Timeout, "no connection within 0.3 s"));
    assert!(error.duration < PATIENT);

    let error = with_names(&[], &[&[]]).deliver(named(&inside)).await.expect_err("no address");
    let told = "the host name does not resolve: it has no address";
    assert_eq!((error.kind, error.message.as_str()), (DeliverErrorKind::Dns, told));
}

fn post(url: &str) -> PostRequest {
    PostRequest {
        url: url.parse().expect("a url"),
        headers: http::HeaderMap::new(),
        body: bytes::Bytes::new(),
        connect_timeout: Duration::from_secs(10),
        head_timeout: Duration::from_secs(10),
    }
}
