//! A stream that reads ahead within bounds, and hands over all that has arrived in one crossing.
//!
//! A task reads the gateway and appends each event to one JSON text. Its consumer, one at a time, takes that text whole:
//! crossing a language's border costs far more than an event does. Where the consumer is slow the task stops reading, so
//! that the gateway feels it.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use openclaw_client::HttpResponse;
use openclaw_client::raw::{RawEvent, RawStream};
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

use crate::ErrorRecord;
use crate::fork::Home;
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
    /// A JSON array of `{"event":…,"id":…,"data":{…}}`. The first one of a stream tells that it has begun; it may be empty.
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
    /// A JSON array without its last bracket.
    batch: Option<String>,
    end: Option<Result<(), ErrorRecord>>,
    request_id: Option<String>,
    wake: Option<Wake>,
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
        if let Some(mut batch) = state.batch.take() {
            self.shared.taken.notify_one();
            batch.push(']');
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
            state.batch = None;
            state.end = Some(Ok(()));
        });
    }

    /// Whether something is there after at most that long.
    fn wait_for(&self, limit: Duration) -> bool {
        if !self.home.is_here() {
            return true;
        }
        let state = self.shared.lock();
        let waited = self.shared.arrived.wait_timeout_while(state, limit, |state| !state.is_news());
        waited.unwrap_or_else(PoisonError::into_inner).0.is_news()
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
            state.batch = Some("[".into());
        });
        while let Some(event) = stream.next().await {
            let event = event?;
            let mut is_full = false;
            self.change(|state| is_full = state.append(&event) > BATCH_BYTES_MAX);
            while is_full {
                self.taken.notified().await;
                is_full = self.lock().batch.as_ref().is_some_and(|batch| batch.len() > BATCH_BYTES_MAX);
            }
        }
        Ok(())
    }

    /// Changes the state, and wakes who waits for that.
    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        let wake = state.wake.take();
        drop(state);
        self.arrived.notify_all();
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
        self.batch.is_some() || self.end.is_some()
    }

    /// Appends an event, and says how long the batch is now.
    fn append(&mut self, event: &RawEvent) -> usize {
        let batch = self.batch.get_or_insert_with(|| "[".into());
        if batch.len() > 1 {
            batch.push(',');
        }
        batch.push_str("{\"event\":");
        batch.push_str(&json(&event.event));
        batch.push_str(",\"id\":");
        batch.push_str(&event.id.as_deref().map_or_else(|| "null".into(), json));
        batch.push_str(",\"data\":");
        batch.push_str(&event.data);
        batch.push('}');
        batch.len()
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written as JSON")
}
