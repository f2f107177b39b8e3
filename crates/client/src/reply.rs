//! A call as a value: to await, to spawn, to join with others.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::future::BoxFuture;

use crate::Error;

/// A reply to come. Nothing is sent until it is awaited, and dropping it hangs up.
///
/// It borrows nothing, so it may be spawned, and many may be joined.
///
/// ```no_run
/// use openclaw_client::{ChatRequest, Client};
///
/// # async fn example(client: Client, left: ChatRequest, right: ChatRequest) -> Result<(), openclaw_client::Error> {
/// let chat = client.chat();
/// let both = futures_util::future::try_join(chat.send(left), chat.send(right));
/// let (left, right) = both.await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until it is awaited"]
pub struct Reply<T>(BoxFuture<'static, Result<T, Error>>);

impl<T> Reply<T> {
    pub(crate) fn new(call: impl Future<Output = Result<T, Error>> + Send + 'static) -> Self {
        Self(Box::pin(call))
    }
}

impl<T> Future for Reply<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Reply<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply").finish_non_exhaustive()
    }
}
