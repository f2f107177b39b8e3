//! The way from the runtime's threads to JavaScript: what has ended is appended to one text, which crosses whole.
//!
//! The order of events: JavaScript starts a call under a token; the call ends on a thread of the runtime, which appends its
//! outcome to the text and, if JavaScript was not told yet, has it called; JavaScript's thread takes the text, be it one
//! outcome or hundreds. The way lasts as long as its thread's JavaScript does, and then hangs up what is under way.

use std::collections::HashMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{Function, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Status, Unknown};
use napi_derive::napi;
use openclaw_client_ffi::{Cancel, ErrorRecord, HttpResponse, RawReply, Taken};

use crate::client::Client;
use crate::error::json_of;
use crate::options::{Options, call_options};
use crate::response;
use crate::stream::Stream;

/// The way to the JavaScript of one thread.
#[napi]
pub struct Bridge {
    outlet: Arc<Outlet>,
    under_way: Arc<Mutex<HashMap<u32, Cancel>>>,
}

struct Outlet {
    ended: Arc<Mutex<Ended>>,
    wake: Wake,
}

/// Weak: it keeps no process alive. JavaScript sees to that while somebody waits.
type Wake = ThreadsafeFunction<(), Unknown<'static>, String, Status, false, true>;

/// What has ended and was not taken yet.
#[derive(Default)]
struct Ended {
    /// A JSON array without its last bracket: `[token, kind, value, request id, response]` each.
    outcomes: String,
    tokens: Vec<u32>,
    /// JavaScript will be called, and will take all.
    is_told: bool,
}

/// The second member of an outcome: what its value is.
#[derive(Clone, Copy)]
enum Kind {
    Reply = 0,
    Failure = 1,
    Batch = 2,
    End = 3,
}

#[napi]
impl Bridge {
    /// Makes the way; `told` is given what has ended, as a JSON array of `[token, kind, value, request id, response]`.
    #[napi(constructor)]
    pub fn new(told: Function<'_, String, Unknown<'static>>) -> Result<Self> {
        let (ended, under_way) = (Arc::<Mutex<Ended>>::default(), Arc::<Mutex<HashMap<u32, Cancel>>>::default());
        let take = {
            let (ended, under_way) = (Arc::clone(&ended), Arc::clone(&under_way));
            move || {
                let Ended { mut outcomes, tokens, .. } = std::mem::take(&mut *lock(&ended));
                let mut under_way = lock(&under_way);
                for token in tokens {
                    under_way.remove(&token);
                }
                outcomes.push(']');
                outcomes
            }
        };
        let wake = told.build_threadsafe_function::<()>().weak::<true>().build_callback(move |_| Ok(take()))?;
        Ok(Self { outlet: Arc::new(Outlet { ended, wake }), under_way })
    }

    /// Starts a call; its outcome will be told under `token`.
    #[napi]
    pub fn call(&self, client: &Client, token: u32, operation: String, arguments: String, options: Option<Options>) {
        let outlet = Arc::clone(&self.outlet);
        let done = move |replied| outlet.replied(token, replied);
        match client.inner().start(&operation, arguments.as_bytes(), call_options(options), done) {
            // Its outcome is told on this very thread, so not before this is kept.
            Ok(call) => drop(lock(&self.under_way).insert(token, call)),
            Err(record) => self.outlet.replied(token, Err(record)),
        }
    }

    /// Hangs up. An outcome that waits to be told is told all the same.
    #[napi]
    pub fn cancel(&self, token: u32) {
        if let Some(call) = lock(&self.under_way).remove(&token) {
            call.cancel();
        }
    }

    /// What a stream has, if there is something; otherwise it will be told under `token`.
    #[napi]
    pub fn next(&self, stream: &Stream, token: u32) -> Option<String> {
        match stream.pump().take_all() {
            Taken::Batch(batch) => return Some(batch),
            Taken::Waiting => {
                let (outlet, pump) = (Arc::clone(&self.outlet), Arc::clone(stream.pump()));
                stream.pump().on_arrival(move || outlet.arrived(token, pump.take_all()));
            }
            last => self.outlet.arrived(token, last),
        }
        None
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        for call in lock(&self.under_way).values() {
            call.cancel();
        }
    }
}

impl Outlet {
    fn replied(&self, token: u32, replied: std::result::Result<RawReply, ErrorRecord>) {
        match replied {
            Ok(RawReply { body, request_id, response }) => {
                let body = if body.is_empty() { "null".into() } else { String::from_utf8_lossy(&body) };
                self.tell(token, Kind::Reply, &body, request_id.as_deref(), response.as_ref());
            }
            Err(record) => self.tell(token, Kind::Failure, &json_of(&record), None, None),
        }
    }

    fn arrived(&self, token: u32, taken: Taken) {
        match taken {
            Taken::Batch(batch) => self.tell(token, Kind::Batch, &batch, None, None),
            Taken::Failed(record) => self.tell(token, Kind::Failure, &json_of(&record), None, None),
            // Nothing is there only if another one took it; a stream that is asked twice at once gives its end to one.
            Taken::Ended | Taken::Waiting => self.tell(token, Kind::End, "null", None, None),
        }
    }

    fn tell(&self, token: u32, kind: Kind, value: &str, request_id: Option<&str>, response: Option<&HttpResponse>) {
        let response = response.map_or_else(|| "null".to_owned(), response::json_of);
        let mut ended = lock(&self.ended);
        ended.append(token, kind, value, request_id, &response);
        if std::mem::replace(&mut ended.is_told, true) {
            return;
        }
        drop(ended);
        // Refused only where JavaScript is being shut down.
        let _ = self.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
    }
}

impl Ended {
    fn append(&mut self, token: u32, kind: Kind, value: &str, request_id: Option<&str>, response: &str) {
        let bracket = if self.outcomes.is_empty() { "[" } else { "," };
        let request_id = serde_json::Value::from(request_id);
        self.outcomes.reserve(value.len() + response.len() + 64);
        write!(self.outcomes, "{bracket}[{token},{},{value},{request_id},{response}]", kind as u8)
            .expect("memory takes it");
        self.tokens.push(token);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Nothing under these locks can panic half-way.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
