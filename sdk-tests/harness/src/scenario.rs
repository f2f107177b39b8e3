//! Scenario files: what each holds, read strictly, so that a slip in one fails instead of checking nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::standin::Answer;

/// One file of `scenarios/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "for who reads the file; it must be there")]
    about: String,
    scenarios: Vec<Scenario>,
}

/// Calls made one after the other, and what must come of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What is shown, as a sentence; given once in all files.
    pub name: String,
    /// What the stand-in answers, in order; absent: the calls go to the real gateway.
    #[serde(default)]
    pub given: Option<Vec<Answer>>,
    /// How the client of every step is built, besides its address and key.
    #[serde(default)]
    pub client: ClientSettings,
    /// The calls.
    pub steps: Vec<Step>,
    /// The requests that the stand-in must have seen, these and no others.
    #[serde(default)]
    pub arrived: Option<Vec<Arrived>>,
    /// Headers that every request must have carried with one and the same value.
    #[serde(default)]
    pub same_headers: Vec<String>,
    /// Languages that this cannot be asked of, and why.
    #[serde(default)]
    pub skip: BTreeMap<String, String>,
}

/// How a client is built; what is absent is the SDK's default.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// Take address and key from the environment: neither is handed over.
    #[serde(default, skip_serializing)]
    pub from_environment: bool,
    /// In place of the address that the scenario's server has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// In place of the scenario's own key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// The longest that a call may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// The longest silence of a stream, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_timeout_ms: Option<u64>,
    /// How often to try again at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// Headers of every request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// How much of the log to hear: `debug` or `info`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log: Option<String>,
}

/// One call.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Resource and method, such as `sessions.get`.
    pub call: String,
    /// Arguments by their names on the wire.
    #[serde(default)]
    pub args: Map<String, Value>,
    /// In place of the scenario's `client`.
    #[serde(default)]
    pub client: Option<ClientSettings>,
    /// How this call is to go.
    #[serde(default)]
    pub options: CallOptions,
    /// Of a list: one page, not all rows.
    #[serde(default)]
    pub page: bool,
    /// Of a list or stream: stop after that many items, and close it.
    #[serde(default)]
    pub take: Option<usize>,
    /// Make the call again until it comes out as expected, for 5 seconds.
    #[serde(default)]
    pub eventually: bool,
    /// What must come of it.
    pub expect: Expect,
}

/// The options of one call; what is absent is as the client was built.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CallOptions {
    /// The longest that it may take, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How often to try again at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_retries: Option<u32>,
    /// Its name, in place of a random one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// Headers of this call.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// What must come of a call; each member is matched as [`crate::matcher`] says.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The reply; of a stream, the whole reply after its last chunk.
    #[serde(default)]
    pub returns: Option<Value>,
    /// The rows of a list, the chunks or events of a stream.
    #[serde(default)]
    pub items: Option<Value>,
    /// The `content` of all items, joined.
    #[serde(default)]
    pub text: Option<String>,
    /// The failure; absent: there must be none.
    #[serde(default)]
    pub error: Option<Value>,
    /// What the answer told beside its body: it is asked for if this is here.
    #[serde(default)]
    pub response: Option<Value>,
    /// What the client logged, in order, at the level of `client.log`.
    #[serde(default)]
    pub log: Option<Value>,
    /// How long it took, in milliseconds.
    #[serde(default)]
    pub elapsed_ms: Option<Value>,
}

/// A request that the stand-in must have seen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arrived {
    /// Method and path, such as `GET /api/v1/models`.
    pub request: String,
    /// The parameters of the query, by name.
    #[serde(default)]
    pub query: Option<Value>,
    /// Headers, by their names in lower case.
    #[serde(default)]
    pub headers: Option<Value>,
    /// The body as JSON.
    #[serde(default)]
    pub body: Option<Value>,
    /// Milliseconds since the request before it.
    #[serde(default)]
    pub after_ms: Option<Value>,
}

/// Reads every file of a folder, in the order of their names.
pub fn read_all(folder: &Path) -> Result<Vec<Scenario>> {
    let entries = fs::read_dir(folder).with_context(|| format!("no scenarios in {}", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    let mut scenarios = Vec::new();
    for path in paths {
        let text = fs::read_to_string(&path)?;
        let file: File = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        for scenario in file.scenarios {
            check(&scenario).with_context(|| format!("{}: `{}`", path.display(), scenario.name))?;
            scenarios.push(scenario);
        }
    }
    let mut names = BTreeSet::new();
    for scenario in &scenarios {
        if !names.insert(&scenario.name) {
            bail!("two scenarios are called `{}`", scenario.name);
        }
    }
    Ok(scenarios)
}

/// What the types cannot say.
fn check(scenario: &Scenario) -> Result<()> {
    if scenario.name.is_empty() || scenario.steps.is_empty() {
        bail!("a name and a step are needed");
    }
    if scenario.given.is_some() != scenario.arrived.is_some() {
        bail!("`given` and `arrived` belong together: who scripts answers says which requests must come");
    }
    if !scenario.same_headers.is_empty() && scenario.arrived.is_none() {
        bail!("`same_headers` is about the requests of `arrived`");
    }
    for step in &scenario.steps {
        let expect = &step.expect;
        let says_something = expect.returns.is_some()
            || expect.items.is_some()
            || expect.text.is_some()
            || expect.error.is_some()
            || expect.response.is_some()
            || expect.log.is_some()
            || expect.elapsed_ms.is_some()
            || scenario.arrived.is_some();
        if !says_something {
            bail!("the step `{}` expects nothing, so it cannot fail", step.call);
        }
        if step.page && step.take.is_some() {
            bail!("the step `{}` asks for a page and for single items", step.call);
        }
    }
    if scenario.skip.values().any(|reason| reason.trim().is_empty()) {
        bail!("a skip needs its reason");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Scenario>> {
        let folder = tempfile::tempdir()?;
        let file = format!(r#"{{"about": "a test", "scenarios": [{text}]}}"#);
        fs::write(folder.path().join("one.json"), file)?;
        read_all(folder.path())
    }

    #[test]
    fn a_slip_in_a_file_is_told() {
        let good = r#"{"name": "a", "steps": [{"call": "status.get", "expect": {"returns": {}}}]}"#;
        assert_eq!(read(good).expect("it is good").len(), 1);
        for (bad, told) in [
            (format!("{good}, {good}"), "two scenarios"),
            (good.replace("returns", "retruns"), "retruns"),
            (good.replace("\"expect\"", "\"takes\": 1, \"expect\""), "takes"),
            (good.replace("\"returns\": {}", ""), "cannot fail"),
            (good.replace("\"steps\"", "\"given\": [], \"steps\""), "belong together"),
            (good.replace("\"steps\"", "\"skip\": {\"go\": \" \"}, \"steps\""), "reason"),
        ] {
            let error = format!("{:#}", read(&bad).expect_err(&bad));
            assert!(error.contains(told), "{error}");
        }
    }
}
