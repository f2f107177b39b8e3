//! What an answer told beside its body.

use openclaw_client_ffi::HttpResponse;
use pyo3::prelude::*;

/// Status and headers of an answer.
#[pyclass(frozen)]
pub(crate) struct Response(HttpResponse);

impl From<HttpResponse> for Response {
    fn from(response: HttpResponse) -> Self {
        Self(response)
    }
}

#[pymethods]
impl Response {
    #[getter]
    fn status(&self) -> u16 {
        self.0.status()
    }

    /// Names in lower case and values.
    #[getter]
    fn headers(&self) -> Vec<(String, String)> {
        self.0.headers().map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
    }

    #[getter]
    fn retries(&self) -> u32 {
        self.0.retries()
    }
}
