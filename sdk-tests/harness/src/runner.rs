//! A language's runner: a process that is asked a line and answers a line.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::scenario::{CallOptions, ClientSettings};

/// The longest that a call may take: well over the slowest scenario, and over an interpreter's start.
const ANSWER_MAX: Duration = Duration::from_mins(1);

/// What a runner is asked.
#[derive(Debug, Serialize)]
pub struct Request<'a> {
    /// To be given back.
    pub id: u64,
    /// Resource and method.
    pub call: &'a str,
    /// Its arguments.
    pub args: &'a Map<String, Value>,
    /// How to build the client; absent for what sends nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<&'a ClientSettings>,
    /// The options of this call.
    pub options: &'a CallOptions,
    /// One page of a list.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub page: bool,
    /// So many items and no more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub take: Option<usize>,
    /// With what the answer told beside its body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub response: bool,
}

/// What it answers; an absent member is `null`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    id: u64,
    /// The reply.
    #[serde(default)]
    pub returns: Value,
    /// Rows, chunks or events.
    #[serde(default)]
    pub items: Value,
    /// The failure.
    #[serde(default)]
    pub error: Value,
    /// What the answer told beside its body.
    #[serde(default)]
    pub response: Value,
    /// What the client logged.
    #[serde(default)]
    pub log: Value,
    /// Why this language cannot be asked this.
    #[serde(default)]
    pub skip: Option<String>,
}

/// A running runner; it is killed when the value is dropped.
#[derive(Debug)]
pub struct Runner {
    command: Vec<String>,
    environment: Vec<(&'static str, String)>,
    folder: PathBuf,
    process: Option<Process>,
    asked: u64,
}

#[derive(Debug)]
struct Process {
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Runner {
    /// A command that is started in that folder when it is first asked.
    pub fn new(command: Vec<String>, folder: &Path, environment: Vec<(&'static str, String)>) -> Self {
        Self { command, environment, folder: folder.to_owned(), process: None, asked: 0 }
    }

    /// Makes a call. After a failure of the runner itself, the next call starts it anew.
    pub async fn ask(&mut self, mut request: Request<'_>) -> Result<Outcome> {
        self.asked += 1;
        request.id = self.asked;
        let mut process = match self.process.take() {
            Some(process) => process,
            None => self.start()?,
        };
        let outcome = tokio::time::timeout(ANSWER_MAX, process.ask(&request)).await.context("the runner hangs")??;
        if outcome.id != request.id {
            bail!("the runner answered request {} when it was asked {}", outcome.id, request.id);
        }
        self.process = Some(process);
        Ok(outcome)
    }

    /// Closes its input and waits for its end, which must be a good one.
    pub async fn end(mut self) -> Result<()> {
        let Some(Process { mut child, input, .. }) = self.process.take() else { return Ok(()) };
        drop(input);
        let status = tokio::time::timeout(ANSWER_MAX, child.wait()).await.context("the runner does not end")??;
        if status.success() { Ok(()) } else { bail!("the runner ended with {status}") }
    }

    fn start(&self) -> Result<Process> {
        let (program, arguments) = self.command.split_first().context("a runner needs a command")?;
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(&self.folder)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("the runner `{program}` does not start"))?;
        let input = child.stdin.take().expect("it is piped");
        let output = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        Ok(Process { child, input, output })
    }
}

impl Process {
    async fn ask(&mut self, request: &Request<'_>) -> Result<Outcome> {
        let mut line = serde_json::to_vec(request)?;
        line.push(b'\n');
        self.input.write_all(&line).await.context("the runner no longer listens")?;
        self.input.flush().await?;
        let answer = self.output.next_line().await?.context("the runner ended without an answer")?;
        serde_json::from_str(&answer).with_context(|| format!("the runner's answer is not as agreed: {answer}"))
    }
}
