//! A stream that reads ahead within bounds, and hands over all that has arrived in one crossing.
//!
//! A task reads the gateway and appends each event to one JSON text. Its consumer, one at a time, takes that text whole:
//! crossing a language's border costs far more than an event does. Where the consumer is slow the task stops reading, so
//! that the gateway feels it; where events rush in, they are read by the dozen ([`Pace`]).

use std::fmt;
use std::future::{Future, poll_fn};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use openclaw_client::HttpResponse;
use openclaw_client::raw::{RawEvent, RawStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::{AbortHandle, yield_now};

use crate::ErrorRecord;
use crate::batch::Batch;
use crate::fork::Home;
use crate::pace::Pace;
use crate::runtime::{Runtime, TICK};

/// How much is read ahead, in bytes, before the last event that is let in.
const BATCH_BYTES_MAX: usize = 256 * 1024;

/// A streamed reply. Dropping or closing it hangs up.
pub struct Pump {
    home: Home,
    shared: Arc<Shared>,
    task: AbortHandle,
    response: Arc<OnceLock<HttpResponse>>,
}

/// What a stream had to give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// A JSON array. The first one of a stream tells that it has begun; it may be empty.
    ///
    /// An event is `{"event":…,"id":…,"data":{…}}`. Chunks that differ in their content only are one item: `{"of":{…},
    /// "contents":["…",…]}`, where `of` is what they share.
    Batch(String),
    /// Nothing yet.
    Waiting,
    /// Nothing more.
    Ended,
    /// It failed; nothing more.
    Failed(ErrorRecord),
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// For consumers that wait on a thread.
    arrived: Condvar,
    /// For the task that reads, where it waits to go on.
    taken: Notify,
}

#[derive(Default)]
struct State {
    batch: Batch,
    end: Option<Result<(), ErrorRecord>>,
    request_id: Option<String>,
    wake: Option<Wake>,
    /// How many threads wait for `arrived`; to wake nobody would be a call to the system all the same.
    waiting: usize,
}

type Wake = Box<dyn FnOnce() + Send>;

impl Pump {
    pub(crate) fn start(
        runtime: &Runtime,
        begin: impl Future<Output = Result<RawStream, ErrorRecord>> + Send + 'static,
        response: Arc<OnceLock<HttpResponse>>,
    ) -> Self {
        let shared = Arc::<Shared>::default();
        let task = runtime.spawn({
            let shared = Arc::clone(&shared);
            async move {
                let end = shared.read(begin).await;
                shared.change(|state| state.end = Some(end));
            }
        });
        Self { home: Home::here(), shared, task, response }
    }

    /// The id of the request, once it has begun.
    pub fn request_id(&self) -> Option<String> {
        if !self.home.is_here() {
            return None;
        }
        self.shared.lock().request_id.clone()
    }

    /// What the answer with which it began told, once it has, if the options ask for it.
    pub fn response(&self) -> Option<&HttpResponse> {
        self.response.get()
    }

    /// All that has arrived. Gives [`Taken::Failed`] once, then [`Taken::Ended`].
    pub fn take_all(&self) -> Taken {
        if !self.home.is_here() {
            return Taken::Failed(ErrorRecord::config(
                "the stream belongs to the process that this one was forked from",
            ));
        }
        let mut state = self.shared.lock();
        if let Some(batch) = state.batch.take() {
            self.shared.taken.notify_one();
            return Taken::Batch(batch);
        }
        match state.end.replace(Ok(())) {
            Some(Ok(())) => Taken::Ended,
            Some(Err(error)) => Taken::Failed(error),
            None => {
                state.end = None;
                Taken::Waiting
            }
        }
    }

    /// Calls `wake` once, as soon as there is something to take; now if there is, else on a thread of the runtime.
    ///
    /// An earlier `wake` that still waits is called now.
    pub fn on_arrival(&self, wake: impl FnOnce() + Send + 'static) {
        if !self.home.is_here() {
            return wake();
        }
        let mut state = self.shared.lock();
        let now = if state.is_news() { Some(Box::new(wake) as Wake) } else { state.wake.replace(Box::new(wake)) };
        drop(state);
        if let Some(wake) = now {
            wake();
        }
    }

    /// Waits on this thread until there is something to take. Asks `check` ten times a second, and gives up with its error.
    pub fn wait_blocking<E>(&self, mut check: impl FnMut() -> Result<(), E>) -> Result<(), E> {
        loop {
            if self.wait_for(TICK) {
                return Ok(());
            }
            check()?;
        }
    }

    /// Waits until there is something, and takes it; never gives [`Taken::Waiting`]. Dropping the future loses nothing.
    pub async fn next_batch(&self) -> Taken {
        loop {
            match self.take_all() {
                Taken::Waiting => {}
                taken => return taken,
            }
            let (tell, told) = oneshot::channel();
            self.on_arrival(move || {
                let _ = tell.send(());
            });
            let _ = told.await;
        }
    }

    /// Hangs up. What has arrived and was not taken is gone; the stream has ended.
    pub fn close(&self) {
        if !self.home.is_here() {
            return; // Its locks may be held by threads that are not here.
        }
        self.task.abort();
        self.shared.change(|state| {
            state.batch = Batch::default();
            state.end = Some(Ok(()));
        });
    }

    /// Whether something is there after at most that long.
    fn wait_for(&self, limit: Duration) -> bool {
        if !self.home.is_here() {
            return true;
        }
        let mut state = self.shared.lock();
        state.waiting += 1;
        let waited = self.shared.arrived.wait_timeout_while(state, limit, |state| !state.is_news());
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.waiting -= 1;
        state.is_news()
    }
}

impl Drop for Pump {
    fn drop(&mut self) {
        self.close();
    }
}

impl fmt::Debug for Pump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pump").field("request_id", &self.request_id()).finish_non_exhaustive()
    }
}

impl Shared {
    async fn read(&self, begin: impl Future<Output = Result<RawStream, ErrorRecord>>) -> Result<(), ErrorRecord> {
        let mut stream = begin.await?;
        self.change(|state| {
            state.request_id = stream.request_id().map(Into::into);
            state.batch.begin();
        });
        let (mut arrived, mut pace) = (Arrived::default(), Pace::default());
        loop {
            let end = arrived.wait(&mut stream, pace.is_rush()).await;
            let count = arrived.events.len();
            self.append(&mut arrived).await;
            if let Some(end) = end {
                return end;
            }
            pace.after(count);
        }
    }

    /// Hands events over, and waits while more of them wait to be taken than may.
    async fn append(&self, arrived: &mut Arrived) {
        if arrived.events.is_empty() {
            return;
        }
        arrived.bytes = 0;
        let mut bytes = 0;
        self.change(|state| {
            arrived.events.drain(..).for_each(|event| state.batch.push(&event));
            bytes = state.batch.len();
        });
        while bytes > BATCH_BYTES_MAX {
            self.taken.notified().await;
            bytes = self.lock().batch.len();
        }
    }

    /// Changes the state, and wakes who waits for that.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let (wake, waiting) = (state.wake.take(), state.waiting);
        drop(state);
        if waiting > 0 {
            self.arrived.notify_all();
        }
        if let Some(wake) = wake {
            wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No code of others runs under the lock, so a panic there would leave it whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_news(&self) -> bool {
        self.batch.is_begun() || self.end.is_some()
    }
}

/// Events that were read and not handed over yet.
#[derive(Default)]
struct Arrived {
    events: Vec<RawEvent>,
    bytes: usize,
}

/// How a stream ended.
type End = Result<(), ErrorRecord>;

impl Arrived {
    /// Waits for events and adds all that are there by then; gives the stream's end if it is reached.
    async fn wait(&mut self, stream: &mut RawStream, is_rush: bool) -> Option<End> {
        let mut end = poll_fn(|context| self.add(stream, context)).await;
        let mut count = 0;
        // In a rush more lies in the connection, which gives one event a turn.
        while is_rush && end.is_none() && self.events.len() > count && self.bytes < BATCH_BYTES_MAX {
            count = self.events.len();
            yield_now().await;
            end = poll_fn(|context| self.add(stream, context)).await;
        }
        end
    }

    /// Adds the events that are there; ready once there is at least one, or the end.
    fn add(&mut self, stream: &mut RawStream, context: &mut Context<'_>) -> Poll<Option<End>> {
        while self.bytes < BATCH_BYTES_MAX {
            match stream.poll_next(context) {
                Poll::Ready(Some(Ok(event))) => {
                    self.bytes += event.data.len();
                    self.events.push(event);
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(error.into()))),
                Poll::Ready(None) => return Poll::Ready(Some(Ok(()))),
                Poll::Pending if self.events.is_empty() => return Poll::Pending,
                Poll::Pending => break,
            }
        }
        Poll::Ready(None)
    }
}
