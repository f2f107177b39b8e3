//! One scenario, put to one runner: its server is set up, its calls are made, what came of them is compared.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

use crate::gateway::Gateway;
use crate::matcher::mismatch;
use crate::reference::Known;
use crate::runner::{Outcome, Request, Runner};
use crate::scenario::{Arrived, ClientSettings, Expect, Scenario, Step};
use crate::standin::{Answer, Seen, StandIn};

/// How long a step that says `eventually` is asked again.
const EVENTUALLY_MAX: Duration = Duration::from_secs(5);
/// How long the server may take to notice that nobody reads any more.
const CLOSED_MAX: Duration = Duration::from_secs(1);
/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What a stand-in's clients call themselves.
const STANDIN_KEY: &str = "oc_api_sk_verysecretverysecret";
/// Calls that send nothing, so that they need no client.
const WITHOUT_CLIENT: [&str; 2] = ["verify_webhook", "webhook.verify"];

/// What came of a scenario in one language.
#[derive(Debug)]
pub enum Verdict {
    /// All as expected.
    Passed,
    /// Not asked, and why.
    Skipped(String),
    /// Not as expected.
    Failed(String),
}

/// Puts a scenario to a runner.
pub async fn judge(scenario: &Scenario, language: &str, runner: &mut Runner, gateway: &Gateway) -> Verdict {
    if let Some(reason) = scenario.skip.get(language) {
        return Verdict::Skipped(reason.clone());
    }
    match play(scenario, runner, gateway).await {
        Ok(None) => Verdict::Passed,
        Ok(Some(reason)) if reason.trim().is_empty() => Verdict::Failed("it was skipped without a reason".into()),
        Ok(Some(reason)) => Verdict::Skipped(reason),
        Err(problem) => Verdict::Failed(format!("{problem:#}")),
    }
}

/// Gives the reason if the runner skips it.
async fn play(scenario: &Scenario, runner: &mut Runner, gateway: &Gateway) -> Result<Option<String>> {
    let sink = StandIn::sink().await?;
    let mut known = Known { words: vec![("sink", sink.url.clone())], outcomes: Vec::new() };
    let standin = match &scenario.given {
        Some(given) => Some(StandIn::start(|url| answers(given, url)).await?),
        None => None,
    };
    let (url, key) = match &standin {
        Some(standin) => (standin.url.clone(), STANDIN_KEY.to_owned()),
        None => (gateway.url.clone(), gateway.new_workspace().await?),
    };
    known.words.extend([("server", url), ("key", key)]);
    for (number, step) in scenario.steps.iter().enumerate() {
        let outcome = make(scenario, step, runner, &mut known).await;
        let outcome = outcome.with_context(|| format!("step {number}, `{}`", step.call))?;
        if outcome.skip.is_some() {
            return Ok(outcome.skip);
        }
    }
    if let (Some(standin), Some(arrived)) = (&standin, &scenario.arrived) {
        compare_requests(arrived, &scenario.same_headers, &standin.seen(), &known)?;
    }
    nothing_open(standin.as_ref(), gateway).await?;
    Ok(None)
}

/// Answers may name the server that gives them.
fn answers(given: &[Answer], url: &str) -> Result<Vec<Answer>> {
    let known = Known { words: vec![("server", url.to_owned())], outcomes: Vec::new() };
    let mut answers = given.to_vec();
    for value in answers.iter_mut().flat_map(|answer| answer.headers.values_mut()) {
        let filled = known.fill(&json!(value))?;
        filled.as_str().context("a header is text")?.clone_into(value);
    }
    Ok(answers)
}

/// Makes a step's call, again and again if it may come out later, and notes what it gave.
async fn make(scenario: &Scenario, step: &Step, runner: &mut Runner, known: &mut Known) -> Result<Outcome> {
    let args = known.fill(&Value::Object(step.args.clone()))?;
    let args = args.as_object().expect("what is filled in keeps its form");
    let client = settings(step.client.as_ref().unwrap_or(&scenario.client), known)?;
    let client = (!WITHOUT_CLIENT.contains(&step.call.as_str())).then_some(&client);
    let begin = Instant::now();
    loop {
        let (call, options, page, take) = (&*step.call, &step.options, step.page, step.take);
        let response = step.expect.response.is_some();
        let asked = Instant::now();
        let outcome = runner.ask(Request { id: 0, call, args, client, options, page, take, response }).await?;
        if outcome.skip.is_some() {
            return Ok(outcome);
        }
        tells_no_secret(
            &outcome.log,
            &[client.and_then(|it| it.api_key.as_deref()), args.get("message").and_then(Value::as_str)],
        )?;
        match compare(&step.expect, &outcome, asked.elapsed(), known)? {
            None => {
                known.outcomes.push(noted(&outcome));
                return Ok(outcome);
            }
            Some(_) if step.eventually && begin.elapsed() < EVENTUALLY_MAX => tokio::time::sleep(LOOK_EVERY).await,
            Some(problem) => bail!(problem),
        }
    }
}

/// The settings as the runner gets them: with address and key, unless the environment is to say.
fn settings(settings: &ClientSettings, known: &Known) -> Result<ClientSettings> {
    let mut settings = settings.clone();
    if settings.from_environment {
        return Ok(settings);
    }
    for (setting, default) in [(&mut settings.base_url, "${server}"), (&mut settings.api_key, "${key}")] {
        let filled = known.fill(&json!(setting.as_deref().unwrap_or(default)))?;
        *setting = Some(filled.as_str().context("addresses and keys are text")?.to_owned());
    }
    Ok(settings)
}

/// What later steps may name: the reply's members, and the items.
fn noted(outcome: &Outcome) -> Value {
    let mut noted = match &outcome.returns {
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    if !outcome.items.is_null() {
        noted.insert("items".into(), outcome.items.clone());
    }
    noted.into()
}

fn compare(expect: &Expect, outcome: &Outcome, took: Duration, known: &Known) -> Result<Option<String>> {
    let nothing = json!({"$present": false});
    let text = expect.text.as_ref().map(|text| json!(text));
    let took = json!(u64::try_from(took.as_millis()).unwrap_or(u64::MAX));
    let pairs = [
        (Some(expect.error.as_ref().unwrap_or(&nothing)), &outcome.error, "error"),
        (expect.items.as_ref(), &outcome.items, "items"),
        (text.as_ref(), &json!(joined(&outcome.items)), "text"),
        (expect.returns.as_ref(), &outcome.returns, "returns"),
        (expect.response.as_ref(), &outcome.response, "response"),
        (expect.log.as_ref(), &outcome.log, "log"),
        (expect.elapsed_ms.as_ref(), &took, "elapsed_ms"),
    ];
    for (expected, found, place) in pairs {
        let Some(expected) = expected else { continue };
        if let Some(problem) = mismatch(&known.fill(expected)?, found, place) {
            return Ok(Some(problem));
        }
    }
    Ok(None)
}

/// Whatever is logged, neither a key nor what was said is.
fn tells_no_secret(log: &Value, secrets: &[Option<&str>]) -> Result<()> {
    let told = log.to_string();
    match secrets.iter().flatten().find(|secret| !secret.is_empty() && told.contains(**secret)) {
        Some(secret) => bail!("the log tells `{secret}`: {told}"),
        None => Ok(()),
    }
}

fn joined(items: &Value) -> String {
    let contents = items.as_array().into_iter().flatten().filter_map(|item| item["content"].as_str());
    contents.collect()
}

fn compare_requests(arrived: &[Arrived], same_headers: &[String], seen: &[Seen], known: &Known) -> Result<()> {
    let lines: Vec<&str> = seen.iter().map(|seen| seen.request.as_str()).collect();
    let expected: Vec<&str> = arrived.iter().map(|arrived| arrived.request.as_str()).collect();
    if lines != expected {
        bail!("the requests that arrived are {lines:?}, not {expected:?}");
    }
    let mut before = None;
    for (number, (arrived, seen)) in arrived.iter().zip(seen).enumerate() {
        let since = before.map_or(0, |before| seen.at.duration_since(before).as_millis());
        before = Some(seen.at);
        let since = json!(u64::try_from(since).unwrap_or(u64::MAX));
        let pairs = [
            (&arrived.query, &seen.query, "query"),
            (&arrived.headers, &seen.headers, "headers"),
            (&arrived.body, &seen.body, "body"),
            (&arrived.after_ms, &since, "after_ms"),
        ];
        for (expected, found, place) in pairs {
            let Some(expected) = expected else { continue };
            if let Some(problem) = mismatch(&known.fill(expected)?, found, place) {
                bail!("request {number}: {problem}");
            }
        }
    }
    for name in same_headers {
        let values: Vec<&Value> = seen.iter().map(|seen| &seen.headers[name.as_str()]).collect();
        if values.iter().any(|value| value.is_null() || *value != values[0]) {
            bail!("the header `{name}` is not one and the same in all requests: {values:?}");
        }
    }
    Ok(())
}

/// Waits until no answer is being given any more.
async fn nothing_open(standin: Option<&StandIn>, gateway: &Gateway) -> Result<()> {
    let begin = Instant::now();
    loop {
        let open = match standin {
            Some(standin) => standin.open() as u64,
            None => gateway.turns_running().await?,
        };
        if open == 0 {
            return Ok(());
        }
        if begin.elapsed() > CLOSED_MAX {
            bail!("{open} answers were still being given a second after all calls had ended");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
