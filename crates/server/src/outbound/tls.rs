//! Whom to trust: the machine's roots, and those of `outbound.ca_file`, read when the first `https` address is asked.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::Verifier;

/// The HTTP versions offered to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Versions {
    /// HTTP/1.1 alone: each exchange has a connection to itself.
    Http1,
    /// HTTP/2 where the server has it.
    Http1And2,
}

/// TLS settings that are made once, by whoever needs them first.
#[derive(Debug)]
pub(super) struct Tls {
    ca_file: Option<PathBuf>,
    loaded: OnceLock<Loaded>,
}

#[derive(Clone, Debug)]
struct Loaded {
    http1: Arc<ClientConfig>,
    http1_and_2: Arc<ClientConfig>,
}

impl Tls {
    pub(super) fn new(ca_file: Option<PathBuf>) -> Self {
        Self { ca_file, loaded: OnceLock::new() }
    }

    /// The settings; reads the roots if nobody did, some 10 ms. A failure is met again by the next call.
    pub(super) fn client(&self, versions: Versions) -> Result<Arc<ClientConfig>, String> {
        let loaded = if let Some(loaded) = self.loaded.get() {
            loaded
        } else {
            let loaded = self.load()?;
            self.loaded.get_or_init(|| loaded)
        };
        Ok(Arc::clone(match versions {
            Versions::Http1 => &loaded.http1,
            Versions::Http1And2 => &loaded.http1_and_2,
        }))
    }

    fn load(&self) -> Result<Loaded, String> {
        let extra = self.ca_file.as_deref().map(read_roots).transpose()?.unwrap_or_default();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let http1 = trusting(extra, provider).map_err(|error| match &self.ca_file {
            Some(file) => format!("outbound.ca_file: {}: {error}", file.display()),
            None => format!("the machine's roots of trust cannot be read: {error}; name a file in outbound.ca_file"),
        })?;
        let mut http1_and_2 = http1.clone();
        http1_and_2.alpn_protocols = vec![b"h2".into(), b"http/1.1".into()];
        Ok(Loaded { http1: Arc::new(http1), http1_and_2: Arc::new(http1_and_2) })
    }
}

fn trusting(extra: Vec<CertificateDer<'static>>, provider: Arc<CryptoProvider>) -> Result<ClientConfig, rustls::Error> {
    let verifier = Verifier::new_with_extra_roots(extra, Arc::clone(&provider))?;
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        // Named so because a verifier may be one that checks nothing; this one is the platform's.
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".into()];
    Ok(config)
}

fn read_roots(file: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let told = |why: String| format!("outbound.ca_file: {}: {why}", file.display());
    let roots = CertificateDer::pem_file_iter(file).map_err(|error| told(error.to_string()))?;
    let roots: Vec<_> = roots.collect::<Result<_, _>>().map_err(|error| told(error.to_string()))?;
    if roots.is_empty() {
        return Err(told("it holds no certificate (-----BEGIN CERTIFICATE-----)".into()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_no_root_of_trust_is_named_with_its_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("company.pem");
        let refusal = || Tls::new(Some(file.clone())).client(Versions::Http1).expect_err("no root of trust");
        let begins = |told: &str| told.starts_with(&format!("outbound.ca_file: {}: ", file.display()));
        let missing = refusal();
        assert!(begins(&missing) && missing.contains("No such file"), "{missing}");
        for (text, told) in [
            ("", "no certificate"),
            ("hello", "no certificate"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "invalid"),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n", "end marker"),
        ] {
            std::fs::write(&file, text).expect("written");
            let refusal = refusal();
            assert!(begins(&refusal) && refusal.contains(told), "{text:?}: {refusal}");
        }
    }
}
