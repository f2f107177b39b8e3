//! `openclaw.node`: what the Node package needs of the Rust client.
//!
//! It converts and calls. Arguments, replies and failures cross as JSON text: to parse it in JavaScript is cheaper than to
//! build its objects from here. No thread but JavaScript's own ever touches a JavaScript value: what ends on a thread of the
//! runtime waits in the [`bridge`] until JavaScript's thread takes all of it at once.

mod bridge;
mod client;
mod error;
mod options;
mod response;
mod stream;

/// The version of the Rust client, which is that of the package.
#[napi_derive::napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
