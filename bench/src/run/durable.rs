//! Durable chats: 64 callers, each in sessions of its own, gateway, stand-in and load on all cores.

use std::io;

use super::RunOptions;
use super::rig::Rig;
use super::rounds::{self, millis};
use super::table::{Table, number};

/// Callers at once.
const CALLERS: usize = 64;

/// The gateway as JSON and as a stream; the others keep nothing and are not asked.
pub(super) async fn measure(rig: &Rig, options: &RunOptions) -> io::Result<Table> {
    let title = format!("Durable chats, {CALLERS} callers, everything on all cores");
    let mut table = Table::new(title, &["answered as", "turns/s", "CPU µs/turn", "p50 ms", "p99 ms"]);
    let gateways: Vec<_> = rig.gateway().into_iter().collect();
    let Some(gateway) = gateways.first() else { return Ok(table) };
    for (name, stream) in [("JSON", false), ("stream", true)] {
        let targets = std::slice::from_ref(*gateway);
        let measured = rounds::measure(targets, options, CALLERS, None, |target| {
            if stream {
                target.stream("", options.turns_per_session)
            } else {
                target.chat("", options.turns_per_session)
            }
        })
        .await?;
        for rounds in &measured {
            table.row([
                name.to_owned(),
                number(rounds.median(|report| Some(report.per_second()))),
                number(rounds.median(|report| report.cpu_us_each(report.completed))),
                number(rounds.median(|report| millis(report.latency.p50()))),
                number(rounds.median(|report| millis(report.latency.p99()))),
            ]);
        }
        rounds::note_failures(&mut table, &measured);
    }
    Ok(table)
}
