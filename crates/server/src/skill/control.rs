//! Skills that steer the agent itself: in the catalogue like any other, carried out by whoever runs the agent.

use async_trait::async_trait;
use openclaw_core::SkillKind;

use super::catalogue::{Grant, Skill};

/// A skill whose tools the runner of agents carries out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Control {
    /// Spawns sub-agents and waits for them.
    AgentSpawn,
    /// Asks a person and waits for the answer.
    AskUser,
}

impl Control {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::AgentSpawn, Self::AskUser];

    /// The name to grant.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AgentSpawn => "agent_spawn",
            Self::AskUser => "ask_user",
        }
    }

    /// The tools that a model sees.
    pub const fn tools(self) -> &'static [&'static str] {
        match self {
            Self::AgentSpawn => &["agent_spawn", "agent_wait"],
            Self::AskUser => &["ask_user"],
        }
    }

    const fn description(self) -> &'static str {
        match self {
            Self::AgentSpawn => {
                "Spawns sub-agents for parts of the task, which work at the same time, and joins their results."
            }
            Self::AskUser => "Asks the person who spawned the agent, and waits for the answer.",
        }
    }
}

#[async_trait]
impl Skill for Control {
    fn entry(&self) -> openclaw_core::Skill {
        openclaw_core::Skill {
            name: self.name().into(),
            kind: SkillKind::Builtin,
            description: self.description().into(),
            tools: self.tools().iter().map(|&tool| tool.to_owned()).collect(),
            available: true,
            reason: None,
        }
    }

    async fn open(&self, _workspace: &str) -> Result<Grant, String> {
        Ok(Grant::Control(*self))
    }
}
