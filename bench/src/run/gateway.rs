//! The gateway under test: its configuration, and how fast it starts.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::process::{self, Process};

/// The root key that every benchmark's gateway has.
pub(crate) const ROOT_KEY: &str = "bench-root-key-0123456789abcdef";

/// The secret of every endpoint.
pub(crate) const WEBHOOK_SECRET: &str = "bench-webhook-secret-0123456789abcdef";

/// How long the gateway may take to answer its first probe.
const START_MAX: Duration = Duration::from_mins(1);

/// Which gateway, set up how.
#[derive(Clone, Debug)]
pub(crate) struct GatewaySetup {
    pub(crate) program: PathBuf,
    synchronous: String,
    endpoints: Vec<(String, &'static str)>,
    events_days: u32,
    agents: u32,
    /// A database in place of a file.
    database: Option<String>,
}

/// A gateway that answered its first probe.
#[derive(Debug)]
pub(crate) struct StartedGateway {
    pub(crate) process: Process,
    pub(crate) address: SocketAddr,
    /// From the start of the process to the first 200.
    pub(crate) start_up: Duration,
}

impl GatewaySetup {
    pub(crate) fn new(program: PathBuf, synchronous: &str) -> Self {
        Self {
            program,
            synchronous: synchronous.to_owned(),
            endpoints: Vec::new(),
            events_days: 30,
            agents: 64,
            database: None,
        }
    }

    /// The same with endpoints: each a URL and the events it is told of, as they stand in a YAML list.
    pub(crate) fn with_endpoints(&self, endpoints: Vec<(String, &'static str)>) -> Self {
        Self { endpoints, ..self.clone() }
    }

    /// The same, keeping events for so many days.
    pub(crate) fn keeping_events(&self, events_days: u32) -> Self {
        Self { events_days, ..self.clone() }
    }

    /// The same, running so many agents at once.
    pub(crate) fn running_agents(&self, agents: u32) -> Self {
        Self { agents, ..self.clone() }
    }

    /// The same on a PostgreSQL database, which several may share.
    pub(crate) fn on_database(&self, url: &str) -> Self {
        Self { database: Some(url.to_owned()), ..self.clone() }
    }

    /// What it says of itself, and how it is set up.
    pub(crate) fn describe(&self) -> String {
        let output = Command::new(&self.program).arg("--version").output();
        let version = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
        let version = version.unwrap_or_else(|error| error.to_string());
        format!("{version}, storage.synchronous: {}, no rate limit, else defaults", self.synchronous)
    }

    /// Starts it in a folder on those cores, with the stand-in, if any, as its vendor; a second start finds the first
    /// one's database.
    pub(crate) fn start(
        &self,
        folder: &Path,
        standin: Option<SocketAddr>,
        cores: &[usize],
    ) -> io::Result<StartedGateway> {
        std::fs::create_dir_all(folder)?;
        let address = process::free_address()?;
        let config = folder.join("config.yaml");
        std::fs::write(&config, self.config(folder, standin, address.port()))?;
        let config = config.to_str().ok_or_else(|| io::Error::other("the folder's name is not UTF-8"))?;
        let log = folder.join("gateway.log");
        let begin = Instant::now();
        let process = Process::start(&self.program, &["--config", config, "serve"], cores, &log)?;
        while !answers(address) {
            if begin.elapsed() > START_MAX {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(io::Error::other(format!(
                    "the gateway gave no 200 on /healthz within {START_MAX:?}:\n{log}"
                )));
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Ok(StartedGateway { process, address, start_up: begin.elapsed() })
    }

    fn config(&self, folder: &Path, standin: Option<SocketAddr>, port: u16) -> String {
        let file = || format!("sqlite:{}", folder.join("openclaw.db").display());
        let storage = self.database.clone().unwrap_or_else(file);
        let mut config = format!(
            "gateway:\n  api:\n    port: {port}\n    auth:\n      secret: {ROOT_KEY}\n    rate_limit:\n      requests_per_minute: 0\n\
             storage:\n  url: \"{storage}\"\n  synchronous: {}\n  retention: {{events_days: {}}}\n\
             agents:\n  concurrency_max: {}\nskills:\n  workspace_dir: \"{}\"\n",
            self.synchronous,
            self.events_days,
            self.agents,
            folder.join("workspace").display(),
        );
        if let Some(standin) = standin {
            let vendor = format!("providers:\n  anthropic:\n    api_key: sk-standin\n    base_url: http://{standin}\n");
            config.push_str(&vendor);
        }
        let endpoint = |(url, events): &(String, &str)| {
            format!("    - {{url: \"{url}\", events: {events}, secret: {WEBHOOK_SECRET}}}\n")
        };
        if !self.endpoints.is_empty() {
            config.push_str("webhooks:\n  endpoints:\n");
        }
        config.extend(self.endpoints.iter().map(endpoint));
        config
    }
}

/// Whether the health probe says 200.
fn answers(address: SocketAddr) -> bool {
    let probe = || -> io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(1)))?;
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head == *b"HTTP/1.1 200")
    };
    probe().unwrap_or(false)
}
