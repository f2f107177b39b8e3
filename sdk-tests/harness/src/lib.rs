//! Holds every SDK to the same scenarios: plays the server, judges, prints the grid.
//!
//! `scenario` and `vectors` read what is to be shown; `standin` and `gateway` are the servers; `runner` is a language's
//! process; `judge` puts one scenario to one runner; `suite` does so with all of them; `grid` is what comes of it. `soak` is a test of its own: of the Rust client, at length.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool beside the gateway: it measures real time and spawns its own tasks, so the gateway's doors are not its"
)]

pub mod gateway;
pub mod grid;
pub mod judge;
pub mod matcher;
pub mod reference;
pub mod runner;
pub mod scenario;
pub mod soak;
pub mod standin;
pub mod suite;
mod vectors;
