//! A provider as configured: the adapter of its vendor, and which models it serves.

use std::sync::Arc;
use std::time::Duration;

use super::anthropic::Anthropic;
use super::echo::{self, Echo};
use super::health::Health;
use super::openai::Openai;
use super::{Candidate, Provider, ProviderConfigError};
use crate::clock::Clock;
use crate::config::{ProviderConfig, ProviderKind};
use crate::outbound::Outbound;

/// A provider as configured.
pub(super) struct Entry {
    pub(super) name: Arc<str>,
    provider: Arc<dyn Provider>,
    /// The vendor whose family it serves by plain names.
    pub(super) family: Option<ProviderKind>,
    pub(super) models: Vec<String>,
    max_retries: u32,
    pub(super) health: Arc<Health>,
}

impl Entry {
    /// A provider as its section says; the error names the key within the section.
    pub(super) fn new(
        name: &str,
        config: &ProviderConfig,
        max_tokens: u32,
        outbound: &Outbound,
        clock: &Clock,
    ) -> Result<Self, ProviderConfigError> {
        let (outbound, clock) = (outbound.clone(), clock.clone());
        let by_name = if name == "anthropic" { ProviderKind::Anthropic } else { ProviderKind::Openai };
        let kind = config.r#type.unwrap_or(if name == echo::NAME { ProviderKind::Echo } else { by_name });
        let is_echo = kind == ProviderKind::Echo;
        if name == echo::NAME && !is_echo {
            return Err(ProviderConfigError::new("type", "the name `echo` is the built-in provider's; choose another"));
        }
        if !is_echo && config.base_url.is_none() && config.api_key.as_deref().is_none_or(str::is_empty) {
            return Err(ProviderConfigError::new("api_key", "the vendor asks for a key; set it, or set `base_url`"));
        }
        let mut models = config.models.clone();
        let (provider, family): (Arc<dyn Provider>, _) = match kind {
            ProviderKind::Anthropic => {
                (Arc::new(Anthropic::new(config, max_tokens, outbound, clock)?), Some(ProviderKind::Anthropic))
            }
            ProviderKind::Openai => {
                let openai = Openai::new(config, outbound, clock)?;
                let family = openai.is_official().then_some(ProviderKind::Openai);
                (Arc::new(openai), family)
            }
            ProviderKind::Echo => {
                if name == echo::NAME {
                    models.push(echo::NAME.to_owned());
                }
                (Arc::new(Echo::new(clock, Duration::from_secs(config.idle_timeout_seconds))), None)
            }
        };
        let (name, max_retries, health) = (name.into(), config.max_retries, Arc::default());
        Ok(Self { name, provider, family, models, max_retries, health })
    }

    /// `echo` without configuration. It is deterministic, so asking it again is of no use.
    pub(super) fn built_in(clock: &Clock) -> Self {
        let idle_timeout = Duration::from_secs(ProviderConfig::default().idle_timeout_seconds);
        Self {
            name: echo::NAME.into(),
            provider: Arc::new(Echo::new(clock.clone(), idle_timeout)),
            family: None,
            models: vec![echo::NAME.to_owned()],
            max_retries: 0,
            health: Arc::default(),
        }
    }

    /// One of its models, by the vendor's name for it.
    pub(super) fn candidate(&self, model: &str) -> Candidate {
        Candidate {
            name: Arc::clone(&self.name),
            provider: Arc::clone(&self.provider),
            model: self.provider.full_name(model).to_owned(),
            max_retries: self.max_retries,
            health: Arc::clone(&self.health),
        }
    }
}

/// The vendor whose models have such names.
pub(super) fn family_of(model: &str) -> Option<ProviderKind> {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| model.starts_with(prefix));
    if begins(&["claude-"]) {
        Some(ProviderKind::Anthropic)
    } else if begins(&["gpt-", "chatgpt-", "o1", "o3", "o4"]) {
        Some(ProviderKind::Openai)
    } else {
        None
    }
}
