//! One gateway and one key.

use openclaw_client_ffi::{RawReply, Settings};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::error::exception;
use crate::options::{Options, millis};
use crate::response::Response;
use crate::stream::Stream;

/// A gateway to call; see the package's `OpenClawClient`.
#[pyclass(frozen)]
pub(crate) struct Client(openclaw_client_ffi::Client);

/// A reply: its JSON, the id of its request, and what its answer told if the options ask for it.
pub(crate) type Reply<'py> = (Bound<'py, PyBytes>, Option<String>, Option<Response>);

impl Client {
    pub(crate) fn inner(&self) -> &openclaw_client_ffi::Client {
        &self.0
    }
}

#[pymethods]
impl Client {
    #[new]
    #[pyo3(signature = (*, user_agent, base_url=None, api_key=None, timeout=None, connect_timeout=None, idle_timeout=None, max_retries=None, headers=None, proxy=None, ca_pem=None))]
    #[expect(clippy::too_many_arguments, reason = "they have names in Python")]
    fn new(
        py: Python<'_>,
        user_agent: String,
        base_url: Option<String>,
        api_key: Option<String>,
        timeout: Option<f64>,
        connect_timeout: Option<f64>,
        idle_timeout: Option<f64>,
        max_retries: Option<u32>,
        headers: Option<Vec<(String, String)>>,
        proxy: Option<String>,
        ca_pem: Option<Vec<u8>>,
    ) -> PyResult<Self> {
        let settings = Settings {
            base_url,
            api_key,
            timeout_ms: timeout.map(millis),
            connect_timeout_ms: connect_timeout.map(millis),
            idle_timeout_ms: idle_timeout.map(millis),
            max_retries,
            headers: headers.unwrap_or_default(),
            proxy,
            ca_pem,
            user_agent: Some(user_agent),
        };
        // Reading the machine's certificates takes a while where the address is https.
        let made = py.detach(|| openclaw_client_ffi::Client::new(settings).map_err(Box::new));
        made.map(Self).map_err(|record| exception(py, &record))
    }

    /// Calls and waits for the reply. A signal, such as Ctrl-C, ends the wait and hangs up.
    fn call<'py>(&self, py: Python<'py>, operation: &str, arguments: &[u8], options: Options) -> PyResult<Reply<'py>> {
        let replied = py.detach(|| self.0.call_blocking(operation, arguments, options.into(), signals))?;
        replied.map(|reply| to_python(py, reply)).map_err(|record| exception(py, &record))
    }

    /// Starts a streamed call.
    fn stream(&self, py: Python<'_>, operation: &str, arguments: &[u8], options: Options) -> PyResult<Stream> {
        let logged = options.is_logged().then(|| self.0.clone());
        let started = self.0.stream(operation, arguments, options.into());
        started.map(|pump| Stream::new(pump, logged)).map_err(|record| exception(py, &record))
    }

    /// The log of this client's calls since this was last asked, as JSON.
    fn take_log(&self) -> Option<String> {
        self.0.take_log()
    }
}

/// Runs Python's handlers of signals that have come; gives what they raised.
#[expect(clippy::redundant_closure_for_method_calls, reason = "the method itself is not general enough")]
pub(crate) fn signals() -> PyResult<()> {
    // There is no interpreter to ask while it shuts down; the thread is then stopped where it comes back to it.
    Python::try_attach(|py| py.check_signals()).unwrap_or(Ok(()))
}

/// A reply as Python has it.
pub(crate) fn to_python(py: Python<'_>, reply: RawReply) -> Reply<'_> {
    (PyBytes::new(py, &reply.body), reply.request_id, reply.response.map(Response::from))
}
