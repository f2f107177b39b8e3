//! Accepting connections: bounded in number and in patience, without Nagle, drained at shutdown.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::app::App;

/// How long a connection may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long to wait when the system has no more sockets to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// A bound socket.
pub struct Listener {
    listener: TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Listener {
    /// Binds `host:port`; port 0 takes a free one.
    pub async fn bind(host: &str, port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((host, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Serves until the shutdown begins, then lets each connection finish the request it is at.
    pub async fn serve(self, app: Arc<App>, router: Router) {
        let connections = Arc::new(Semaphore::new(app.live.load().config.gateway.api.connections_max));
        let graceful = GracefulShutdown::new();
        let mut builder = Builder::new(TokioExecutor::new());
        builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
        builder.http2().timer(TokioTimer::new());
        let service = TowerToHyperService::new(router);
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &connections) => accepted,
                () = app.tasks.draining().cancelled() => break,
            };
            let (stream, permit) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    app.clock.sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let connection = builder.serve_connection(TokioIo::new(stream), service.clone()).into_owned();
            let connection = graceful.watch(connection);
            app.tasks.spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(error, "a connection broke off");
                }
                drop(permit);
            });
        }
        drop(self.listener);
        graceful.shutdown().await;
    }
}

async fn accept(
    listener: &TcpListener,
    connections: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.expect("the semaphore is never closed");
    let (stream, _) = listener.accept().await?;
    // Nagle would hold a stream's small pieces back for 40 ms each. It fails only where the caller is gone already.
    let _ = stream.set_nodelay(true);
    Ok((stream, permit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn small_pieces_are_not_held_back() {
        let listener = Listener::bind("127.0.0.1", 0).await.expect("a port");
        let caller = TcpStream::connect(listener.address);
        let connections = Arc::new(Semaphore::new(1));
        let (accepted, _caller) = tokio::join!(accept(&listener.listener, &connections), caller);
        assert!(accepted.expect("a connection").0.nodelay().expect("a socket"));
    }
}
