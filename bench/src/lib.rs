//! Stand-ins for the vendors of models and for chat robots, and what measures the gateway against them.
//!
//! The server's tests use [`standin`], [`robot`] and [`telegram`]; `openclaw-bench run` and `kill` use the rest too.
#![expect(
    clippy::disallowed_methods,
    reason = "a tool beside the gateway: it measures real time and spawns its own tasks, so the gateway's doors are not its"
)]

pub mod kill;
mod listen;
pub mod load;
pub mod process;
pub mod proxy;
pub mod receiver;
pub mod robot;
pub mod run;
pub mod standin;
pub mod telegram;
