//! The only place that reads environment variables and knows where home is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Environment variables: the process's own, or a test's.
#[derive(Clone)]
pub struct Environment(Arc<Lookup>);

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

impl Environment {
    /// The variables of this process.
    #[expect(clippy::disallowed_methods, reason = "this file is the door to the environment")]
    pub fn process() -> Self {
        Self::from_fn(|name| std::env::var(name).ok())
    }

    /// Variables that a function gives.
    pub fn from_fn(lookup: impl Fn(&str) -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// The value of a variable that is set; it may be empty.
    pub(in crate::config) fn get(&self, name: &str) -> Option<String> {
        (self.0)(name)
    }

    /// `OPENCLAW_BASE_URL`: the gateway that a client asks, if it is set.
    pub fn base_url(&self) -> Option<String> {
        self.get("OPENCLAW_BASE_URL").filter(|url| !url.is_empty())
    }

    /// `OPENCLAW_API_KEY`: the key that a client shows, if it is set.
    pub fn api_key(&self) -> Option<String> {
        self.get("OPENCLAW_API_KEY").filter(|key| !key.is_empty())
    }

    /// Whether colours are unwanted: `NO_COLOR` holds anything (<https://no-color.org>).
    pub fn no_color(&self) -> bool {
        self.get("NO_COLOR").is_some_and(|value| !value.is_empty())
    }

    /// OpenClaw's own folder: `OPENCLAW_HOME`, else `~/.openclaw`; absent if `HOME` is not set either.
    pub fn folder(&self) -> Option<PathBuf> {
        self.non_empty("OPENCLAW_HOME").or_else(|| Some(self.non_empty("HOME")?.join(".openclaw")))
    }

    /// A path with its leading `~/` replaced; `~/.openclaw` follows `OPENCLAW_HOME`. Absent if home is not known.
    pub fn expand(&self, path: &str) -> Option<PathBuf> {
        let Some(in_home) = path.strip_prefix("~/") else {
            return Some(PathBuf::from(path));
        };
        match Path::new(in_home).strip_prefix(".openclaw") {
            Ok(in_folder) => Some(self.folder()?.join(in_folder)),
            Err(_) => Some(self.non_empty("HOME")?.join(in_home)),
        }
    }

    fn non_empty(&self, name: &str) -> Option<PathBuf> {
        self.get(name).filter(|value| !value.is_empty()).map(PathBuf::from)
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Environment")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &'static [(&str, &str)]) -> Environment {
        Environment::from_fn(|name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn home_is_found_by_either_variable() {
        let plain = of(&[("HOME", "/home/ann")]);
        assert_eq!(plain.folder(), Some("/home/ann/.openclaw".into()));
        assert_eq!(plain.expand("~/.openclaw/a.db"), Some("/home/ann/.openclaw/a.db".into()));
        assert_eq!(plain.expand("~/data/a.db"), Some("/home/ann/data/a.db".into()));
        assert_eq!(plain.expand("~/.openclawed/a.db"), Some("/home/ann/.openclawed/a.db".into()));
        assert_eq!(plain.expand("data/~/a.db"), Some("data/~/a.db".into()));

        let moved = of(&[("HOME", "/home/ann"), ("OPENCLAW_HOME", "/var/lib/openclaw")]);
        assert_eq!(moved.folder(), Some("/var/lib/openclaw".into()));
        assert_eq!(moved.expand("~/.openclaw/a.db"), Some("/var/lib/openclaw/a.db".into()));
        assert_eq!(moved.expand("~/data/a.db"), Some("/home/ann/data/a.db".into()));

        let homeless = of(&[("HOME", "")]);
        assert_eq!(homeless.folder(), None);
        assert_eq!(homeless.expand("~/.openclaw/a.db"), None);
        assert_eq!(homeless.expand("/a.db"), Some("/a.db".into()));
    }
}
