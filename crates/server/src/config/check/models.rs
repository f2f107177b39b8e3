//! Rules of `models` and `providers`.

use std::collections::BTreeMap;

use super::{Findings, is_header_safe, is_http_url};
use crate::config::{ModelsConfig, ProviderConfig, ProviderKind};

pub(super) fn check_models(models: &ModelsConfig, findings: &mut Findings) {
    if models.default.is_empty() {
        findings.fault_with_help("models.default", "is empty", "name a model, or remove the key to take `echo`");
    }
    for (name, target) in &models.aliases {
        let path = format!("models.aliases.{name}");
        if name.is_empty() || target.is_empty() {
            findings.fault(path, "needs a name and a model");
        } else if let Some(circle) = circle(name, &models.aliases) {
            findings.fault_with_help(path, format!("leads back to itself: {circle}"), "let it end at a model");
        }
    }
    for (name, others) in &models.fallbacks {
        for (index, other) in others.iter().enumerate() {
            let path = format!("models.fallbacks.{name}[{index}]");
            if other.is_empty() {
                findings.fault(path, "is empty");
            } else if other == name {
                findings.fault(path, "is the model that failed already");
            }
        }
    }
}

pub(super) fn check_providers(providers: &BTreeMap<String, ProviderConfig>, findings: &mut Findings) {
    for (name, provider) in providers {
        let path = format!("providers.{name}");
        if name.is_empty() || name.contains(['/', ' ']) {
            findings.fault(&path, "needs a name without `/` and blanks: models are asked for as `NAME/model`");
        }
        if provider.models.iter().any(String::is_empty) {
            findings.fault(format!("{path}.models"), "holds an empty name");
        }
        if provider.base_url.as_deref().is_some_and(|url| !is_http_url(url)) {
            findings.fault_with_help(
                format!("{path}.base_url"),
                "is not an http:// or https:// URL",
                "such as http://localhost:11434/v1",
            );
        }
        check_key(&path, provider, findings);
        warn_of_vendor(name, provider, findings);
    }
}

fn check_key(path: &str, provider: &ProviderConfig, findings: &mut Findings) {
    let Some(key) = &provider.api_key else {
        return;
    };
    if key.is_empty() {
        findings.fault_with_help(format!("{path}.api_key"), "is empty", "give the vendor's key, or remove the line");
    } else if !is_header_safe(key) {
        findings.fault(
            format!("{path}.api_key"),
            "holds a blank, a line break or a character that is not ASCII, so no request can carry it",
        );
    }
}

/// A vendor's own address is taken for any provider without `base_url`, whatever its name.
fn warn_of_vendor(name: &str, provider: &ProviderConfig, findings: &mut Findings) {
    let is_builtin = name == "echo" || provider.r#type == Some(ProviderKind::Echo);
    if is_builtin || provider.base_url.is_some() {
        return;
    }
    if provider.r#type.is_none() && !matches!(name, "anthropic" | "openai") {
        findings.warn(format!("providers.{name} has neither type nor base_url, so OpenAI's own address is asked"));
    } else if provider.api_key.is_none() {
        findings.warn(format!("providers.{name} has no api_key; its vendor refuses requests without one"));
    }
}

/// The way from an alias back to itself, if there is one; told of the first of its names only.
fn circle(start: &str, aliases: &BTreeMap<String, String>) -> Option<String> {
    let mut way = vec![start];
    let mut name = aliases.get(start)?;
    while way.len() <= aliases.len() {
        way.push(name);
        if name == start {
            return (way.iter().min() == Some(&start)).then(|| way.join(" → "));
        }
        name = aliases.get(name)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_circle_is_told_from_a_way_into_one() {
        let aliases: BTreeMap<String, String> = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "gpt-4o"), ("e", "e")]
            .map(|(name, target)| (name.to_owned(), target.to_owned()))
            .into();
        assert_eq!(circle("a", &aliases), None);
        assert_eq!(circle("b", &aliases).as_deref(), Some("b → c → b"));
        assert_eq!(circle("c", &aliases), None);
        assert_eq!(circle("d", &aliases), None);
        assert_eq!(circle("e", &aliases).as_deref(), Some("e → e"));
    }
}
