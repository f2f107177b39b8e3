//! What a chat answered as JSON costs, on one core.

use std::io;

use super::RunOptions;
use super::rig::Rig;
use super::rounds::{self, Rounds, micros};
use super::table::{Table, number};

/// Connections, and requests a second; absent: as many as can be.
const SETTINGS: [(usize, Option<f64>); 4] = [(1, None), (32, None), (64, None), (32, Some(400.0))];

/// Every target at every setting.
pub(super) async fn measure(rig: &Rig, options: &RunOptions) -> io::Result<Table> {
    let title = "Chats as JSON, one core for what is measured";
    let columns = ["target", "connections", "requests/s", "CPU µs/request", "p50 µs", "p99 µs", "p50 over direct µs"];
    let mut table = Table::new(title, &columns);
    for (connections, rate) in SETTINGS {
        let call = |target: &super::target::Target| target.chat("", options.turns_per_session);
        let measured = rounds::measure(&rig.targets, options, connections, rate, call).await?;
        let p50 = |rounds: &Rounds<'_>| rounds.median(|report| micros(report.latency.p50()));
        let direct = measured.first().and_then(p50);
        for rounds in &measured {
            let setting = rate.map_or_else(|| connections.to_string(), |rate| format!("{connections}, at {rate}/s"));
            table.row([
                rounds.target.name.to_owned(),
                setting,
                number(rounds.median(|report| Some(report.per_second()))),
                number(rounds.median(|report| report.cpu_us_each(report.completed))),
                number(p50(rounds)),
                number(rounds.median(|report| micros(report.latency.p99()))),
                number(p50(rounds).zip(direct).map(|(p50, direct)| p50 - direct)),
            ]);
        }
        rounds::note_failures(&mut table, &measured);
    }
    Ok(table)
}
