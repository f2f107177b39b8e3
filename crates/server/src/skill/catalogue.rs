//! The catalogue of skills: what there is, what may be granted, and the opening of what was.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use async_trait::async_trait;
use futures_util::future::try_join_all;

use super::folder::{OpenedFolder, Shelf};
use super::{Control, Tool, Toolbox};
use crate::clock::Clock;
use crate::config::Config;
use crate::outbound::Outbound;
use crate::tasks::Tasks;

mod approvals;
mod built;

/// The least likeness (Jaro-Winkler) of a name that is offered in place of an unknown one.
const NEAR: f64 = 0.8;

/// The most names that are offered.
const NEAR_MAX: usize = 3;

/// The most characters of an unknown name that are told.
const ASKED_CHARACTERS_MAX: usize = 100;

/// Every skill there is; clones share them.
#[derive(Clone)]
pub struct Skills(Arc<Catalogue>);

struct Catalogue {
    /// What is built in, and the MCP servers.
    fixed: BTreeMap<String, Arc<dyn Skill>>,
    shelf: Arc<Shelf>,
    output_bytes_max: usize,
    tasks: Tasks,
}

/// What may be granted by name.
#[async_trait]
pub(super) trait Skill: Send + Sync {
    /// Its line in the catalogue.
    fn entry(&self) -> openclaw_core::Skill;

    /// What it brings to an agent of a workspace, or why it cannot.
    async fn open(&self, workspace: &str) -> Result<Grant, String>;
}

/// What a skill brings.
pub(super) enum Grant {
    /// Tools.
    Tools(Vec<Arc<dyn Tool>>),
    /// Something that the runner carries out.
    Control(Control),
    /// Instructions to read.
    Folder(OpenedFolder),
}

/// The configuration asks for skills that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct SkillConfigError {
    /// The key at fault, such as `skills.mcp.files`.
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A name that cannot be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownSkill {
    /// The name, cut after 100 characters.
    pub name: String,
    /// Names like it, the nearest first; at most 3.
    pub near: Vec<String>,
    /// Why a known skill is not available.
    pub reason: Option<String>,
}

/// A granted skill cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the skill `{skill}` is not available: {message}")]
pub struct SkillError {
    /// Its name.
    pub skill: String,
    /// Why, and what to do.
    pub message: String,
}

impl Skills {
    /// The skills of a configuration; starts no server.
    pub fn new(config: &Config, outbound: &Outbound, clock: &Clock, tasks: &Tasks) -> Result<Self, SkillConfigError> {
        let config = &config.skills;
        let fixed: BTreeMap<_, _> = built::skills(config, outbound, clock, tasks)
            .into_iter()
            .map(|skill| (skill.entry().name, skill))
            .collect();
        approvals::check(config, fixed.values().flat_map(|skill| skill.entry().tools))?;
        let shelf = Shelf::new(config.folder_paths(), clock.clone(), tasks);
        let output_bytes_max = config.output_bytes_max;
        Ok(Self(Arc::new(Catalogue { fixed, shelf, output_bytes_max, tasks: tasks.clone() })))
    }

    /// Every skill, sorted by name; those that cannot be granted too, with the reason.
    pub fn list(&self) -> Vec<openclaw_core::Skill> {
        let mut entries: Vec<_> = self.0.fixed.values().map(|skill| skill.entry()).collect();
        entries.extend(self.0.shelf.all().iter().map(Skill::entry));
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        entries
    }

    /// Whether all of these can be granted; the first that cannot is told.
    pub fn check(&self, names: &[String]) -> Result<(), UnknownSkill> {
        names.iter().try_for_each(|name| self.0.get(name).map(|_| ()))
    }

    /// Opens what an agent was granted; MCP servers are started and asked for their tools here.
    pub async fn open(&self, names: &[String], workspace: &str) -> Result<Toolbox, SkillError> {
        // A name that is given twice is granted once.
        let names: BTreeSet<_> = names.iter().collect();
        let opening = names.into_iter().map(|name| async move {
            let failed = |message| SkillError { skill: name.clone(), message };
            let skill = self.0.get(name).map_err(|unknown| failed(unknown.to_string()))?;
            skill.open(workspace).await.map_err(failed)
        });
        let grants = try_join_all(opening).await?;
        Ok(Toolbox::new(grants, self.0.output_bytes_max, &self.0.tasks))
    }
}

impl Catalogue {
    fn get(&self, name: &str) -> Result<Arc<dyn Skill>, UnknownSkill> {
        let fixed = self.fixed.get(name).map(Arc::clone);
        let found = fixed.or_else(|| Some(Arc::new(self.shelf.find(name)?) as Arc<dyn Skill>));
        let skill = found.ok_or_else(|| self.unknown(name))?;
        let entry = skill.entry();
        if entry.available {
            return Ok(skill);
        }
        Err(UnknownSkill { name: entry.name, near: Vec::new(), reason: entry.reason })
    }

    fn unknown(&self, name: &str) -> UnknownSkill {
        let name: String = name.chars().take(ASKED_CHARACTERS_MAX).collect();
        let folders = self.shelf.all().into_iter().map(|skill| skill.entry().name);
        let known = self.fixed.keys().cloned().chain(folders);
        let mut near: Vec<_> = known.map(|known| (strsim::jaro_winkler(&name, &known), known)).collect();
        near.retain(|(likeness, _)| *likeness >= NEAR);
        near.sort_by(|left, right| right.0.total_cmp(&left.0));
        let near = near.into_iter().take(NEAR_MAX).map(|(_, known)| known).collect();
        UnknownSkill { name, near, reason: None }
    }
}

impl std::fmt::Display for UnknownSkill {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.reason, self.near.as_slice()) {
            (Some(reason), _) => write!(f, "the skill `{}` is not available: {reason}", self.name),
            (None, []) => write!(f, "there is no skill `{}`; GET /api/v1/skills lists them", self.name),
            (None, near) => write!(f, "there is no skill `{}`; did you mean `{}`?", self.name, near.join("`, `")),
        }
    }
}

impl std::error::Error for UnknownSkill {}
