//! A streamed reply.

use std::sync::Arc;

use openclaw_client_ffi::{Client, Pump, Taken};
use pyo3::prelude::*;

use crate::client::signals;
use crate::error::exception;
use crate::response::Response;

/// A streamed reply, in batches: JSON arrays of `{"event", "id", "data"}` and, for chunks, `{"of", "contents"}`.
///
/// The first batch tells that it has begun, and may be an empty array. An empty text is the end. Dropping it hangs up.
#[pyclass(frozen)]
pub(crate) struct Stream {
    pump: Arc<Pump>,
    /// The client in whose log it is, if it is in one.
    logged: Option<Client>,
}

impl Stream {
    pub(crate) fn new(pump: Pump, logged: Option<Client>) -> Self {
        Self { pump: Arc::new(pump), logged }
    }

    pub(crate) fn pump(&self) -> &Arc<Pump> {
        &self.pump
    }
}

#[pymethods]
impl Stream {
    /// All that has arrived; `None` if nothing has.
    fn take(&self, py: Python<'_>) -> PyResult<Option<String>> {
        match self.pump.take_all() {
            Taken::Batch(batch) => Ok(Some(batch)),
            Taken::Waiting => Ok(None),
            Taken::Ended => Ok(Some(String::new())),
            Taken::Failed(record) => Err(exception(py, &record)),
        }
    }

    /// Waits for the next batch. A signal, such as Ctrl-C, ends the wait.
    fn next(&self, py: Python<'_>) -> PyResult<String> {
        loop {
            if let Some(batch) = self.take(py)? {
                return Ok(batch);
            }
            py.detach(|| self.pump.wait_blocking(signals))?;
        }
    }

    /// Hangs up.
    fn close(&self) {
        self.pump.close();
    }

    /// The id of the request, once the stream has begun.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.pump.request_id()
    }

    /// What the answer with which it began told, if the options ask for it.
    #[getter]
    fn response(&self) -> Option<Response> {
        self.pump.response().cloned().map(Response::from)
    }

    /// Whether it is in the log of its client.
    #[getter]
    fn is_logged(&self) -> bool {
        self.logged.is_some()
    }

    /// The log of its client's calls since this was last asked, as JSON, if the stream is in it.
    fn take_log(&self) -> Option<String> {
        self.logged.as_ref()?.take_log()
    }
}
