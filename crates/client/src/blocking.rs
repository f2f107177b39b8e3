//! For programs without a runtime: calls that hold the thread until they are done.
//!
//! The calls are the same; only their end differs. A [`Reply`] is waited for with [`wait`](Reply::wait) in place of `.await`,
//! a list or a stream becomes an iterator with `blocking()`.
//!
//! ```no_run
//! use openclaw_client::{ChatRequest, Client};
//!
//! fn main() -> Result<(), openclaw_client::Error> {
//!     let client = Client::from_env()?;
//!     let request = ChatRequest { message: "讲个故事".into(), ..Default::default() };
//!     println!("{}", client.chat().send(request.clone()).wait()?.content);
//!
//!     let mut stream = client.chat().stream(request).wait()?.blocking();
//!     for chunk in &mut stream {
//!         print!("{}", chunk?.content);
//!     }
//!     println!("\n{} tokens", stream.final_response()?.usage.output_tokens);
//!
//!     for session in client.sessions().list().limit(100).blocking() {
//!         println!("{}", session?.id);
//!     }
//!     Ok(())
//! }
//! ```
//!
//! A runtime with one thread of its own, started by the first call, does the work for the whole process.
//!
//! Inside an async runtime all of it is refused with [`Error::Config`], because it would hold up the very tasks that it waits
//! for. Await the call there; inside `spawn_blocking`, `tokio::runtime::Handle::current().block_on(call)` does.

use std::future::IntoFuture;
use std::sync::OnceLock;

use futures_util::{Stream, StreamExt};
use openclaw_core::ChatResponse;
use serde::de::DeserializeOwned;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::{AgentEvents, ChatStream, Error, EventStream, FollowEvents, List, Reply};

impl<T> Reply<T> {
    /// Makes the call and holds this thread until it is done.
    pub fn wait(self) -> Result<T, Error> {
        runtime()?.block_on(self)
    }
}

impl FollowEvents {
    /// Opens the stream and holds this thread until it is open.
    pub fn wait(self) -> Result<EventStream, Error> {
        self.into_future().wait()
    }
}

impl<T: DeserializeOwned + Send + 'static> List<T> {
    /// All rows as an iterator, fetched page by page as they are taken.
    pub fn blocking(self) -> Blocking<Self> {
        Blocking::new(self)
    }
}

impl ChatStream {
    /// The chunks as an iterator.
    pub fn blocking(self) -> Blocking<Self> {
        Blocking::new(self)
    }
}

impl AgentEvents {
    /// The events as an iterator, which ends after the last.
    pub fn blocking(self) -> Blocking<Self> {
        Blocking::new(self)
    }
}

impl EventStream {
    /// The events as an iterator, which never ends by itself.
    pub fn blocking(self) -> Blocking<Self> {
        Blocking::new(self)
    }
}

/// A list or a stream as an iterator that holds the thread until the next item is there.
///
/// It ends with the stream, or after one error. Dropping it hangs up.
///
/// ```no_run
/// # fn example(client: openclaw_client::Client) -> Result<(), openclaw_client::Error> {
/// let newest: Result<Vec<_>, _> = client.sessions().list().blocking().take(3).collect();
/// println!("{:?}", newest?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Blocking<S> {
    stream: S,
    ended: bool,
}

impl<S> Blocking<S> {
    fn new(stream: S) -> Self {
        Self { stream, ended: false }
    }

    /// The stream itself, to go on with it in async code.
    pub fn into_inner(self) -> S {
        self.stream
    }
}

impl<T, S: Stream<Item = Result<T, Error>> + Unpin> Iterator for Blocking<S> {
    type Item = Result<T, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = match runtime() {
            Ok(runtime) => runtime.block_on(self.stream.next()),
            Err(error) => Some(Err(error)),
        };
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}

impl Blocking<ChatStream> {
    /// The whole reply, with model and usage; passes over the chunks that were not taken.
    pub fn final_response(&mut self) -> Result<ChatResponse, Error> {
        runtime()?.block_on(self.stream.final_response())
    }

    /// The id of the request, to find it in the gateway's log.
    pub fn request_id(&self) -> Option<&str> {
        self.stream.request_id()
    }
}

impl Blocking<EventStream> {
    /// The id of the last event given, to go on after it another day with [`FollowEvents::after`].
    pub fn last_id(&self) -> Option<&str> {
        self.stream.last_id()
    }
}

/// The runtime of all blocking calls; refused where another one runs this thread.
fn runtime() -> Result<&'static Runtime, Error> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if Handle::try_current().is_ok() {
        return Err(Error::config("a blocking call inside an async runtime would hold it up: await the call instead"));
    }
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("openclaw").enable_all().build();
    let runtime = runtime.map_err(|error| Error::config(format!("no thread can be started for the calls: {error}")))?;
    // If two threads come first at once, the second one's runtime is dropped unused.
    Ok(RUNTIME.get_or_init(|| runtime))
}
