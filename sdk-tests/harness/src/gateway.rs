//! The real gateway, in a process and a folder of its own.

use std::path::Path;
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use openclaw_client::{Client, CreateKeyRequest};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};

/// How long it may take to start: a machine that compiles beside it is slow.
const START_MAX: Duration = Duration::from_mins(1);
/// The root key, which makes a key for each scenario's workspace.
const ROOT_KEY: &str = "the-root-key-of-the-conformance-suite";
/// No limits of rate, and receivers on this machine are allowed.
const CONFIG: &str = "\
gateway: {api: {port: 0, auth: {secret: the-root-key-of-the-conformance-suite}, rate_limit: {requests_per_minute: 0}}}
outbound: {allow: [127.0.0.0/8]}
logging: {level: error}
";

/// A running gateway; it is killed when the value is dropped.
#[derive(Debug)]
pub struct Gateway {
    /// Its address, without a slash at the end.
    pub url: String,
    /// A client with the root key.
    pub root: Client,
    workspaces: AtomicU32,
    _child: Child,
    _folder: TempDir,
}

impl Gateway {
    /// Starts that program and waits until it listens.
    pub async fn start(program: &Path) -> Result<Self> {
        let folder = TempDir::new()?;
        let config = folder.path().join("config.yaml");
        std::fs::write(&config, CONFIG)?;
        let mut child = Command::new(program)
            .arg("serve")
            .env("HOME", folder.path())
            .env("OPENCLAW_HOME", folder.path())
            .env("OPENCLAW_CONFIG", &config)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{} does not start; `cargo build -p openclaw` makes it", program.display()))?;
        let mut output = BufReader::new(child.stdout.take().expect("it is piped"));
        let mut line = String::new();
        tokio::time::timeout(START_MAX, output.read_line(&mut line)).await.context("the gateway does not listen")??;
        let url = line.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.with_context(|| format!("the gateway ended before it listened: {line}"))?.to_owned();
        // Whatever more it says is read, so that it never waits for a reader.
        tokio::spawn(async move { output.read_to_end(&mut Vec::new()).await });
        let root = Client::builder().base_url(&url).api_key(ROOT_KEY).no_proxy().build()?;
        Ok(Self { url, root, workspaces: AtomicU32::new(0), _child: child, _folder: folder })
    }

    /// A key that may do everything in a workspace that nobody else has.
    pub async fn new_workspace(&self) -> Result<String> {
        let workspace = format!("conformance-{}", self.workspaces.fetch_add(1, Ordering::Relaxed));
        let request = CreateKeyRequest { name: workspace.clone(), workspace: Some(workspace), ..Default::default() };
        Ok(self.root.keys().create(request).await?.secret)
    }

    /// Turns that are being answered now.
    pub async fn turns_running(&self) -> Result<u64> {
        Ok(self.root.status().get().await?.turns_running)
    }
}
