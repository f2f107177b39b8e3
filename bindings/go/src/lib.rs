//! What the Go package needs of the Rust client, through the C interface that uniffi makes of it.
//!
//! It converts and calls. Arguments and replies stay JSON, so that a new method needs nothing here; `crates/gobind` prints
//! the Go that calls these functions into `internal/native`. The work is done on the runtime of `openclaw-client-ffi`: an
//! awaited function here waits for one channel, so that Go is woken once for each reply or batch.

mod client;
mod error;
mod options;
mod response;
mod stream;
mod webhook;

uniffi::setup_scaffolding!("native");

/// The version of the Rust client, which is that of the package.
#[uniffi::export]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
