//! Whom to trust: the machine's certificates and the caller's own.
//!
//! Built here rather than by reqwest for two reasons: the whole workspace links one crypto library, *ring*, and reading
//! the machine's trust store costs 5 to 25 ms, which a client that speaks plain HTTP need not pay.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::Error;

/// Reads certificates in PEM; at least one.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| Error::config(format!("the CA certificates are not PEM: {error}")))?;
    if certificates.is_empty() {
        return Err(Error::config("the CA certificates hold no `BEGIN CERTIFICATE`"));
    }
    Ok(certificates)
}

/// Trusts what the machine trusts, and these.
pub(crate) fn trusting(extra: Vec<CertificateDer<'static>>) -> Result<ClientConfig, Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = Verifier::new_with_extra_roots(extra, provider)
        .map_err(|error| Error::config(format!("the machine's trusted certificates cannot be used: {error}")))?;
    Ok(finish(builder().dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()))
}

/// Trusts nobody: for a client that has no use for TLS.
pub(crate) fn unused() -> ClientConfig {
    finish(builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn builder() -> rustls::ConfigBuilder<ClientConfig, rustls::WantsVerifier> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
}

fn finish(mut config: ClientConfig) -> ClientConfig {
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_certificate_is_told() {
        for pem in ["", "hello", "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n"] {
            assert!(matches!(certificates(pem.as_bytes()), Err(Error::Config(_))), "{pem}");
        }
        assert!(trusting(Vec::new()).is_ok());
    }
}
