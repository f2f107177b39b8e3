//! One gateway and one key, and the calls to it: waited for on this thread, awaited, or told of when done.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use openclaw_client::HttpResponse;
use openclaw_client::raw::{Listener, Raw};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use crate::fork::{Home, PerProcess};
use crate::log::Log;
use crate::operation::{Answer, Operation};
use crate::runtime::Runtime;
use crate::{CallOptions, ErrorRecord, Pump};

/// What a client is made of; what is absent is as the Rust client has it.
#[derive(Clone, Default)]
pub struct Settings {
    /// Where the gateway is; absent: `OPENCLAW_BASE_URL`, else `http://localhost:3000`.
    pub base_url: Option<String>,
    /// The API key; absent: `OPENCLAW_API_KEY`.
    pub api_key: Option<String>,
    /// The longest that a call may take, in milliseconds.
    pub timeout_ms: Option<u64>,
    /// The longest that connecting may take, in milliseconds.
    pub connect_timeout_ms: Option<u64>,
    /// The longest silence of a stream, in milliseconds.
    pub idle_timeout_ms: Option<u64>,
    /// How often a call is tried again at most.
    pub max_retries: Option<u32>,
    /// Headers to send with every request.
    pub headers: Vec<(String, String)>,
    /// The proxy to go through; empty: none, whatever the environment says; absent: what the environment says.
    pub proxy: Option<String>,
    /// Certificates, in PEM, to trust besides those that the machine trusts.
    pub ca_pem: Option<Vec<u8>>,
    /// The language's part of the user agent, such as `openclaw-python/1.0`.
    pub user_agent: Option<String>,
}

/// One gateway and one key. Clones are cheap and share connections.
#[derive(Clone)]
pub struct Client(Arc<Shared>);

struct Shared {
    settings: Settings,
    /// Connections, which a forked child must not share with its parent.
    client: PerProcess<openclaw_client::Client>,
    /// A forked child begins with none of what its parent's calls told.
    log: PerProcess<Log>,
}

/// A reply as it came.
#[derive(Clone, Debug)]
pub struct RawReply {
    /// A JSON object; empty if the reply has no body (204).
    pub body: Bytes,
    /// The id of the request, to find it in the gateway's log.
    pub request_id: Option<String>,
    /// What the answer told beside its body, if the options ask for it.
    pub response: Option<HttpResponse>,
}

/// Ends a call early: its connection is closed and nobody is told of an outcome. Does nothing once the call is done.
#[derive(Clone, Debug)]
pub struct Cancel {
    home: Home,
    task: AbortHandle,
}

impl Client {
    /// Makes a client, or says which setting is wrong. Connects to nothing.
    pub fn new(settings: Settings) -> Result<Self, ErrorRecord> {
        let client = Self(Arc::new(Shared { settings, client: PerProcess::new(), log: PerProcess::new() }));
        client.of_this_process()?;
        Ok(client)
    }

    /// Waits for a reply on this thread. Asks `check` ten times a second, and hangs up with its error.
    pub fn call_blocking<E>(
        &self,
        operation: &str,
        arguments: &[u8],
        options: CallOptions,
        check: impl FnMut() -> Result<(), E>,
    ) -> Result<Result<RawReply, ErrorRecord>, E> {
        let prepared = self.prepare(operation, arguments, options).and_then(|call| Ok((call, Runtime::get()?)));
        match prepared {
            Ok((call, runtime)) => runtime.block_on(call, check),
            Err(error) => Ok(Err(error)),
        }
    }

    /// Waits for a reply. Needs no runtime of the caller's; dropping the future hangs up.
    pub async fn call(&self, operation: &str, arguments: &[u8], options: CallOptions) -> Result<RawReply, ErrorRecord> {
        let (tell, told) = oneshot::channel();
        let cancel = self.start(operation, arguments, options, |outcome| drop(tell.send(outcome)))?;
        let _hang_up = CancelOnDrop(cancel);
        told.await.map_err(|_| ErrorRecord::config("the call was cancelled"))?
    }

    /// Starts a call; `done` is told its outcome once, on a thread of the runtime, unless it is cancelled before.
    pub fn start(
        &self,
        operation: &str,
        arguments: &[u8],
        options: CallOptions,
        done: impl FnOnce(Result<RawReply, ErrorRecord>) + Send + 'static,
    ) -> Result<Cancel, ErrorRecord> {
        let call = self.prepare(operation, arguments, options)?;
        let task = Runtime::get()?.spawn(async move { done(call.await) });
        Ok(Cancel { home: Home::here(), task })
    }

    /// Starts a streamed call. That it failed to begin is told by the stream.
    pub fn stream(&self, operation: &str, arguments: &[u8], options: CallOptions) -> Result<Pump, ErrorRecord> {
        let operation = Operation::find(operation)?;
        let Answer::Stream(kind) = operation.answer() else {
            return Err(ErrorRecord::config(format!("`{}` gives no stream", operation.name)));
        };
        let wants_response = options.response;
        let raw = self.raw(options)?;
        let (call, after) = operation.call(arguments)?;
        let begun = raw.stream(call, kind, after);
        let response = Arc::<OnceLock<HttpResponse>>::default();
        let seen = Arc::clone(&response);
        let begin = async move {
            if !wants_response {
                return begun.await.map_err(ErrorRecord::from);
            }
            let (stream, response) = begun.with_response().await?;
            seen.get_or_init(|| response);
            Ok(stream)
        };
        Ok(Pump::start(&*Runtime::get()?, begin, response))
    }

    /// The log of this client's calls, of those whose options ask for it, since this was last asked: a JSON array of
    /// records; `None` if nothing was told.
    pub fn take_log(&self) -> Option<String> {
        self.log().take()
    }

    fn prepare(
        &self,
        operation: &str,
        arguments: &[u8],
        options: CallOptions,
    ) -> Result<impl Future<Output = Result<RawReply, ErrorRecord>> + Send + use<>, ErrorRecord> {
        let operation = Operation::find(operation)?;
        let wants_response = options.response;
        let raw = self.raw(options)?;
        let reply = match operation.answer() {
            Answer::Reply => raw.send(operation.call(arguments)?.0),
            Answer::Ended => {
                let (id, limit) = Operation::wait(arguments)?;
                let limit = limit.map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default());
                raw.agent_end(&id, limit)
            }
            Answer::Stream(_) => return Err(ErrorRecord::config(format!("`{}` gives a stream", operation.name))),
        };
        Ok(async move {
            let (reply, response) = if wants_response {
                let (reply, response) = reply.with_response().await?;
                (reply, Some(response))
            } else {
                (reply.await?, None)
            };
            Ok(RawReply { body: reply.body, request_id: reply.request_id, response })
        })
    }

    /// The way of one call.
    fn raw(&self, options: CallOptions) -> Result<Raw, ErrorRecord> {
        let level = options.log;
        let raw = self.of_this_process()?.raw().with(options.into_request_options());
        let Some(level) = level else { return Ok(raw) };
        let log = self.log();
        Ok(raw.heard_by(Listener::new(level, move |record| log.push(record))))
    }

    fn log(&self) -> Arc<Log> {
        let made = self.0.log.get_or_make(|| Ok::<_, std::convert::Infallible>(Log::default()));
        made.unwrap_or_else(|never| match never {})
    }

    fn of_this_process(&self) -> Result<Arc<openclaw_client::Client>, ErrorRecord> {
        self.0.client.get_or_make(|| self.0.settings.build().map_err(ErrorRecord::from))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("base_url", &self.0.settings.base_url).finish_non_exhaustive()
    }
}

impl Cancel {
    /// Ends the call.
    pub fn cancel(&self) {
        if self.home.is_here() {
            self.task.abort();
        }
    }
}

struct CancelOnDrop(Cancel);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Settings {
    fn build(&self) -> Result<openclaw_client::Client, openclaw_client::Error> {
        let mut builder = openclaw_client::Client::builder();
        if let Some(base_url) = &self.base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(api_key) = &self.api_key {
            builder = builder.api_key(api_key);
        }
        if let Some(timeout_ms) = self.timeout_ms {
            builder = builder.timeout(Duration::from_millis(timeout_ms));
        }
        if let Some(timeout_ms) = self.connect_timeout_ms {
            builder = builder.connect_timeout(Duration::from_millis(timeout_ms));
        }
        if let Some(timeout_ms) = self.idle_timeout_ms {
            builder = builder.idle_timeout(Duration::from_millis(timeout_ms));
        }
        if let Some(max_retries) = self.max_retries {
            builder = builder.max_retries(max_retries);
        }
        builder = match self.proxy.as_deref() {
            Some("") => builder.no_proxy(),
            Some(url) => builder.proxy(url),
            None => builder,
        };
        if let Some(pem) = &self.ca_pem {
            builder = builder.ca_pem(pem.clone());
        }
        if let Some(user_agent) = &self.user_agent {
            builder = builder.user_agent(user_agent);
        }
        self.headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value)).build()
    }
}
