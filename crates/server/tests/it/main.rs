//! The gateway, tried from outside.

mod config;
