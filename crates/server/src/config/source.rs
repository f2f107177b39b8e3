//! Where the configuration comes from, and the road from a file to a checked [`Config`].
//!
//! find the file → read its text → parse the YAML → replace variables → decode the types → check the rules.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::check::{self, Findings};
use super::environment::Environment;
use super::error::{ConfigError, Problem};
use super::{Config, decode, variable, yaml};

/// Which file to read, and whether it has to be there.
#[derive(Clone, Debug)]
pub struct Source {
    path: Option<PathBuf>,
    named_by: Option<&'static str>,
    environment: Environment,
}

/// A configuration that passed every check.
#[derive(Debug)]
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// The file that it was read from; absent: there is none, and every key has its default.
    pub path: Option<PathBuf>,
    /// What is allowed but better changed, a sentence each.
    pub warnings: Vec<String>,
    pub(super) text: Text,
}

/// A file's text, without keeping it: it may hold secrets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text(Option<u64>);

impl Text {
    pub(super) fn of(text: Option<&str>) -> Self {
        Self(text.map(|text| {
            let mut hasher = DefaultHasher::new();
            text.hash(&mut hasher);
            hasher.finish()
        }))
    }
}

impl Source {
    /// The file of `--config`, else of `OPENCLAW_CONFIG`, else `config.yaml` in OpenClaw's folder. Only the last may be missing.
    pub fn find(flag: Option<PathBuf>, environment: Environment) -> Self {
        let variable = || environment.get("OPENCLAW_CONFIG").filter(|path| !path.is_empty());
        let (path, named_by) = match flag {
            Some(path) => (Some(path), Some("--config")),
            None => match variable() {
                Some(path) => (environment.expand(&path), Some("OPENCLAW_CONFIG")),
                None => (environment.folder().map(|folder| folder.join("config.yaml")), None),
            },
        };
        Self { path, named_by, environment }
    }

    /// The file that is read if it is there.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Reads and checks the configuration.
    pub fn load(&self) -> Result<Loaded, ConfigError> {
        self.parse(self.read()?.as_deref())
    }

    /// The file's text; absent if there is no file and there need not be one.
    pub(super) fn read(&self) -> Result<Option<String>, ConfigError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        match read_text(path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => match self.named_by {
                None => Ok(None),
                Some(name) => Err(ConfigError::of_file(
                    &format!("there is no configuration file {}", path.display()),
                    Some(&format!("{name} names it: make the file, or name another")),
                )),
            },
            Err(error) => Err(ConfigError::of_file(&format!("cannot read {}: {error}", path.display()), None)),
        }
    }

    /// Checks a file's text.
    pub(super) fn parse(&self, text: Option<&str>) -> Result<Loaded, ConfigError> {
        let path = self.path.as_deref().filter(|_| text.is_some());
        let refuse = |problems: Vec<Problem>| ConfigError::new(path, text.unwrap_or_default(), problems);

        let mut tree = yaml::parse(text.unwrap_or_default()).map_err(|problem| refuse(vec![problem]))?;
        let mut problems = Vec::new();
        variable::expand(&mut tree, &self.environment, &mut problems);
        if !problems.is_empty() {
            return Err(refuse(problems));
        }
        let config: Config = decode::decode(&tree).map_err(|problem| refuse(vec![problem]))?;
        let Findings { faults, warnings } = check::check(&config, &self.environment);
        if !faults.is_empty() {
            return Err(refuse(faults.into_iter().map(|fault| fault.problem(&tree)).collect()));
        }
        Ok(Loaded { config, path: path.map(Path::to_owned), warnings, text: Text::of(text) })
    }
}

/// No configuration is this long; a wrong path may name anything.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

fn read_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let bytes = std::fs::File::open(path)?.take(TEXT_BYTES_MAX + 1).read_to_string(&mut text)?;
    if bytes as u64 > TEXT_BYTES_MAX {
        return Err(std::io::Error::other("it is longer than 1 MiB"));
    }
    Ok(text)
}
