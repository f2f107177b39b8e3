//! One gateway and one key.

use std::sync::Arc;

use crate::error::CallError;
use crate::options::{CallOptions, Settings};
use crate::response::Response;
use crate::stream::Stream;

/// A gateway to call.
#[derive(uniffi::Object)]
pub struct Client(openclaw_client_ffi::Client);

/// What came back.
#[derive(uniffi::Record)]
pub struct RawReply {
    /// JSON; empty where there is none.
    pub body: String,
    /// The id of the request.
    pub request_id: Option<String>,
    /// What the answer told beside its body, if the options ask for it.
    pub response: Option<Response>,
}

#[uniffi::export]
impl Client {
    /// Makes a client, or says which setting is wrong; connects to nothing.
    #[uniffi::constructor]
    pub fn new(settings: Settings) -> Result<Arc<Self>, CallError> {
        Ok(Arc::new(Self(openclaw_client_ffi::Client::new(settings.into())?)))
    }

    /// Calls an operation with arguments, a JSON object, and waits for the reply.
    pub async fn call(
        &self,
        operation: String,
        arguments: String,
        options: CallOptions,
    ) -> Result<RawReply, CallError> {
        let reply = self.0.call(&operation, arguments.as_bytes(), options.into()).await?;
        // A text crosses in one piece, bytes one by one. The client has checked that it is JSON, which is UTF-8.
        let body = String::from_utf8(reply.body.into()).unwrap_or_default();
        Ok(RawReply { body, request_id: reply.request_id, response: reply.response.as_ref().map(Response::from) })
    }

    /// Starts a streamed call; that it failed to begin is told by the stream.
    pub fn stream(&self, operation: String, arguments: String, options: CallOptions) -> Result<Arc<Stream>, CallError> {
        Ok(Arc::new(Stream::new(self.0.stream(&operation, arguments.as_bytes(), options.into())?)))
    }

    /// The log of this client's calls since this was last asked, as JSON.
    ///
    /// It may fail only so that Go may ask a client that is closed meanwhile.
    #[expect(clippy::unnecessary_wraps, reason = "see above")]
    pub fn take_log(&self) -> Result<Option<String>, CallError> {
        Ok(self.0.take_log())
    }
}
