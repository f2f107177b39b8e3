//! The way from the runtime's threads to an event loop: a queue, and a pipe that makes the loop look into it.
//!
//! The order of events: the loop's thread starts a call and keeps its token; the call ends on a thread of the runtime,
//! which puts the outcome into the queue and, if the loop does not know yet that something is there, one byte into the
//! pipe; the loop finds the pipe readable and drains the queue, on its own thread. So no other thread touches Python, and
//! one wake-up serves all that has ended by then.

use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use openclaw_client_ffi::{Cancel, ErrorRecord, RawReply};
use pyo3::prelude::*;

use crate::client::{Client, to_python};
use crate::error::exception;
use crate::options::{Options, millis};
use crate::stream::Stream;

/// The way to one event loop. To be used on that loop's thread only, but for `wait`.
#[pyclass(frozen)]
pub(crate) struct Bridge {
    queue: Arc<Queue>,
    next_token: AtomicU64,
}

/// A call whose outcome will be in the queue, under its token.
#[pyclass(frozen)]
pub(crate) struct Pending {
    #[pyo3(get)]
    token: u64,
    call: Cancel,
}

struct Queue {
    state: Mutex<State>,
    /// For a thread that waits where the loop cannot watch a pipe.
    filled: Condvar,
    /// Both ends live as long as the queue, so that nobody ever writes where nobody reads.
    reader: PipeReader,
    writer: PipeWriter,
}

#[derive(Default)]
struct State {
    outcomes: Vec<(u64, Outcome)>,
    /// One byte is in the pipe, or will be in a moment; there is never a second one, so its writer never waits.
    is_told: bool,
    /// How many threads wait for `filled`; to wake nobody would be a call to the system all the same.
    waiting: usize,
}

enum Outcome {
    Reply(Result<RawReply, ErrorRecord>),
    /// A stream has something to take.
    Arrival,
}

#[pymethods]
impl Bridge {
    #[new]
    fn new() -> PyResult<Self> {
        let (reader, writer) = pipe()?;
        let queue = Queue { state: Mutex::default(), filled: Condvar::new(), reader, writer };
        Ok(Self { queue: Arc::new(queue), next_token: AtomicU64::new(0) })
    }

    /// Starts a call.
    fn call(
        &self,
        py: Python<'_>,
        client: &Client,
        operation: &str,
        arguments: &[u8],
        options: Options,
    ) -> PyResult<Pending> {
        let (token, queue) = (self.token(), Arc::clone(&self.queue));
        let done = move |replied| queue.push(token, Outcome::Reply(replied));
        let started = client.inner().start(operation, arguments, options.into(), done);
        started.map(|call| Pending { token, call }).map_err(|record| exception(py, &record))
    }

    /// Watches a stream until it has something to take; gives the token of that.
    fn watch(&self, stream: &Stream) -> u64 {
        let (token, queue) = (self.token(), Arc::clone(&self.queue));
        stream.pump().on_arrival(move || queue.push(token, Outcome::Arrival));
        token
    }

    /// All outcomes that are there: `(token, reply)`, `(token, exception)`, or `(token, None)` for a stream.
    fn drain(&self, py: Python<'_>) -> PyResult<Vec<(u64, Py<PyAny>)>> {
        let to_python = |(token, outcome)| {
            let outcome = match outcome {
                Outcome::Reply(Ok(reply)) => to_python(py, reply).into_pyobject(py)?.into_any().unbind(),
                Outcome::Reply(Err(record)) => exception(py, &record).into_value(py).into_any(),
                Outcome::Arrival => py.None(),
            };
            Ok((token, outcome))
        };
        self.queue.take()?.into_iter().map(to_python).collect()
    }

    /// What the loop is to watch for reading.
    #[cfg(unix)]
    fn fileno(&self) -> i32 {
        std::os::fd::AsRawFd::as_raw_fd(&self.queue.reader)
    }

    /// Waits, on a thread of its own, until there are outcomes or that many seconds have passed; whether there are.
    fn wait(&self, py: Python<'_>, seconds: f64) -> bool {
        py.detach(|| self.queue.wait(Duration::from_millis(millis(seconds))))
    }
}

impl Bridge {
    fn token(&self) -> u64 {
        self.next_token.fetch_add(1, Ordering::Relaxed)
    }
}

#[pymethods]
impl Pending {
    /// Hangs up; nothing more comes, unless it is in the queue already.
    fn cancel(&self) {
        self.call.cancel();
    }
}

impl Queue {
    fn push(&self, token: u64, outcome: Outcome) {
        let mut state = self.lock();
        state.outcomes.push((token, outcome));
        let (was_told, waiting) = (std::mem::replace(&mut state.is_told, true), state.waiting);
        // Whom it wakes needs the lock at once.
        drop(state);
        if !was_told {
            // It cannot be full, and its reader lives as long as this queue.
            let _ = (&self.writer).write_all(&[0]);
        }
        if waiting > 0 {
            self.filled.notify_one();
        }
    }

    fn take(&self) -> std::io::Result<Vec<(u64, Outcome)>> {
        let mut state = self.lock();
        if std::mem::take(&mut state.is_told) {
            (&self.reader).read_exact(&mut [0])?;
        }
        Ok(std::mem::take(&mut state.outcomes))
    }

    fn wait(&self, limit: Duration) -> bool {
        let mut state = self.lock();
        state.waiting += 1;
        let waited = self.filled.wait_timeout_while(state, limit, |state| !state.is_told);
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.waiting -= 1;
        state.is_told
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
