//! The way to the database: the URL, TLS, a pool.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::BuilderVerifierExt;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::config::{PostgresConfig, StorageConfig, Synchronous};
use crate::store::{Opener, StoreError};

/// Connections of a command beside the gateways.
const COMMAND_CONNECTIONS: usize = 2;
/// How long a caller waits for a free connection; beyond it the gateway is overloaded.
const POOL_WAIT: Duration = Duration::from_secs(10);

/// How long a connection is silent before the database's machine is asked whether it is still there, how long it has to answer, and
/// how often it is asked.
const PROBED: (Duration, Duration, u32) = (Duration::from_secs(5), Duration::from_secs(2), 3);
/// How long what was sent may go without the machine's word that it came.
const UNHEARD_MAX: Duration = Duration::from_secs(10);

/// Every statement of ours finds its rows by an index, row by row, and one plan of it fits all values: planned once, whatever
/// the planner thinks of tables that it has not counted yet.
const PLANS: &str = "-c enable_seqscan=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan -c jit=off";

/// Where to connect and how.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) config: tokio_postgres::Config,
    pub(super) tls: MakeRustlsConnect,
}

/// Reads the URL and the certificates.
pub(super) fn target(storage: &StorageConfig, opener: Opener) -> Result<Target, StoreError> {
    // The error may quote the URL, and so its password.
    let mut config: tokio_postgres::Config = storage
        .url
        .parse()
        .map_err(|_| StoreError::Engine("`storage.url` is no URL of a PostgreSQL database".into()))?;
    let postgres = &storage.postgres;
    if !storage.url.contains("sslmode=") {
        config.ssl_mode(if is_near(&config) { SslMode::Disable } else { SslMode::Require });
    }
    // Of several servers, or of one behind a name that moves, the one that can be written to.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if !storage.url.contains("keepalives") {
        let (idle, interval, retries) = PROBED;
        config.keepalives_idle(idle).keepalives_interval(interval).keepalives_retries(retries);
    }
    if !storage.url.contains("tcp_user_timeout") {
        config.tcp_user_timeout(UNHEARD_MAX);
    }
    config.connect_timeout(Duration::from_secs(postgres.connect_timeout_seconds.into()));
    config.application_name(match opener {
        Opener::Gateway => "openclaw",
        Opener::Command => "openclaw (command)",
    });
    let durable = match storage.synchronous {
        Synchronous::Full => "on",
        Synchronous::Normal => "off",
    };
    let timeout = postgres.statement_timeout_seconds;
    config.options(format!(
        "{} -c synchronous_commit={durable} -c statement_timeout={timeout}s -c lock_timeout={timeout}s \
         -c idle_in_transaction_session_timeout={timeout}s {PLANS}",
        config.get_options().unwrap_or_default()
    ));
    Ok(Target { config, tls: MakeRustlsConnect::new(tls(postgres)?) })
}

/// Connections that are opened when they are needed.
pub(super) fn pool(target: &Target, config: &PostgresConfig, opener: Opener) -> Result<Pool, StoreError> {
    let manager = Manager::from_config(
        target.config.clone(),
        target.tls.clone(),
        ManagerConfig { recycling_method: RecyclingMethod::Fast },
    );
    let size = match opener {
        Opener::Gateway => config.connections,
        Opener::Command => COMMAND_CONNECTIONS,
    };
    let connect = Duration::from_secs(config.connect_timeout_seconds.into());
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(POOL_WAIT))
        .create_timeout(Some(connect))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| StoreError::Engine(error.to_string()))
}

/// Whether the database is on this machine, so that nobody can listen in between.
fn is_near(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        #[cfg(unix)]
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    })
}

fn tls(config: &PostgresConfig) -> Result<rustls::ClientConfig, StoreError> {
    let failed = |error: &dyn std::fmt::Display| StoreError::Engine(format!("TLS to the database: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?;
    let Some(file) = config.ca_file_path() else {
        return Ok(builder.with_platform_verifier().map_err(|error| failed(&error))?.with_no_client_auth());
    };
    let unreadable = |error: &dyn std::fmt::Display| {
        StoreError::Engine(format!("`storage.postgres.ca_file` {}: {error}", file.display()))
    };
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file).map_err(|error| unreadable(&error))? {
        roots.add(certificate.map_err(|error| unreadable(&error))?).map_err(|error| unreadable(&error))?;
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
