//! Lists: one page, or all rows, fetched page by page as they are taken.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::{FutureExt, Stream, StreamExt};
use openclaw_core::Page;
use serde::de::DeserializeOwned;

use crate::call::{AFTER, Call, LIMIT};
use crate::transport::Transport;
use crate::{Error, Reply, RequestOptions};

/// A list, not fetched yet: a `Stream` of all rows, [`all`](Self::all) of them, or one [`page`](Self::page).
///
/// As a stream it asks for a page when the one before is used up, and ends after the last row or after one error.
///
/// ```no_run
/// use openclaw_client::Client;
///
/// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
/// let mut sessions = client.sessions().list();
/// while let Some(session) = sessions.next().await {
///     println!("{}", session?.id);
/// }
/// let first = client.sessions().list().limit(50).page().await?;
/// if let Some(cursor) = first.next {
///     let rest = client.sessions().list().after(cursor).all().await?;
/// }
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is fetched until rows are taken"]
pub struct List<T> {
    transport: Transport,
    options: RequestOptions,
    call: Call,
    /// The cursor after which the next page begins; `None` for the first.
    after: Option<String>,
    rows: std::vec::IntoIter<T>,
    fetching: Option<Reply<Page<T>>>,
    /// No page follows those fetched.
    ended: bool,
}

impl<T: DeserializeOwned + Send + 'static> List<T> {
    pub(crate) fn new(transport: &Transport, options: &RequestOptions, call: Call) -> Self {
        Self {
            transport: transport.clone(),
            options: options.clone(),
            call,
            after: None,
            rows: Vec::new().into_iter(),
            fetching: None,
            ended: false,
        }
    }

    /// How many rows a page may have, 1 to 100; 20 if not said.
    pub fn limit(self, limit: u32) -> Self {
        self.query(LIMIT, limit.to_string())
    }

    /// Begins after the row of this cursor, the `next` of a page.
    pub fn after(mut self, cursor: impl Into<String>) -> Self {
        self.after = Some(cursor.into());
        self
    }

    /// Sets a parameter by which the gateway chooses rows.
    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.call.set_query(name, value);
        self
    }

    /// Fetches one page, the next one that a stream would.
    pub fn page(&self) -> Reply<Page<T>> {
        self.fetch()
    }

    /// Fetches all rows. The memory is the caller's: of a list that may be huge, take from the stream instead.
    pub async fn all(mut self) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        while let Some(row) = self.next().await {
            rows.push(row?);
        }
        Ok(rows)
    }

    /// The next row; `None` after the last. Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        StreamExt::next(self).await
    }

    fn fetch(&self) -> Reply<Page<T>> {
        let mut call = self.call.clone();
        if let Some(after) = &self.after {
            call.set_query(AFTER, after.as_str());
        }
        self.transport.json(call, &self.options)
    }

    /// Takes a page in. A cursor that stands still would never end, so it is an error.
    fn turn_to(&mut self, page: Page<T>) -> Result<(), Error> {
        self.rows = page.data.into_iter();
        let next = page.next.filter(|_| page.has_more);
        self.ended = next.is_none();
        if next.is_some() && next == self.after {
            return Err(Error::Decode { problem: "the next page is the same page".into(), request_id: None });
        }
        self.after = next;
        Ok(())
    }
}

impl<T: DeserializeOwned + Send + 'static> Stream for List<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(row) = self.rows.next() {
                return Poll::Ready(Some(Ok(row)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            if self.fetching.is_none() {
                self.fetching = Some(self.fetch());
            }
            let fetching = self.fetching.as_mut().expect("it was just set");
            let fetched = ready!(fetching.poll_unpin(context));
            self.fetching = None;
            if let Err(error) = fetched.and_then(|page| self.turn_to(page)) {
                self.ended = true;
                self.rows = Vec::new().into_iter();
                return Poll::Ready(Some(Err(error)));
            }
        }
    }
}

/// Rows are moved out, never polled in place.
impl<T> Unpin for List<T> {}

impl<T> fmt::Debug for List<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("List").field("call", &self.call).field("after", &self.after).finish_non_exhaustive()
    }
}
