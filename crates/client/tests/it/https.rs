//! TLS with a private authority, and proxies.
//!
//! The files beside this are worth nothing: a key for `127.0.0.1`, signed until 2126 by an authority whose own key was
//! thrown away.

use std::sync::Arc;

use openclaw_client::Error;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::stand_in::{StandIn, ok};
use crate::{REPLY, hello};

const CA: &[u8] = include_bytes!("https/ca.pem");

fn certificate() -> ServerConfig {
    let chain = vec![CertificateDer::from_pem_slice(include_bytes!("https/server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("https/server.key")).unwrap();
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap()
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_named_and_only_then() {
    let gateway = StandIn::start_https(vec![ok(REPLY)], certificate()).await;
    let error = gateway.client().chat().send(hello()).await.unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error:?}");
    let client = gateway.builder().ca_pem(CA).build().unwrap();
    assert!(client.chat().send(hello()).await.is_ok());
    assert_eq!(gateway.seen().len(), 1);
}

#[tokio::test]
async fn calls_go_through_the_proxy_that_was_named() {
    let proxy = StandIn::start(vec![ok(REPLY)]).await;
    let with_password = proxy.url.replace("//", "//user:password@");
    let client = proxy.builder().base_url("http://gateway.invalid").proxy(with_password).build().unwrap();
    assert!(client.chat().send(hello()).await.is_ok());
    let seen = proxy.seen();
    assert_eq!(seen[0].line, "POST http://gateway.invalid/api/v1/chat");
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic dXNlcjpwYXNzd29yZA=="));
}

#[tokio::test]
async fn a_client_of_plain_http_need_not_read_the_trust_store_but_a_proxy_of_tls_is_trusted_with_care() {
    let proxy = StandIn::start_https(vec![ok(REPLY)], certificate()).await;
    let builder = proxy.builder().base_url("http://gateway.invalid").proxy(&proxy.url);
    let error = builder.clone().build().unwrap().chat().send(hello()).await.unwrap_err();
    assert!(matches!(error, Error::Connection { .. }), "{error:?}");
    assert!(builder.ca_pem(CA).build().unwrap().chat().send(hello()).await.is_ok());
}
