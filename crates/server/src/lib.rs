//! OpenClaw, a self-hosted gateway to LLM agents: the map of its rooms.
//!
//! Imports point one way, which `tests/it/tidy.rs` holds:
//! `core ← calendar clock outbound tasks config metrics ← store provider format ← skill ← app ← service ← { http | webhook | agent | channel | schedule } ← cli ← main`.

pub mod agent;
pub mod app;
pub mod calendar;
pub mod channel;
pub mod cli;
pub mod clock;
pub mod config;
pub mod format;
pub mod http;
pub mod metrics;
pub mod outbound;
pub mod provider;
pub mod schedule;
pub mod service;
pub mod skill;
pub mod store;
pub mod tasks;
pub mod webhook;
