//! A streamed reply.

use std::sync::Arc;

use openclaw_client_ffi::{Pump, Taken};
use pyo3::prelude::*;

use crate::client::signals;
use crate::error::exception;

/// A streamed reply, in batches: JSON arrays of `{"event", "id", "data"}` and, for chunks, `{"of", "contents"}`.
///
/// The first batch tells that it has begun, and may be an empty array. An empty text is the end. Dropping it hangs up.
#[pyclass(frozen)]
pub(crate) struct Stream(Arc<Pump>);

impl Stream {
    pub(crate) fn new(pump: Pump) -> Self {
        Self(Arc::new(pump))
    }

    pub(crate) fn pump(&self) -> &Arc<Pump> {
        &self.0
    }
}

#[pymethods]
impl Stream {
    /// All that has arrived; `None` if nothing has.
    fn take(&self, py: Python<'_>) -> PyResult<Option<String>> {
        match self.0.take_all() {
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
            py.detach(|| self.0.wait_blocking(signals))?;
        }
    }

    /// Hangs up.
    fn close(&self) {
        self.0.close();
    }

    /// The id of the request, once the stream has begun.
    #[getter]
    fn request_id(&self) -> Option<String> {
        self.0.request_id()
    }
}
