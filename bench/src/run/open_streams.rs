//! Many slow streams at once: the first event of each, and the memory that each holds.

use std::io;
use std::time::Duration;

use super::rig::Rig;
use super::rounds::millis;
use super::table::{Table, number};
use super::target::Target;
use crate::load::{Amount, Call, Load, Report};
use crate::process;

/// Streams at once.
const STREAMS: u32 = 200;

/// Two events a second, for long enough that the memory can be read in the middle.
const TAG: &str = "[[standin chunks=16 gap_us=500000]]";

/// When the memory is read.
const MIDDLE: Duration = Duration::from_secs(4);

/// Every target once: it takes eight seconds, and memory knows no moods.
pub(super) async fn measure(rig: &Rig) -> io::Result<Table> {
    let title = format!("{STREAMS} streams opened at once, 2 events/s each");
    let columns = ["target", "first event p50 ms", "first event p99 ms", "gap p99 ms", "KiB resident per stream"];
    let mut table = Table::new(title, &columns);
    for target in &rig.targets {
        let warm_up = ask(target, target.chat("", 1), 32, 500).await?;
        table.note_failures(target.name, &warm_up);
        let before = resident_kib(target)?;
        let (report, during) = tokio::join!(ask(target, target.stream(TAG, 1), STREAMS, STREAMS.into()), async {
            tokio::time::sleep(MIDDLE).await;
            resident_kib(target)
        });
        let report = report?;
        let each = before.zip(during?).map(|(before, during)| (during - before) / f64::from(STREAMS));
        table.row([
            target.name.to_owned(),
            number(millis(report.first_event.p50())),
            number(millis(report.first_event.p99())),
            number(millis(report.gap.p99())),
            number(each),
        ]);
        table.note_failures(target.name, &report);
    }
    Ok(table)
}

async fn ask(target: &Target, call: Call, connections: u32, count: u64) -> io::Result<Report> {
    let amount = Amount::Count(count);
    let connections = connections as usize;
    let load = Load { address: target.address, call: call.into(), connections, amount, rate: None, pid: None };
    load.run().await
}

fn resident_kib(target: &Target) -> io::Result<Option<f64>> {
    let Some(pid) = target.pid() else { return Ok(None) };
    let kib = process::memory(pid)?.resident_kib;
    Ok(u32::try_from(kib).ok().map(f64::from))
}
