//! What the clients of other languages share, so that each has only to convert and to call.
//!
//! Cast: a [`Client`] is one gateway and one key. A call names an [operation](OPERATIONS) and hands its arguments over as
//! one JSON object; its reply is the JSON that came, its failure a flat [`ErrorRecord`]. A streamed call is a [`Pump`]:
//! it reads ahead within bounds, and its consumer takes all that has arrived in one crossing of the language border.
//!
//! All of it runs on a small runtime of its own. A process made by `fork` gets a new one, and new connections, at its first
//! call: the threads of the old one do not exist there. No function here calls back into a language, except through the
//! closures that were handed over, which run on a thread of the runtime.

mod batch;
mod client;
mod error;
mod fork;
mod log;
mod operation;
mod options;
mod pace;
mod pump;
mod runtime;

pub use client::{Cancel, Client, RawReply, Settings};
pub use error::{ErrorKind, ErrorRecord};
pub use openclaw_client::HttpResponse;
pub use openclaw_client::raw::LogLevel;
pub use openclaw_core::{Timestamp, webhook};
pub use operation::{OPERATIONS, Operation};
pub use options::CallOptions;
pub use pump::{Pump, Taken};
