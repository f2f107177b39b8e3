//! Opens connections: the one place where whoever is to be reached is judged, then reached.
//!
//! Order: the address in the URL is judged, or the name resolved and each of its addresses judged (`resolve`); TCP; TLS.
//! Dropping the future gives the connection up wherever it is.

use std::error::Error;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::reach::Refused;
use super::resolve::Gate;
use super::tls::{Tls, Versions};
use crate::clock::Clock;

/// When a connection is given up that nobody waits for any more; Linux stops knocking after 127 s.
const ABANDONED_AFTER: Duration = Duration::from_mins(2);

/// How long a connection may be silent before the other side is asked whether it is there.
const KEEPALIVE_AFTER: Duration = Duration::from_mins(1);

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConnectError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error("the host name does not resolve: {0}")]
    Dns(String),
    #[error("{0}")]
    Tcp(String),
    #[error("it did not answer in time")]
    TimedOut,
    #[error("TLS: {0}")]
    Tls(String),
}

pub(super) type Connection = MaybeHttpsStream<TokioIo<TcpStream>>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, ConnectError>> + Send>>;

/// Opens the connections of one reach.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    tcp: TcpConnector,
    tls: Arc<Tls>,
    versions: Versions,
    clock: Clock,
}

impl Connector {
    /// Through that gate. `tcp_timeout` is shared by the addresses of a host, so that a dead one leaves time for the next.
    pub(super) fn new(
        gate: Gate,
        tls: Arc<Tls>,
        versions: Versions,
        tcp_timeout: Option<Duration>,
        clock: Clock,
    ) -> Self {
        let mut http = HttpConnector::new_with_resolver(gate.clone());
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_keepalive(Some(KEEPALIVE_AFTER));
        http.set_connect_timeout(tcp_timeout);
        Self { tcp: TcpConnector { gate, http }, tls, versions, clock }
    }

    async fn connect(mut self, url: Uri) -> Result<Connection, ConnectError> {
        if url.scheme_str() != Some("https") {
            return tower::Service::call(&mut self.tcp, url).await.map(MaybeHttpsStream::Http);
        }
        let tls = self.tls.client(self.versions).map_err(ConnectError::Tls)?;
        let connected = tower::Service::call(&mut HttpsConnector::from((self.tcp, tls)), url).await;
        connected.map_err(|error| find(&*error).unwrap_or_else(|| ConnectError::Tls(deepest(&*error).to_string())))
    }
}

impl tower::Service<Uri> for Connector {
    type Response = Connection;
    type Error = ConnectError;
    type Future = Connecting<Connection>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let clock = connector.clock.clone();
            clock.timeout(ABANDONED_AFTER, connector.connect(url)).await.unwrap_or(Err(ConnectError::TimedOut))
        })
    }
}

/// The connection below TLS, to a judged address.
#[derive(Clone, Debug)]
struct TcpConnector {
    gate: Gate,
    http: HttpConnector<Gate>,
}

impl tower::Service<Uri> for TcpConnector {
    type Response = TokioIo<TcpStream>;
    type Error = ConnectError;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        if let Err(refused) = self.gate.judge_literal(&url) {
            return Box::pin(std::future::ready(Err(refused.into())));
        }
        let connecting = self.http.call(url);
        Box::pin(async move { connecting.await.map_err(|error| find(&error).unwrap_or_else(|| tcp_error(&error))) })
    }
}

/// What this room said of a failure, if it did, however others wrapped it.
pub(super) fn find(error: &(dyn Error + 'static)) -> Option<ConnectError> {
    causes(error).find_map(|cause| cause.downcast_ref::<ConnectError>()).cloned()
}

/// The last cause in the chain says it best: "Connection refused (os error 111)".
pub(super) fn deepest<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    causes(error).last().unwrap_or(error)
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

fn tcp_error(error: &(dyn Error + 'static)) -> ConnectError {
    let is_late = |cause: &io::Error| cause.kind() == io::ErrorKind::TimedOut;
    if causes(error).any(|cause| cause.downcast_ref::<io::Error>().is_some_and(is_late)) {
        return ConnectError::TimedOut;
    }
    ConnectError::Tcp(deepest(error).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbound::reach::{Reach, Rules};
    use crate::outbound::resolve::SystemResolver;

    #[tokio::test]
    async fn the_roots_of_trust_are_read_only_for_https() {
        let gate = Gate {
            reach: Reach::Operator,
            rules: Arc::new(Rules::default()),
            resolver: Arc::new(SystemResolver::default()),
        };
        // A file that is not there: whoever reads it fails otherwise than by the closed port.
        let tls = Arc::new(Tls::new(Some("/nowhere/company.pem".into())));
        let connector = Connector::new(gate, tls, Versions::Http1, None, Clock::system());
        let plain = connector.clone().connect(Uri::from_static("http://127.0.0.1:1/")).await.expect_err("closed");
        assert!(matches!(&plain, ConnectError::Tcp(why) if why.contains("refused")), "{plain}");
        let secure = connector.connect(Uri::from_static("https://127.0.0.1:1/")).await.expect_err("closed");
        assert!(matches!(&secure, ConnectError::Tls(why) if why.contains("outbound.ca_file")), "{secure}");
    }
}
