//! A streamed reply.

use std::sync::Arc;

use napi_derive::napi;
use openclaw_client_ffi::Pump;

use crate::response::json_of;

/// A streamed reply, taken in batches with [`Bridge::next`](crate::bridge::Bridge::next).
///
/// A batch is a JSON array of `{"event", "id", "data"}` and, for chunks, `{"of", "contents"}`. The first tells that it has
/// begun, and may be empty.
#[napi]
pub struct Stream(Arc<Pump>);

impl Stream {
    pub(crate) fn new(pump: Pump) -> Self {
        Self(Arc::new(pump))
    }

    pub(crate) fn pump(&self) -> &Arc<Pump> {
        &self.0
    }
}

#[napi]
impl Stream {
    /// Hangs up. Its end is told to who waits for it.
    #[napi]
    pub fn close(&self) {
        self.0.close();
    }

    /// The id of the request, once the stream has begun.
    #[napi(getter)]
    pub fn request_id(&self) -> Option<String> {
        self.0.request_id()
    }

    /// What the answer with which it began told, as JSON: `[status, retries, headers]`.
    #[napi(getter)]
    pub fn response(&self) -> Option<String> {
        self.0.response().map(json_of)
    }
}
