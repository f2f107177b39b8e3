//! What an answer told beside its body.

use openclaw_client_ffi::HttpResponse;

use crate::options::Header;

/// Status and headers of an answer.
#[derive(uniffi::Record)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Their names in lower case.
    pub headers: Vec<Header>,
    /// How many tries went before the one that this answers.
    pub retries: u32,
}

impl From<&HttpResponse> for Response {
    fn from(response: &HttpResponse) -> Self {
        let header =
            |(name, value): (&str, std::borrow::Cow<'_, str>)| Header { name: name.into(), value: value.into() };
        Self {
            status: response.status(),
            headers: response.headers().map(header).collect(),
            retries: response.retries(),
        }
    }
}
