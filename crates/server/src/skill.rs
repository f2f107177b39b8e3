//! What agents may do: skills that are granted by name, and the tools they bring.
//!
//! To add a built-in skill: write `skill/<name>.rs` (its name holds a `_`) with a type that implements [`Tool`], and name
//! it in `catalogue/built.rs`. Its arguments are a struct whose doc comments the model reads (`arguments`); what is long
//! it gives in pieces (`excerpt`). Its bounds go into `config/skills.rs`, and what it may be trusted with into
//! `docs/skills.md`.
//!
//! Cast: [`Skills`] is the catalogue in force; `web_fetch`, `web_search`, `file_*` are built in; `folder` reads
//! `SKILL.md` folders; `mcp` asks MCP servers; a [`Control`] is carried out by whoever runs the agent. Order of events:
//! [`Skills::check`] at spawn; [`Skills::open`] when the agent starts gives its [`Toolbox`], which holds what was
//! granted and nothing else; [`Tool::call`].

mod arguments;
mod builtin;
mod catalogue;
mod control;
mod excerpt;
mod file_list;
mod file_read;
mod file_write;
mod folder;
mod html;
mod mcp;
mod toolbox;
mod web_fetch;
mod web_search;
mod workspace;

pub use catalogue::{SkillConfigError, SkillError, Skills, UnknownSkill};
pub use control::Control;
pub use toolbox::Toolbox;

use async_trait::async_trait;
use serde_json::{Map, Value};

use crate::provider::ToolDefinition;

/// What a model may call.
#[async_trait]
pub trait Tool: Send + Sync {
    /// What the model is told of it.
    fn definition(&self) -> &ToolDefinition;

    /// What it does to the world.
    fn effect(&self) -> Effect;

    /// Does it; dropping the future stops it, unless the tool says otherwise.
    async fn call(&self, call: &ToolInvocation) -> ToolOutput;
}

/// What a tool does to the world; decides what a crash in the middle means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Reads only: runs beside others, and again after a crash.
    ReadOnly,
    /// Changes something: runs alone, never again by itself; a call cut off is told to the model as interrupted.
    SideEffect,
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolInvocation {
    /// The agent that calls.
    pub agent_id: String,
    /// The workspace that it belongs to.
    pub workspace: String,
    /// `AGENT:CALL`, the same on every try: for receivers that can tell a repetition.
    pub idempotency_key: String,
    /// What the model wrote.
    pub arguments: Map<String, Value>,
}

/// What a tool answers; an error too is told to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOutput {
    /// Text for the model.
    pub content: String,
    /// Whether the call failed.
    pub is_error: bool,
    /// From outside (a page, a file, a server): shown to the model marked as data.
    pub untrusted: bool,
}

impl ToolOutput {
    /// The gateway's own words.
    pub fn new(content: impl Into<String>) -> Self {
        Self { content: content.into(), is_error: false, untrusted: false }
    }

    /// Words of others.
    pub fn untrusted(content: impl Into<String>) -> Self {
        Self { untrusted: true, ..Self::new(content) }
    }

    /// Why the call failed and what to do, in the gateway's own words.
    pub fn error(content: impl Into<String>) -> Self {
        Self { is_error: true, ..Self::new(content) }
    }
}
