//! The gateway, tried from outside: the real app in this process or the real program beside it, our own client as driver.
#![expect(
    clippy::disallowed_methods,
    clippy::case_sensitive_file_extension_comparisons,
    reason = "tests stand outside the house"
)]

mod authority;
mod database;
mod gateway;
mod program;

mod agent;
mod browser;
mod channel;
mod chat;
mod config;
mod contract;
mod crash;
mod disk;
mod documents;
mod failure;
mod fleet;
mod key;
mod limit;
mod outbound;
mod provider;
mod robot;
mod schedule;
mod session;
mod skill;
mod tidy;
mod webhook;
