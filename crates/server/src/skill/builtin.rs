//! A skill that is part of the gateway and brings one tool, which has the skill's name.

use std::sync::Arc;

use async_trait::async_trait;
use openclaw_core::SkillKind;

use super::Tool;
use super::catalogue::{Grant, Skill};

/// A built-in skill.
pub(super) struct Builtin {
    tool: Result<Arc<dyn Tool>, Missing>,
}

/// What is known of a skill that the configuration leaves out.
struct Missing {
    name: &'static str,
    description: &'static str,
    reason: &'static str,
}

impl Builtin {
    /// A skill that can be granted.
    pub(super) fn new(tool: impl Tool + 'static) -> Self {
        Self { tool: Ok(Arc::new(tool)) }
    }

    /// A skill that cannot be granted, and what to do about it.
    pub(super) fn missing(name: &'static str, description: &'static str, reason: &'static str) -> Self {
        Self { tool: Err(Missing { name, description, reason }) }
    }
}

#[async_trait]
impl Skill for Builtin {
    fn entry(&self) -> openclaw_core::Skill {
        let (name, description, reason) = match &self.tool {
            Ok(tool) => (tool.definition().name.clone(), tool.definition().description.clone(), None),
            Err(missing) => (missing.name.into(), missing.description.into(), Some(missing.reason.to_owned())),
        };
        openclaw_core::Skill {
            tools: vec![name.clone()],
            name,
            kind: SkillKind::Builtin,
            description,
            available: reason.is_none(),
            reason,
        }
    }

    async fn open(&self, _workspace: &str) -> Result<Grant, String> {
        match &self.tool {
            Ok(tool) => Ok(Grant::Tools(vec![Arc::clone(tool)])),
            Err(missing) => Err(missing.reason.into()),
        }
    }
}
