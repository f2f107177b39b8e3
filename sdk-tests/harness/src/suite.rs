//! All scenarios, put to all languages.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::gateway::Gateway;
use crate::grid::Grid;
use crate::judge::judge;
use crate::runner::Runner;
use crate::scenario::{self, Scenario};
use crate::vectors;

/// A language and the command that starts its runner.
#[derive(Debug)]
pub struct Language {
    /// Its name, as in `runners/` and in a scenario's `skip`.
    pub name: String,
    /// Program and arguments.
    pub command: Vec<String>,
}

/// Every scenario of a repository whose name holds the text, those made of the vectors last.
pub fn scenarios(repository: &Path, only: &str) -> Result<Vec<Scenario>> {
    let mut scenarios = scenario::read_all(&repository.join("sdk-tests/scenarios"))?;
    scenarios.extend(vectors::read(&repository.join("sdk-tests/vectors/webhook.json"))?);
    scenarios.retain(|scenario| scenario.name.contains(only));
    if scenarios.is_empty() {
        bail!("no scenario's name holds `{only}`");
    }
    Ok(scenarios)
}

/// Every language that has a runner in a repository; each folder of `bindings/` must have one.
pub fn languages(repository: &Path) -> Result<Vec<Language>> {
    let runners = repository.join("sdk-tests/runners");
    let names = folders(&runners)?;
    let bindings = repository.join("bindings");
    if bindings.is_dir()
        && let Some(missing) = folders(&bindings)?.into_iter().find(|name| !names.contains(name))
    {
        bail!("bindings/{missing} has no runner in sdk-tests/runners/{missing}");
    }
    let language = |name: String| {
        let run: PathBuf = runners.join(&name).join("run");
        if !run.is_file() {
            bail!("sdk-tests/runners/{name} has no file `run`");
        }
        Ok(Language { name, command: vec![run.display().to_string()] })
    };
    names.into_iter().map(language).collect()
}

/// Puts every scenario to every language.
pub async fn run(
    repository: &Path,
    scenarios: &[Scenario],
    languages: Vec<Language>,
    gateway: &Gateway,
) -> Result<Grid> {
    let mut grid = Grid::new(scenarios.iter().map(|scenario| scenario.name.clone()).collect());
    for Language { name, command } in languages {
        let environment =
            vec![("OPENCLAW_BASE_URL", gateway.url.clone()), ("OPENCLAW_API_KEY", gateway.new_workspace().await?)];
        let mut runner = Runner::new(command, repository, environment);
        let mut verdicts = Vec::new();
        for scenario in scenarios {
            verdicts.push(judge(scenario, &name, &mut runner, gateway).await);
        }
        let problem = runner.end().await.err().map(|problem| format!("{problem:#}"));
        grid.add(name, verdicts, problem);
    }
    Ok(grid)
}

fn folders(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("there is no {}", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            names.push(entry.file_name().into_string().ok().context("names of folders are text")?);
        }
    }
    names.sort();
    Ok(names)
}
