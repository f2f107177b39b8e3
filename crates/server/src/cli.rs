//! The `openclaw` command line.

pub mod config;
