//! The rules that types cannot say: what a value must look like, and what must fit together.
//!
//! A rule stands in the file of its section. It names the key and what to do, and never prints a value: the line of
//! the file is shown beside it, and a variable's value may be secret.

mod agents;
mod channels;
mod gateway;
mod models;
mod outbound;
mod range;
mod schedules;
mod skills;
mod storage;
mod webhooks;

use super::Config;
use super::environment::Environment;
use super::error::Problem;
use super::yaml::Node;

/// What the rules found.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) faults: Vec<Fault>,
    /// What is allowed but better changed.
    pub(super) warnings: Vec<String>,
}

/// A rule that is broken at a key.
#[derive(Debug)]
pub(super) struct Fault {
    path: String,
    message: String,
    help: Option<String>,
}

/// Applies every rule.
pub(super) fn check(config: &Config, environment: &Environment) -> Findings {
    let mut findings = Findings::default();
    range::check(config, &mut findings);
    gateway::check(&config.gateway, &mut findings);
    models::check_models(&config.models, &mut findings);
    models::check_providers(&config.providers, &mut findings);
    agents::check(&config.agents, &mut findings);
    storage::check_storage(&config.storage, environment, &mut findings);
    storage::check_logging(&config.logging, &mut findings);
    webhooks::check(config, &mut findings);
    channels::check(&config.channels, &mut findings);
    schedules::check(config, &mut findings);
    outbound::check(&config.outbound, &mut findings);
    skills::check(&config.skills, environment, &mut findings);
    findings
}

impl Fault {
    /// Points at the key in the file, or at the nearest section above it.
    pub(super) fn problem(self, tree: &Node) -> Problem {
        let problem = Problem::new(format!("`{}` {}", self.path, self.message)).at_node(tree.nearest(&self.path));
        match self.help {
            Some(help) => problem.help(help),
            None => problem,
        }
    }
}

impl Findings {
    /// A broken rule: the message goes on after the key, `must not be empty`.
    fn fault(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.faults.push(Fault { path: path.into(), message: message.into(), help: None });
    }

    /// A broken rule and what to do.
    fn fault_with_help(&mut self, path: impl Into<String>, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Fault { path: path.into(), message: message.into(), help: Some(help.into()) });
    }

    fn warn(&mut self, warning: impl Into<String>) {
        self.warnings.push(warning.into());
    }
}

/// Whether it is an `http` or `https` URL with a host.
fn is_http_url(url: &str) -> bool {
    url.parse::<http::Uri>().is_ok_and(|uri| {
        matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty())
    })
}

/// Whether it can be sent in an HTTP header as it is.
fn is_header_safe(credential: &str) -> bool {
    credential.bytes().all(|byte| byte.is_ascii_graphic())
}
