//! From the name that a caller asks for to the models that are asked, in order.
//!
//! A name is, in this order: an alias of `models.aliases`; `PROVIDER/model`; a model that a provider lists; a member of
//! a vendor's family (`claude-*`, `gpt-*`, …) where that vendor is configured; the built-in `echo`. Everything that the
//! configuration names is resolved at start, so a mistake there stops the gateway, not a caller.

use std::collections::BTreeMap;

use openclaw_core::{Model, ProviderStatus};

use super::anthropic::SHORT_NAMES;
use super::entry::{Entry, family_of};
use super::{Candidate, Plan, echo};
use crate::clock::Clock;
use crate::config::{Config, ModelsConfig, ProviderKind};
use crate::outbound::Outbound;

/// The least likeness (Jaro-Winkler) of a name that is offered in place of an unknown one.
const NEAR: f64 = 0.8;

/// The most characters of an unknown name that are looked at and told.
const ASKED_CHARACTERS_MAX: usize = 100;

/// The most names that are offered.
const NEAR_MAX: usize = 3;

/// Every provider of the configuration, and what their models are called.
pub struct Providers {
    entries: Vec<Entry>,
    models: ModelsConfig,
    fallbacks: Vec<Fallback>,
    clock: Clock,
}

/// The configuration asks for providers or models that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {message}")]
pub struct ProviderConfigError {
    /// The key at fault, such as `providers.anthropic.api_key`.
    pub key: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// No model has the name that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownModel {
    /// The name, cut after 100 characters.
    pub asked: String,
    /// Names like it, the nearest first; at most 3.
    pub near: Vec<String>,
    /// The lines to add to the configuration, if it is known whose model this is.
    pub hint: Option<String>,
}

struct Fallback {
    asked: String,
    stands_for: Candidate,
    instead: Vec<Candidate>,
}

impl Providers {
    /// The providers of a configuration; connects to none.
    pub fn new(config: &Config, outbound: &Outbound, clock: &Clock) -> Result<Self, ProviderConfigError> {
        let mut entries = Vec::new();
        for (name, provider) in &config.providers {
            let entry = Entry::new(name, provider, config.models.max_tokens, outbound, clock);
            entries.push(entry.map_err(|error| error.within(&format!("providers.{name}")))?);
        }
        if !config.providers.contains_key(echo::NAME) {
            entries.push(Entry::built_in(clock));
        }
        let mut providers =
            Self { entries, models: config.models.clone(), fallbacks: Vec::new(), clock: clock.clone() };
        providers.check_aliases()?;
        providers.get(&config.models.default).map_err(|unknown| unknown.at("models.default"))?;
        providers.fallbacks = providers.read_fallbacks()?;
        Ok(providers)
    }

    /// What to ask, in order, for a name; `None` stands for the configured default.
    pub fn resolve(&self, name: Option<&str>) -> Result<Plan, UnknownModel> {
        let asked = name.unwrap_or(&self.models.default);
        let first = self.get(asked)?;
        // A list for the very name asked for comes before one for the same model by another name.
        let by_name = self.fallbacks.iter().find(|fallback| fallback.asked == asked);
        let fallback = by_name.or_else(|| self.fallbacks.iter().find(|fallback| fallback.stands_for.is_same(&first)));
        let mut candidates = vec![first];
        candidates.extend(fallback.into_iter().flat_map(|fallback| fallback.instead.iter().cloned()));
        Ok(Plan::new(candidates, self.clock.clone()))
    }

    /// Every model that can be asked for by a name known here, sorted by it.
    pub fn list(&self) -> Vec<Model> {
        let mut models = BTreeMap::new();
        let mut offer = |id: &str, provider: &str, alias_of: Option<&String>| {
            models.entry(id.to_owned()).or_insert_with(|| Model {
                id: id.to_owned(),
                provider: provider.to_owned(),
                default: id == self.models.default,
                alias_of: alias_of.cloned(),
            });
        };
        for (alias, name) in &self.models.aliases {
            if let Some(candidate) = self.find(name) {
                offer(alias, &candidate.name, Some(name));
            }
        }
        for entry in &self.entries {
            for model in &entry.models {
                offer(model, &entry.name, None);
            }
        }
        for entry in self.entries.iter().filter(|entry| entry.family == Some(ProviderKind::Anthropic)) {
            for (short, _) in SHORT_NAMES {
                offer(short, &entry.name, None);
            }
        }
        if let Some(candidate) = self.find(&self.models.default) {
            offer(&self.models.default, &candidate.name, None);
        }
        models.into_values().collect()
    }

    /// How each provider's latest call ended.
    pub fn status(&self) -> Vec<ProviderStatus> {
        let status_of = |entry: &Entry| {
            let (health, checked_at) = entry.health.read();
            ProviderStatus { name: entry.name.to_string(), health, checked_at }
        };
        self.entries.iter().map(status_of).collect()
    }

    fn get(&self, asked: &str) -> Result<Candidate, UnknownModel> {
        self.find(asked).ok_or_else(|| self.unknown(asked))
    }

    fn find(&self, asked: &str) -> Option<Candidate> {
        let name = self.models.aliases.get(asked).map_or(asked, String::as_str);
        if let Some((provider, model)) = name.split_once('/')
            && let Some(entry) = self.entries.iter().find(|entry| *entry.name == *provider)
        {
            return (!model.is_empty()).then(|| entry.candidate(model));
        }
        let lists = |entry: &&Entry| entry.models.iter().any(|model| model == name);
        let serves = |entry: &&Entry| entry.family.is_some() && entry.family == family_of(name);
        let entry = self.entries.iter().find(lists).or_else(|| self.entries.iter().find(serves))?;
        Some(entry.candidate(name))
    }

    fn unknown(&self, asked: &str) -> UnknownModel {
        // A caller's name may be as long as a body; comparing it would cost, and repeating it helps nobody.
        let asked: String = asked.chars().take(ASKED_CHARACTERS_MAX).collect();
        let likeness = |id: String| (strsim::jaro_winkler(&asked, &id), id);
        let mut near: Vec<_> =
            self.list().into_iter().map(|model| likeness(model.id)).filter(|(likeness, _)| *likeness >= NEAR).collect();
        near.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near = near.into_iter().take(NEAR_MAX).map(|(_, id)| id).collect();
        UnknownModel { hint: hint(&asked), asked, near }
    }

    fn check_aliases(&self) -> Result<(), ProviderConfigError> {
        for (alias, name) in &self.models.aliases {
            let key = format!("models.aliases.{alias}");
            if self.models.aliases.contains_key(name) {
                let message = format!("`{name}` is itself an alias; name the model that it stands for");
                return Err(ProviderConfigError::new(key, message));
            }
            self.get(name).map_err(|unknown| unknown.at(key))?;
        }
        Ok(())
    }

    fn read_fallbacks(&self) -> Result<Vec<Fallback>, ProviderConfigError> {
        let read = |(asked, instead): (&String, &Vec<String>)| {
            let get = |name: &String| self.get(name).map_err(|unknown| unknown.at(format!("models.fallbacks.{asked}")));
            let instead = instead.iter().map(get).collect::<Result<_, _>>()?;
            Ok(Fallback { asked: asked.clone(), stands_for: get(asked)?, instead })
        };
        self.models.fallbacks.iter().map(read).collect()
    }
}

impl ProviderConfigError {
    pub(super) fn new(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { key: key.into(), message: message.into() }
    }

    fn within(self, section: &str) -> Self {
        Self { key: format!("{section}.{}", self.key), ..self }
    }
}

impl UnknownModel {
    fn at(self, key: impl Into<String>) -> ProviderConfigError {
        ProviderConfigError::new(key, self.to_string())
    }
}

impl std::fmt::Display for UnknownModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no model is called `{}`", self.asked)?;
        if !self.near.is_empty() {
            write!(f, "; near it: {}", self.near.join(", "))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "; to use it, add to the configuration:\n{hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownModel {}

/// The lines that make a known vendor's model available.
fn hint(asked: &str) -> Option<String> {
    let (name, variable) = match (asked.split_once('/'), family_of(asked)) {
        (Some(("anthropic", _)), _) | (None, Some(ProviderKind::Anthropic)) => ("anthropic", "ANTHROPIC_API_KEY"),
        (Some(("openai", _)), _) | (None, Some(ProviderKind::Openai)) => ("openai", "OPENAI_API_KEY"),
        _ => return None,
    };
    Some(format!("providers:\n  {name}:\n    api_key: ${{{variable}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ProviderConfig;
    use openclaw_core::Timestamp;

    fn section(lines: &[(&str, ProviderConfig)]) -> BTreeMap<String, ProviderConfig> {
        lines.iter().map(|(name, config)| ((*name).to_owned(), config.clone())).collect()
    }

    fn keyed() -> ProviderConfig {
        ProviderConfig { api_key: Some("sk-canary".into()), ..ProviderConfig::default() }
    }

    fn local(models: &[&str]) -> ProviderConfig {
        let models = models.iter().map(|&model| model.into()).collect();
        ProviderConfig { base_url: Some("http://localhost:11434/v1".into()), models, ..ProviderConfig::default() }
    }

    fn providers(config: &Config) -> Result<Providers, ProviderConfigError> {
        let clock = Clock::manual(Timestamp::default());
        Providers::new(config, &Outbound::new(&config.outbound, clock.clone()), &clock)
    }

    fn full() -> Config {
        let mut config = Config {
            providers: section(&[
                ("anthropic", keyed()),
                ("openai", keyed()),
                ("ollama", local(&["llama3", "meta-llama/Llama-3"])),
            ]),
            ..Config::default()
        };
        config.models.aliases = BTreeMap::from([("fast".into(), "openai/gpt-4o-mini".into())]);
        config.models.fallbacks = BTreeMap::from([
            ("claude-3-5-sonnet".into(), vec!["fast".into(), "echo".into()]),
            ("fast".into(), vec!["llama3".into()]),
        ]);
        config
    }

    fn plan(providers: &Providers, name: Option<&str>) -> Vec<(String, String)> {
        let plan = providers.resolve(name).expect("known");
        plan.candidates().map(|(provider, model)| (provider.to_owned(), model.to_owned())).collect()
    }

    #[test]
    fn a_name_resolves_by_the_table() {
        let providers = providers(&full()).expect("good");
        for (name, provider, model) in [
            ("fast", "openai", "gpt-4o-mini"),
            ("anthropic/claude-3-opus", "anthropic", "claude-3-opus-20240229"),
            ("anthropic/anything", "anthropic", "anything"),
            ("ollama/a/b:7", "ollama", "a/b:7"),
            ("llama3", "ollama", "llama3"),
            ("meta-llama/Llama-3", "ollama", "meta-llama/Llama-3"),
            ("claude-3-5-sonnet", "anthropic", "claude-3-5-sonnet-20241022"),
            ("claude-3-5-sonnet-latest", "anthropic", "claude-3-5-sonnet-latest"),
            ("claude-opus-4-20250514", "anthropic", "claude-opus-4-20250514"),
            ("gpt-4o", "openai", "gpt-4o"),
            ("o3-mini", "openai", "o3-mini"),
            ("echo", "echo", "echo"),
            ("echo/anything", "echo", "anything"),
        ] {
            let first = plan(&providers, Some(name)).swap_remove(0);
            assert_eq!(first, (provider.to_owned(), model.to_owned()), "{name}");
        }
        assert_eq!(plan(&providers, None)[0].0, "echo");
        for name in ["", "llama4", "gemini-pro", "openai/", "nobody/gpt-4o"] {
            assert!(providers.resolve(Some(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn fallbacks_follow_the_model_by_whatever_name() {
        let providers = providers(&full()).expect("good");
        let models = |name| plan(&providers, Some(name)).into_iter().map(|(_, model)| model).collect::<Vec<_>>();
        let sonnet = ["claude-3-5-sonnet-20241022", "gpt-4o-mini", "echo"];
        assert_eq!(models("claude-3-5-sonnet"), sonnet);
        assert_eq!(models("anthropic/claude-3-5-sonnet-20241022"), sonnet);
        assert_eq!(models("fast"), ["gpt-4o-mini", "llama3"]);
        assert_eq!(models("claude-3-opus"), ["claude-3-opus-20240229"]);
    }

    #[test]
    fn an_unknown_name_is_answered_with_near_ones_and_the_lines_to_add() {
        let bare = providers(&Config::default()).expect("good");
        let unknown = bare.resolve(Some("claude-3-5-sonnet")).err().expect("no vendor");
        let lines = "providers:\n  anthropic:\n    api_key: ${ANTHROPIC_API_KEY}";
        assert_eq!(unknown.hint.as_deref(), Some(lines));
        let unknown = bare.resolve(Some("openai/whatever")).err().expect("no vendor");
        assert!(unknown.hint.expect("a hint").contains("${OPENAI_API_KEY}"));
        let unknown = bare.resolve(Some("ecko")).err().expect("no such model");
        assert_eq!((unknown.near, unknown.hint), (vec!["echo".to_owned()], None));
        let unknown = providers(&full()).expect("good").resolve(Some("llama")).err().expect("no such model");
        assert_eq!(unknown.near[0], "llama3");
    }

    #[test]
    fn what_is_offered_is_listed_once_and_resolves() {
        let providers = providers(&full()).expect("good");
        let models = providers.list();
        let ids: Vec<_> = models.iter().map(|model| model.id.as_str()).collect();
        assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
        for id in ["echo", "fast", "llama3", "claude-3-5-sonnet"] {
            assert!(ids.contains(&id), "{id}");
        }
        assert!(models.iter().all(|model| providers.resolve(Some(&model.id)).is_ok()));
        assert_eq!(models.iter().filter(|model| model.default).count(), 1);
        let fast = models.iter().find(|model| model.id == "fast").expect("listed");
        assert_eq!((fast.provider.as_str(), fast.alias_of.as_deref()), ("openai", Some("openai/gpt-4o-mini")));
    }

    #[test]
    fn a_mistake_in_the_configuration_is_named_by_its_key() {
        let wrong = |key: &str, change: &dyn Fn(&mut Config)| {
            let mut config = full();
            change(&mut config);
            let error = providers(&config).err().expect(key);
            assert_eq!(error.key, key, "{error}");
            assert!(!error.to_string().contains("canary"));
        };
        wrong("models.default", &|config| config.models.default = "gemini".into());
        wrong("models.aliases.slow", &|config| drop(config.models.aliases.insert("slow".into(), "fast".into())));
        wrong("models.aliases.me", &|config| drop(config.models.aliases.insert("me".into(), "me".into())));
        wrong("models.aliases.no", &|config| drop(config.models.aliases.insert("no".into(), "nothing".into())));
        wrong("models.fallbacks.fast", &|config| {
            config.models.fallbacks.get_mut("fast").expect("there").push("x".into());
        });
        wrong("providers.openai.api_key", &|config| config.providers.get_mut("openai").expect("there").api_key = None);
        wrong("providers.openai.api_key", &|config| {
            config.providers.get_mut("openai").expect("there").api_key = Some("sk-canary\n".into());
        });
        wrong("providers.ollama.base_url", &|config| {
            config.providers.get_mut("ollama").expect("there").base_url = Some("localhost".into());
        });
        let openai = ProviderConfig { r#type: Some(ProviderKind::Openai), ..keyed() };
        wrong("providers.echo.type", &|config| drop(config.providers.insert("echo".into(), openai.clone())));
    }
}
