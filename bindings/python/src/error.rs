//! A failure as the Python exception of its kind.

use openclaw_client_ffi::ErrorRecord;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The exception for a failure; the package chooses its class.
pub(crate) fn exception(py: Python<'_>, record: &ErrorRecord) -> PyErr {
    match built(py, record) {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

fn built<'py>(py: Python<'py>, record: &ErrorRecord) -> PyResult<Bound<'py, PyAny>> {
    let members = PyDict::new(py);
    members.set_item("kind", record.kind.as_str())?;
    members.set_item("text", record.to_string())?;
    members.set_item("message", &record.message)?;
    members.set_item("status_code", record.status)?;
    members.set_item("code", record.code.as_deref())?;
    members.set_item("param", record.param.as_deref())?;
    members.set_item("request_id", record.request_id.as_deref())?;
    members.set_item("retry_after_ms", record.retry_after_ms)?;
    members.set_item("body", record.body.as_deref())?;
    py.import("openclaw._errors")?.getattr("of_record")?.call((), Some(&members))
}
