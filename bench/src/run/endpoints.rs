//! Many endpoints: what they cost while nothing is told to them, and what one event to all of them costs.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::RunOptions;
use super::audience::{Audience, NEVER, REPLY};
use super::deliveries::{note, of};
use super::gateway::GatewaySetup;
use super::reception::Reception;
use super::rounds::millis;
use super::table::{Table, number};
use crate::process;

/// Endpoints told of a reply and endpoints told of nothing that happens; chats a second (absent: the next one when the
/// last has arrived everywhere) by so many callers.
const SETTINGS: [(u32, u32, Option<f64>, usize); 3] =
    [(1, 0, Some(100.0), 32), (1, 499, Some(100.0), 32), (500, 0, None, 1)];

/// How long an idle gateway's CPU time is watched: Linux tells it in steps of 10 ms.
const IDLE: Duration = Duration::from_secs(10);

/// A gateway for each setting.
pub(super) async fn measure(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<Table> {
    let columns = [
        "endpoints told",
        "endpoints not told",
        "resident idle, MiB",
        "idle CPU ms/s",
        "chats/s",
        "CPU µs/chat",
        "CPU µs/delivery, chat and all",
        "answered to last arrival p50 ms",
        "p99 ms",
    ];
    let mut table = Table::new("Many endpoints, everything on all cores", &columns);
    for (told, not_told, rate, callers) in SETTINGS {
        let folder = folder.join(format!("{told}-{not_told}"));
        let endpoints = (0..told).map(|endpoint| (format!("take/{endpoint}"), REPLY));
        let endpoints = endpoints.chain((0..not_told).map(|endpoint| (format!("take/never/{endpoint}"), NEVER)));
        let mut audience = Audience::start(&folder, setup, Reception::start().await?, endpoints)?;
        let pid = audience.gateway.process.id();
        let before = process::cpu_time(pid)?;
        tokio::time::sleep(IDLE).await;
        let idle = process::cpu_time(pid)?.saturating_sub(before).as_secs_f64() * 1e3 / IDLE.as_secs_f64();
        let resident_kib = process::memory(pid)?.resident_kib;
        let mut rounds = Vec::new();
        for _ in 0..options.rounds {
            rounds.push(audience.listen(callers, rate, options.warm_up(), options.measured()).await?);
        }
        let cpu = of(&rounds, |told| told.report.cpu_us_each(told.report.completed));
        table.row([
            told.to_string(),
            not_told.to_string(),
            number(u32::try_from(resident_kib).ok().map(|kib| f64::from(kib) / 1024.0)),
            number(Some(idle)),
            number(of(&rounds, |told| Some(told.report.per_second()))),
            number(cpu),
            number(cpu.map(|cpu| cpu / f64::from(told))),
            number(of(&rounds, |told| millis(told.lateness.p50()))),
            number(of(&rounds, |told| millis(told.lateness.p99()))),
        ]);
        note(&mut table, &audience, &rounds);
    }
    Ok(table)
}
