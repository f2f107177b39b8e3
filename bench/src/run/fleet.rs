//! Gateways side by side on one PostgreSQL: chats, steps of agents and deliveries, by one of them and by several.
//!
//! Everything shares the machine: the load, the gateways, the receiver, the database. So what several do more than one is
//! bounded by its cores; the last table measures what the cores do not bound.

use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;

use super::RunOptions;
use super::agents::{STEPS, run_for, script};
use super::audience::{Audience, BOTH, MESSAGE_BYTES};
use super::database::Server;
use super::gateway::{GatewaySetup, StartedGateway};
use super::reception::Reception;
use super::rounds::{median, millis};
use super::table::{Table, number};
use super::target::gateway_chat;
use crate::load::{Amount, Load};
use crate::process;

/// How many gateways share the database.
const GATEWAYS: [usize; 3] = [1, 2, 3];
/// Callers of chats at once, over all gateways.
const CALLERS: usize = 64;
/// Agents at once, over all gateways.
const AGENTS: usize = 32;
/// Endpoints that are told of every chat.
const ENDPOINTS: u32 = 8;
/// Chats in a session before a caller begins a new one.
const TURNS_PER_SESSION: u64 = 10;
/// Agents that one gateway runs at once, where that is the bound.
const AGENTS_OF_ONE: u32 = 8;
/// How long a model call of theirs takes.
const SLOW_STEP: Duration = Duration::from_millis(20);

/// Distinguishes the sessions of one window of one gateway from those of all others.
static WINDOW: AtomicU64 = AtomicU64::new(0);

/// What a round did.
struct Round {
    done: f64,
    seconds: f64,
    gateways_cpu: Duration,
    database_cpu: Duration,
}

pub(super) async fn measure(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<Vec<Table>> {
    let Some(url) = &options.database else {
        return Err(io::Error::other("the bench `fleet` needs a server: name one by --database URL"));
    };
    std::fs::create_dir_all(folder)?;
    let server = Server::new(url);
    let fleet = Fleet { folder, setup, server: &server, options };
    let version = server.describe().await?;
    let mut tables = Vec::new();
    for (what, kind) in [
        (format!("chat turns a second, {CALLERS} callers"), Kind::Chats),
        (format!("steps a second, {AGENTS} agents of {STEPS} instant steps"), Kind::Steps),
    ] {
        let title = format!("{version}: {what}, everything on all cores");
        tables.push(fleet.table(title, kind).await?);
    }
    tables.push(fleet.deliveries(&version).await?);
    let title = format!(
        "{version}: steps a second of agents whose model takes {} ms, {AGENTS_OF_ONE} at once a gateway",
        SLOW_STEP.as_millis()
    );
    tables.push(fleet.table(title, Kind::SlowSteps).await?);
    Ok(tables)
}

/// What is counted.
#[derive(Clone, Copy)]
enum Kind {
    Chats,
    Steps,
    SlowSteps,
}

struct Fleet<'a> {
    folder: &'a Path,
    setup: &'a GatewaySetup,
    server: &'a Server,
    options: &'a RunOptions,
}

impl Fleet<'_> {
    async fn table(&self, title: String, kind: Kind) -> io::Result<Table> {
        let columns =
            ["gateways", "each second", "over one", "gateways' CPU µs each", "database's CPU µs each", "cores busy"];
        let mut table = Table::new(title, &columns);
        let mut one = None;
        for gateways in GATEWAYS {
            let started = self.start(gateways, kind).await?;
            // What does not count: connections, prepared statements, caches.
            self.round(&started, kind, self.options.warm_up()).await?;
            let mut rounds = Vec::new();
            for _ in 0..self.options.rounds {
                rounds.push(self.round(&started, kind, self.options.measured()).await?);
            }
            let each_second = of(&rounds, |round| round.done / round.seconds);
            one = one.or(each_second);
            let busy = |round: &Round| (round.gateways_cpu + round.database_cpu).as_secs_f64() / round.seconds;
            table.row([
                gateways.to_string(),
                number(each_second),
                number(each_second.zip(one).map(|(all, one)| all / one)),
                number(of(&rounds, |round| round.gateways_cpu.as_secs_f64() * 1e6 / round.done)),
                number(of(&rounds, |round| round.database_cpu.as_secs_f64() * 1e6 / round.done)),
                number(of(&rounds, busy)),
            ]);
        }
        Ok(table)
    }

    /// So many gateways on a new database.
    async fn start(&self, gateways: usize, kind: Kind) -> io::Result<Vec<StartedGateway>> {
        let url = self.server.create("openclaw_bench").await?;
        let setup = self.setup.on_database(&url);
        let setup = if matches!(kind, Kind::SlowSteps) { setup.running_agents(AGENTS_OF_ONE) } else { setup };
        (0..gateways).map(|number| setup.start(&self.folder.join(format!("gateway-{number}")), None, &[])).collect()
    }

    async fn round(&self, gateways: &[StartedGateway], kind: Kind, time: Duration) -> io::Result<Round> {
        let cpu =
            || gateways.iter().map(|gateway| process::cpu_time(gateway.process.id())).sum::<io::Result<Duration>>();
        let (gateways_before, database_before, began) = (cpu()?, self.server.cpu_time().await?, Instant::now());
        let done = match kind {
            Kind::Chats => {
                try_join_all(gateways.iter().map(|gateway| chats(gateway, CALLERS / gateways.len(), time))).await?
            }
            Kind::Steps => {
                let script = script("");
                let agents = AGENTS / gateways.len();
                let run = |gateway: &StartedGateway| run_for(gateway.address, agents, time, &script);
                try_join_all(gateways.iter().map(run)).await?
            }
            Kind::SlowSteps => {
                let script = script(&format!("[[echo delay_ms={}]] ", SLOW_STEP.as_millis()));
                let agents = AGENTS_OF_ONE as usize;
                let run = |gateway: &StartedGateway| run_for(gateway.address, agents, time, &script);
                try_join_all(gateways.iter().map(run)).await?
            }
        };
        let seconds = began.elapsed().as_secs_f64();
        Ok(Round {
            done: done.iter().sum(),
            seconds,
            gateways_cpu: cpu()?.saturating_sub(gateways_before),
            database_cpu: self.server.cpu_time().await?.saturating_sub(database_before),
        })
    }

    /// Deliveries by one gateway; a lane of an endpoint has one at a time, so several share endpoints, not one.
    async fn deliveries(&self, version: &str) -> io::Result<Table> {
        let title = format!(
            "{version}: deliveries, {CALLERS} callers who each wait until their message has arrived, everything on all cores"
        );
        let columns = [
            "endpoints",
            "chats/s",
            "deliveries/s",
            "CPU µs/delivery, gateway, chat and all",
            "answered to arrived p50 ms",
            "p99 ms",
        ];
        let mut table = Table::new(title, &columns);
        for endpoints in [1, ENDPOINTS] {
            let url = self.server.create("openclaw_bench").await?;
            let setup = self.setup.on_database(&url);
            let paths = (0..endpoints).map(|endpoint| (format!("take/{endpoint}"), BOTH));
            let folder = self.folder.join(format!("deliveries-{endpoints}"));
            let mut audience = Audience::start(&folder, &setup, Reception::start().await?, paths)?;
            let mut rounds = Vec::new();
            for _ in 0..self.options.rounds {
                rounds.push(audience.listen(CALLERS, None, self.options.warm_up(), self.options.measured()).await?);
            }
            let each = 2.0 * f64::from(endpoints);
            let chats = super::deliveries::of(&rounds, |told| Some(told.report.per_second()));
            let cpu = super::deliveries::of(&rounds, |told| told.report.cpu_us_each(told.report.completed));
            table.row([
                endpoints.to_string(),
                number(chats),
                number(chats.map(|chats| chats * each)),
                number(cpu.map(|cpu| cpu / each)),
                number(super::deliveries::of(&rounds, |told| millis(told.lateness.p50()))),
                number(super::deliveries::of(&rounds, |told| millis(told.lateness.p99()))),
            ]);
            super::deliveries::note(&mut table, &audience, &rounds);
        }
        Ok(table)
    }
}

/// Chats with the model `echo` for a time; says how many were answered.
async fn chats(gateway: &StartedGateway, callers: usize, time: Duration) -> io::Result<f64> {
    let window = WINDOW.fetch_add(1, Ordering::Relaxed);
    let session = move |caller, number| format!("bench_{window}_{caller}_{}", number / TURNS_PER_SESSION);
    let load = Load {
        address: gateway.address,
        call: gateway_chat(&"x".repeat(MESSAGE_BYTES), "echo", false, session).into(),
        connections: callers,
        amount: Amount::Window { warm_up: Duration::ZERO, measured: time },
        rate: None,
        pid: None,
    };
    let report = load.run().await?;
    match report.failure {
        Some(failure) => Err(io::Error::other(format!("{} chats failed, first: {failure}", report.failed))),
        None => Ok(f64::from(u32::try_from(report.completed).unwrap_or(u32::MAX))),
    }
}

fn of(rounds: &[Round], number: impl Fn(&Round) -> f64) -> Option<f64> {
    median(rounds.iter().map(number).collect())
}
