//! Deliveries from the API to their receiver: how many, what each costs, and how late they are.

use std::io;
use std::path::Path;

use super::RunOptions;
use super::audience::{Audience, BOTH, REPLY, Told};
use super::gateway::GatewaySetup;
use super::reception::Reception;
use super::rounds::{median, millis};
use super::table::{Table, number};

/// Callers at once.
const CALLERS: usize = 64;

/// Endpoints told of both events of a chat. Without any, a chat costs what it costs by itself.
const ENDPOINTS: [u32; 3] = [0, 1, 8];

/// Chats a second where the latency is measured, with one endpoint that is told of replies: as many deliveries.
const RATE: f64 = 100.0;

/// Both tables: as many as can be, and a hundred a second.
pub(super) async fn measure(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<[Table; 2]> {
    Ok([most(folder, setup, options).await?, paced(folder, setup, options).await?])
}

async fn most(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<Table> {
    let title =
        format!("Deliveries, {CALLERS} callers who each wait until their message has arrived, everything on all cores");
    let columns = [
        "endpoints",
        "chats/s",
        "deliveries/s",
        "CPU µs/chat",
        "CPU µs/delivery, chat and all",
        "CPU µs/delivery beyond the chat",
        "answered to arrived p50 ms",
        "p99 ms",
    ];
    let mut table = Table::new(title, &columns);
    let mut audiences = Vec::new();
    for endpoints in ENDPOINTS {
        let folder = folder.join(format!("endpoints-{endpoints}"));
        let endpoints = (0..endpoints).map(|endpoint| (format!("take/{endpoint}"), BOTH));
        audiences.push((Audience::start(&folder, setup, Reception::start().await?, endpoints)?, Vec::new()));
    }
    for _ in 0..options.rounds {
        for (audience, rounds) in &mut audiences {
            rounds.push(audience.listen(CALLERS, None, options.warm_up(), options.measured()).await?);
        }
    }
    let chat_cpu = |rounds: &[Told]| of(rounds, |told| told.report.cpu_us_each(told.report.completed));
    let alone = audiences.first().and_then(|(_, rounds)| chat_cpu(rounds));
    for (audience, rounds) in &audiences {
        let deliveries = 2.0 * f64::from(audience.waited_for);
        let each = |cpu: Option<f64>| cpu.filter(|_| deliveries > 0.0).map(|cpu| cpu / deliveries);
        let cpu = chat_cpu(rounds);
        let chats = of(rounds, |told| Some(told.report.per_second()));
        table.row([
            audience.waited_for.to_string(),
            number(chats),
            number(chats.map(|chats| chats * deliveries).filter(|deliveries| *deliveries > 0.0)),
            number(cpu),
            number(each(cpu)),
            number(each(cpu.zip(alone).map(|(cpu, alone)| cpu - alone))),
            number(of(rounds, |told| millis(told.lateness.p50()))),
            number(of(rounds, |told| millis(told.lateness.p99()))),
        ]);
        note(&mut table, audience, rounds);
    }
    Ok(table)
}

async fn paced(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<Table> {
    let title = format!("{RATE} deliveries a second to one endpoint, one a chat, everything on all cores");
    let columns =
        ["answered to arrived p50 ms", "p99 ms", "asked to arrived p50 ms", "p99 ms", "CPU µs/chat and delivery"];
    let mut table = Table::new(title, &columns);
    let endpoint = [("take/0".to_owned(), REPLY)];
    let mut audience = Audience::start(&folder.join("paced"), setup, Reception::start().await?, endpoint)?;
    let mut rounds = Vec::new();
    for _ in 0..options.rounds {
        rounds.push(audience.listen(CALLERS, Some(RATE), options.warm_up(), options.measured()).await?);
    }
    table.row([
        number(of(&rounds, |told| millis(told.lateness.p50()))),
        number(of(&rounds, |told| millis(told.lateness.p99()))),
        number(of(&rounds, |told| millis(told.report.latency.p50()))),
        number(of(&rounds, |told| millis(told.report.latency.p99()))),
        number(of(&rounds, |told| told.report.cpu_us_each(told.report.completed))),
    ]);
    note(&mut table, &audience, &rounds);
    Ok(table)
}

/// The median of the rounds.
pub(super) fn of(rounds: &[Told], number: impl Fn(&Told) -> Option<f64>) -> Option<f64> {
    median(rounds.iter().filter_map(number).collect())
}

/// Tells of every failure of the rounds.
pub(super) fn note(table: &mut Table, audience: &Audience, rounds: &[Told]) {
    let name = format!("{} endpoints", audience.waited_for);
    for told in rounds {
        table.note_failures(&name, &told.report);
    }
}
