//! A company's own authority, which vouches for `localhost`.

use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};

/// An authority and what a server of its company has.
pub(crate) struct Authority {
    /// PEM, for those who are to trust it.
    pub(crate) root: String,
    /// For `localhost`.
    pub(crate) certificate: Certificate,
    /// The certificate's.
    pub(crate) key: KeyPair,
}

impl Authority {
    pub(crate) fn found() -> Self {
        let root_key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&root_key).expect("a root").pem();
        let key = KeyPair::generate().expect("a key");
        let names = CertificateParams::new(vec!["localhost".into()]).expect("a name");
        let certificate = names.signed_by(&key, &Issuer::new(params, root_key)).expect("a certificate");
        Self { root, certificate, key }
    }
}
