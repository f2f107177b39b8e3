//! `openclaw._native`: what the Python package needs of the Rust client.
//!
//! It converts and calls. No thread but Python's own ever touches a Python object: a call that is waited for runs with the
//! GIL released, and what is awaited comes through a [`Bridge`](bridge::Bridge), which the event loop empties on its own
//! thread.

mod bridge;
mod client;
mod error;
mod options;
mod response;
mod stream;
mod webhook;

/// The native half of the OpenClaw client.
#[pyo3::pymodule]
mod _native {
    #[pymodule_export]
    use super::bridge::{Bridge, Pending};
    #[pymodule_export]
    use super::client::Client;
    #[pymodule_export]
    use super::response::Response;
    #[pymodule_export]
    use super::stream::Stream;
    #[pymodule_export]
    use super::webhook::{check_webhook, verify_webhook};

    /// The version of the Rust client, which is that of the package.
    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
