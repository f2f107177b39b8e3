//! TLS to receivers whose certificate comes from a company's own authority.

use std::path::PathBuf;
use std::sync::Arc;

use openclaw::clock::Clock;
use openclaw::config::OutboundConfig;
use openclaw::outbound::{DeliverErrorKind, DeliverRequest, Outbound};
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use super::reach::Names;
use super::receiver::{Behaviour, Receiver};
use super::{SHORT, delivery};
use crate::authority::Authority;

/// An authority and a certificate of it for `localhost`.
struct Company {
    folder: TempDir,
    acceptor: TlsAcceptor,
}

impl Company {
    fn found() -> Self {
        let Authority { root, certificate, key } = Authority::found();
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
            .expect("a key that fits");

        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("company.pem"), root).expect("written");
        Self { folder, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("company.pem")
    }

    async fn receiver(&self) -> Receiver {
        Receiver::listen("127.0.0.1:0", Behaviour::answer("200 OK", "", "ok"), Some(self.acceptor.clone())).await
    }
}

fn trusting(ca_file: Option<PathBuf>) -> Outbound {
    let config = OutboundConfig { ca_file, ..OutboundConfig::default() };
    Outbound::with_resolver(&config, Clock::system(), &Names::giving(&[&["127.0.0.1"]]))
}

fn to(host: &str, receiver: &Receiver) -> DeliverRequest {
    delivery(&format!("https://{host}:{}", receiver.address.port()))
}

#[tokio::test]
async fn a_company_is_trusted_once_its_file_is_named() {
    let company = Company::found();
    let receiver = company.receiver().await;
    let outbound = trusting(Some(company.file()));
    for _ in 0..2 {
        assert_eq!(outbound.deliver(to("localhost", &receiver)).await.expect("trusted").body, b"ok");
    }
    assert_eq!(outbound.deliver(to("localhost.", &receiver)).await.expect("trusted").body, b"ok");
    assert_eq!(receiver.connections(), 2, "one for each spelling");

    let error = trusting(None).deliver(to("localhost", &receiver)).await.expect_err("not trusted");
    assert!(error.kind == DeliverErrorKind::Tls && error.message.contains("UnknownIssuer"), "{error}");

    let error = outbound.deliver(to("127.0.0.1", &receiver)).await.expect_err("another name");
    assert!(error.kind == DeliverErrorKind::Tls && error.message.contains("not valid for name"), "{error}");
    assert_eq!(receiver.requests().len(), 3);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_told_by_its_key() {
    let company = Company::found();
    let receiver = company.receiver().await;
    let outbound = trusting(Some(company.folder.path().join("nowhere.pem")));
    let error = outbound.deliver(to("localhost", &receiver)).await.expect_err("no file");
    assert!(error.kind == DeliverErrorKind::Tls && error.message.starts_with("TLS: outbound.ca_file: "), "{error}");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn who_does_not_answer_the_handshake_is_given_up() {
    let plain = Receiver::start(Behaviour::answer("200 OK", "", "")).await;
    let error = trusting(None).deliver(DeliverRequest { connect_timeout: SHORT, ..to("localhost", &plain) }).await;
    assert_eq!(error.expect_err("it waits for a request").message, "no connection within 0.3 s");
    plain.closed().await;
}
