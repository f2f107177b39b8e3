//! What a streamed chat costs, on one core: events back to back, and events at a model's pace.

use std::io;

use super::RunOptions;
use super::rig::Rig;
use super::rounds::{self, micros, millis};
use super::table::{Table, number};

/// Streams at once.
const STREAMS: usize = 8;

/// Deltas of a stream.
const DELTAS: u64 = 98;

/// Events that the vendor sends for them: three before and three after.
const EVENTS: u64 = DELTAS + 6;

/// Both tables.
pub(super) async fn measure(rig: &Rig, options: &RunOptions) -> io::Result<[Table; 2]> {
    Ok([back_to_back(rig, options).await?, paced(rig, options).await?])
}

async fn back_to_back(rig: &Rig, options: &RunOptions) -> io::Result<Table> {
    let title = format!("{STREAMS} streams of {EVENTS} vendor's events back to back, one core for what is measured");
    let columns = [
        "target",
        "vendor's events/s",
        "CPU µs/vendor's event",
        "first event p50 µs",
        "stream p50 ms",
        "stream p99 ms",
    ];
    let mut table = Table::new(title, &columns);
    let tag = format!("[[standin chunks={DELTAS}]]");
    let call = |target: &super::target::Target| target.stream(&tag, options.turns_per_session);
    let measured = rounds::measure(&rig.targets, options, STREAMS, None, call).await?;
    for rounds in &measured {
        // Counted on the vendor's side, so that a gateway gains nothing by leaving events out or merging them.
        let events = |streams: f64| streams * f64::from(u32::try_from(EVENTS).expect("a hundred"));
        table.row([
            rounds.target.name.to_owned(),
            number(rounds.median(|report| Some(events(report.per_second())))),
            number(rounds.median(|report| report.cpu_us_each(report.completed * EVENTS))),
            number(rounds.median(|report| micros(report.first_event.p50()))),
            number(rounds.median(|report| millis(report.latency.p50()))),
            number(rounds.median(|report| millis(report.latency.p99()))),
        ]);
    }
    rounds::note_failures(&mut table, &measured);
    Ok(table)
}

async fn paced(rig: &Rig, options: &RunOptions) -> io::Result<Table> {
    let title = format!("{STREAMS} streams, an event every 5 ms, one core for what is measured");
    let columns = ["target", "first event p50 ms", "first event p99 ms", "gap p50 ms", "gap p99 ms"];
    let mut table = Table::new(title, &columns);
    let tag = format!("[[standin chunks={DELTAS} gap_us=5000]]");
    let call = |target: &super::target::Target| target.stream(&tag, options.turns_per_session);
    let measured = rounds::measure(&rig.targets, options, STREAMS, None, call).await?;
    for rounds in &measured {
        table.row([
            rounds.target.name.to_owned(),
            number(rounds.median(|report| millis(report.first_event.p50()))),
            number(rounds.median(|report| millis(report.first_event.p99()))),
            number(rounds.median(|report| millis(report.gap.p50()))),
            number(rounds.median(|report| millis(report.gap.p99()))),
        ]);
    }
    rounds::note_failures(&mut table, &measured);
    Ok(table)
}
