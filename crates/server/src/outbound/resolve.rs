//! From a host name to the addresses that may be reached: asked anew for every connection, each answer judged.
//!
//! The connection goes to a judged address and nowhere else, so a name whose address changes between two questions (DNS
//! rebinding) gains nothing. Closed addresses of a mixed answer are left out; if none is left, the first says why.

use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use http::Uri;
use hyper_util::client::legacy::connect::dns::Name;
use tokio::sync::Semaphore;

use super::check::literal;
use super::connect::ConnectError;
use super::reach::{Reach, Refused, Rules};

/// Names asked of the system at once: half of the threads that the runtime may start for what blocks (512).
const LOOKUPS_MAX: usize = 256;

/// Knows the addresses of a host name.
#[async_trait]
pub trait Resolver: Send + Sync + 'static {
    /// Every address of the name; dropping the future forgets the question.
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// The machine's own resolver: `/etc/hosts`, DNS, and whatever else it is set up to ask.
pub(super) struct SystemResolver {
    lookups: Arc<Semaphore>,
}

impl Default for SystemResolver {
    fn default() -> Self {
        Self { lookups: Arc::new(Semaphore::new(LOOKUPS_MAX)) }
    }
}

#[async_trait]
impl Resolver for SystemResolver {
    async fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let permit = Arc::clone(&self.lookups).acquire_owned().await.map_err(io::Error::other)?;
        let host = host.to_owned();
        let lookup = move || {
            // Held until the system answers, which it does even if nobody waits any more.
            let _permit = permit;
            Ok((host.as_str(), 0).to_socket_addrs()?.map(|address| address.ip()).collect())
        };
        tokio::task::spawn_blocking(lookup).await.map_err(io::Error::other)?
    }
}

/// Stands before every connection of one reach.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) reach: Reach,
    pub(super) rules: Arc<Rules>,
    pub(super) resolver: Arc<dyn Resolver>,
}

impl Gate {
    /// Judges an address that the URL names literally: nobody resolves it, so [`addresses`](Self::addresses) is not asked.
    pub(super) fn judge_literal(&self, url: &Uri) -> Result<(), Refused> {
        url.host().and_then(literal).map_or(Ok(()), |address| self.rules.judge(address, self.reach))
    }

    /// The addresses of a host that may be reached.
    async fn addresses(&self, host: &str) -> Result<Vec<SocketAddr>, ConnectError> {
        let found = self.resolver.resolve(host).await.map_err(|error| ConnectError::Dns(error.to_string()))?;
        let mut first_refused = None;
        let mut open = Vec::new();
        for address in found {
            match self.rules.judge(address, self.reach) {
                Ok(()) => open.push(SocketAddr::new(address, 0)),
                Err(refused) => first_refused = first_refused.or(Some(refused)),
            }
        }
        match first_refused {
            Some(refused) if open.is_empty() => Err(Refused(format!("{host} may not be reached: {refused}")).into()),
            None if open.is_empty() => Err(ConnectError::Dns("it has no address".into())),
            _ => Ok(open),
        }
    }
}

impl tower::Service<Name> for Gate {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = ConnectError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ConnectError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), ConnectError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move { gate.addresses(name.as_str()).await.map(Vec::into_iter) })
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("reach", &self.reach).field("rules", &self.rules).finish_non_exhaustive()
    }
}
