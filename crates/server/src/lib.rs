//! OpenClaw, a self-hosted gateway to LLM agents: the map of its rooms.
//!
//! Imports point one way, which `tests/it/tidy.rs` holds:
//! `core ← clock outbound tasks config ← store provider ← app ← service ← http ← cli ← main`.

pub mod clock;
pub mod config;
pub mod outbound;
pub mod provider;
pub mod tasks;
