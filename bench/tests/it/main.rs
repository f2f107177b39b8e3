//! The bench's own tests: what measures others must be right itself.
#![expect(clippy::disallowed_methods, reason = "a tool's test spawns its own connections")]
#![expect(clippy::unwrap_used, reason = "a test's helper fails the test by it")]

mod load;
mod standin;
