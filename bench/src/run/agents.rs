//! Agents of instant steps beside LangGraph, each step durable before the next, and what a waiting agent weighs.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::RunOptions;
use super::gateway::{GatewaySetup, ROOT_KEY};
use super::machine::Cores;
use super::peer::{self, Peer};
use super::rounds::median;
use super::table::{Table, number};
use crate::load::Connection;
use crate::process;

/// Steps of each agent: model calls and tool calls in turn, the last of them its answer.
pub(super) const STEPS: u32 = 21;
/// Agents at once.
const AT_ONCE: [usize; 2] = [1, 64];
/// What LangGraph stores at each step: a number, or also a transcript as an agent has one.
const LANGGRAPH_STATES: [&str; 2] = ["counter", "transcript"];
/// Agents that wait on a slow model.
const WAITING: u32 = 1000;
/// How long those are left alone before they are weighed.
const REST: Duration = Duration::from_secs(3);

/// What one round took.
struct Round {
    steps: f64,
    cpu_us: f64,
    seconds: f64,
}

#[derive(Deserialize)]
struct Agent {
    id: String,
    status: String,
    usage: AgentUsage,
}

#[derive(Deserialize)]
struct AgentUsage {
    steps: u32,
}

/// Steps, one agent at a time and many, the gateway and LangGraph in turn on one core; then the weight of waiting ones.
pub(super) async fn measure(
    folder: &Path,
    setup: &GatewaySetup,
    cores: &Cores,
    options: &RunOptions,
) -> io::Result<[Table; 2]> {
    std::fs::create_dir_all(folder)?;
    Ok([steps(folder, setup, cores, options).await?, weight(&folder.join("waiting"), setup).await?])
}

async fn steps(folder: &Path, setup: &GatewaySetup, cores: &Cores, options: &RunOptions) -> io::Result<Table> {
    let title = format!("Agents of {STEPS} instant steps, each durable before the next, one core for what is measured");
    let columns = ["who", "agents at once", "steps/s", "steps per CPU second", "openclaw over it, CPU", "wall"];
    let mut table = Table::new(title, &columns);
    let started = setup.start(&folder.join("steps"), None, &cores.tested)?;
    let langgraph = peer::python(options.peers.as_deref());
    cores.pin_load()?;
    for at_once in AT_ONCE {
        let (mut ours, mut theirs) = (Vec::new(), LANGGRAPH_STATES.map(|_| Vec::new()));
        for round in 0..options.rounds {
            ours.push(agents(started.address, started.process.id(), at_once, options.measured()).await?);
            let Some(python) = &langgraph else { continue };
            for (state, rounds) in LANGGRAPH_STATES.iter().zip(&mut theirs) {
                let folder = folder.join(format!("langgraph-{state}-{at_once}-{round}"));
                rounds.push(of_langgraph(python, &folder, at_once, state, cores, options)?);
            }
        }
        let (wall, cpu) = (per_second(&ours), per_cpu_second(&ours));
        table.row(["openclaw".to_owned(), at_once.to_string(), number(wall), number(cpu), number(None), number(None)]);
        for (state, rounds) in LANGGRAPH_STATES.iter().zip(&theirs).filter(|(_, rounds)| !rounds.is_empty()) {
            let (their_wall, their_cpu) = (per_second(rounds), per_cpu_second(rounds));
            let over = |ours: Option<f64>, theirs: Option<f64>| ours.zip(theirs).map(|(ours, theirs)| ours / theirs);
            table.row([
                format!("LangGraph, SQLite saver, its state a {state}"),
                at_once.to_string(),
                number(their_wall),
                number(their_cpu),
                number(over(cpu, their_cpu)),
                number(over(wall, their_wall)),
            ]);
        }
    }
    cores.unpin_load()?;
    Ok(table)
}

fn per_second(rounds: &[Round]) -> Option<f64> {
    median(rounds.iter().map(|round| round.steps / round.seconds).collect())
}

fn per_cpu_second(rounds: &[Round]) -> Option<f64> {
    median(rounds.iter().map(|round| round.steps / round.cpu_us * 1e6).collect())
}

/// Runs agents until the time is up, `at_once` at a time, each spawned and waited for over HTTP.
async fn agents(address: SocketAddr, pid: u32, at_once: usize, measured: Duration) -> io::Result<Round> {
    let script = script("");
    run_for(address, at_once, Duration::from_millis(500), &script).await?;
    let (cpu, begin) = (process::cpu_time(pid)?, Instant::now());
    let steps = run_for(address, at_once, measured, &script).await?;
    let cpu = process::cpu_time(pid)?.saturating_sub(cpu);
    Ok(Round { steps, cpu_us: cpu.as_secs_f64() * 1e6, seconds: begin.elapsed().as_secs_f64() })
}

/// The same task again and again for a time, `at_once` at a time; gives the steps of all.
pub(super) async fn run_for(address: SocketAddr, at_once: usize, time: Duration, script: &str) -> io::Result<f64> {
    let mut callers = tokio::task::JoinSet::new();
    for _ in 0..at_once {
        let script = script.to_owned();
        callers.spawn(async move {
            let (begin, mut steps) = (Instant::now(), 0.0);
            let mut connection = Connection::open(address).await?;
            while begin.elapsed() < time {
                steps += f64::from(run_one(&mut connection, &script).await?);
            }
            io::Result::Ok(steps)
        });
    }
    let mut steps = 0.0;
    while let Some(caller) = callers.join_next().await {
        steps += caller.map_err(io::Error::other)??;
    }
    Ok(steps)
}

/// One agent from its task to its answer.
async fn run_one(connection: &mut Connection, script: &str) -> io::Result<u32> {
    let body = json!({"task": script, "model": "echo", "skills": ["file_list"]}).to_string();
    let spawned: Agent = read(&connection.post("/api/v1/agents/spawn", ROOT_KEY, body).await?)?;
    let mut agent = read::<Agent>(&connection.get(&waited(&spawned.id), ROOT_KEY).await?)?;
    while agent.status == "queued" || agent.status == "running" {
        agent = read(&connection.get(&waited(&spawned.id), ROOT_KEY).await?)?;
    }
    if agent.status != "completed" || agent.usage.steps != STEPS {
        return Err(io::Error::other(format!("an agent ended {} after {} steps", agent.status, agent.usage.steps)));
    }
    Ok(agent.usage.steps)
}

/// A tool call after each model call but the last, never the same one twice in a row; `how` says how the model answers.
pub(super) fn script(how: &str) -> String {
    let call = |number: u32| {
        format!("[[tool file_list {{\"path\": \"{}\"}}]]", if number.is_multiple_of(2) { "." } else { "" })
    };
    let calls: Vec<String> = (0..STEPS / 2).map(call).collect();
    format!("{how}{} [[then]] done", calls.join(" [[then]] "))
}

fn waited(id: &str) -> String {
    format!("/api/v1/agents/{id}?wait=60")
}

fn read<T: serde::de::DeserializeOwned>(body: &[u8]) -> io::Result<T> {
    serde_json::from_slice(body).map_err(io::Error::other)
}

fn of_langgraph(
    python: &Path,
    folder: &Path,
    at_once: usize,
    state: &str,
    cores: &Cores,
    options: &RunOptions,
) -> io::Result<Round> {
    std::fs::create_dir_all(folder)?;
    let seconds = options.measured().as_secs().to_string();
    let (folder, at_once, steps) = (folder.display().to_string(), at_once.to_string(), STEPS.to_string());
    let langgraph = Peer { program: python, script: Some(&peer::script("langgraph_agents.py")), modules: None };
    let report = peer::run(&langgraph, &[&folder, &at_once, &steps, &seconds, state], &cores.tested)?;
    Ok(Round { steps: report.count, cpu_us: report.cpu_us, seconds: report.seconds })
}

/// What the gateway's memory grows by for each agent that waits on a slow model.
async fn weight(folder: &Path, setup: &GatewaySetup) -> io::Result<Table> {
    let mut table = Table::new(format!("{WAITING} agents waiting on a slow model"), &["what", "measured"]);
    let started = setup.running_agents(WAITING).start(folder, None, &[])?;
    let mut connection = Connection::open(started.address).await?;
    run_one(&mut connection, &script("")).await?;
    let before = process::memory(started.process.id())?.resident_kib;
    let body = json!({"task": "[[echo delay_ms=120000]] hello", "model": "echo"}).to_string();
    for _ in 0..WAITING {
        connection.post("/api/v1/agents/spawn", ROOT_KEY, body.clone()).await?;
    }
    tokio::time::sleep(REST).await;
    let grown = process::memory(started.process.id())?.resident_kib.saturating_sub(before);
    let grown = u32::try_from(grown).map_or(f64::NAN, f64::from);
    table.row(["resident KiB each".to_owned(), number(Some(grown / f64::from(WAITING)))]);
    Ok(table)
}
