//! Millions of stored events: new ones must not cost more for them, and old ones must go without being in the way.
//!
//! The events are written into the gateway's file while it is stopped. A bench of its own, for it takes minutes and, at
//! ten million, some 10 GiB of disk.

mod fill;

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};

use super::RunOptions;
use super::audience::{Audience, BOTH, Told};
use super::deliveries::{note, of};
use super::gateway::{GatewaySetup, ROOT_KEY};
use super::reception::Reception;
use super::rounds::millis;
use super::table::{Table, number};
use crate::load::{Amount, Call, Load};

/// What the many are compared with.
const FEW: u64 = 10_000;

/// Callers at once who each wait until their message has arrived.
const CALLERS: usize = 64;

/// Chats a second where lateness is measured: two deliveries each.
const RATE: f64 = 50.0;

/// How often each page is read.
const READS: u64 = 20;

/// Half of what is stored is older.
const HALF_DAYS: u32 = 15;

/// How long old rows are watched going.
const SWEEP: Duration = Duration::from_secs(30);

/// Pages that people and receivers ask for; some hold nothing, so that nothing ends their search early.
const PAGES: [&str; 5] = [
    "/api/v1/events",
    "/api/v1/events?events=agent.completed",
    "/api/v1/webhooks/deliveries",
    "/api/v1/webhooks/deliveries?status=dead",
    "/api/v1/webhooks/deliveries?event=agent.completed",
];

/// A gateway with a history.
struct Aged {
    events: u64,
    folder: PathBuf,
    audience: Audience,
    full: Vec<Told>,
    paced: Vec<Told>,
}

/// New deliveries beside few and many stored ones; reads; old rows going.
pub(super) async fn measure(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<[Table; 3]> {
    let mut aged = Vec::new();
    for events in [FEW, options.events] {
        aged.push(start(folder.join(events.to_string()), setup, events).await?);
    }
    for _ in 0..options.rounds {
        for aged in &mut aged {
            let (warm_up, measured) = (options.warm_up(), options.measured());
            aged.full.push(aged.audience.listen(CALLERS, None, warm_up, measured).await?);
            aged.paced.push(aged.audience.listen(CALLERS, Some(RATE), warm_up, measured).await?);
        }
    }
    let new = new(&aged)?;
    let pages = pages(&aged).await?;
    let many = aged.pop().expect("few and many");
    Ok([new, pages, going(many, setup, options).await?])
}

async fn start(folder: PathBuf, setup: &GatewaySetup, events: u64) -> io::Result<Aged> {
    let endpoint = || [("take/0".to_owned(), BOTH)];
    // The first start makes the file and its endpoint.
    let first = Audience::start(&folder, setup, Reception::start().await?, endpoint())?;
    let reception = first.stop()?;
    fill::fill(&folder, events)?;
    let audience = Audience::start(&folder, setup, reception, endpoint())?;
    Ok(Aged { events, folder, audience, full: Vec::new(), paced: Vec::new() })
}

fn new(aged: &[Aged]) -> io::Result<Table> {
    let title = format!("New deliveries beside stored ones, {CALLERS} callers, everything on all cores");
    let columns = [
        "stored events",
        "file GiB",
        "start to first 200, ms",
        "deliveries/s",
        "CPU µs/delivery, chat and all",
        "at 100/s: CPU µs/delivery, chat and all",
        "answered to arrived p50 ms",
        "p99 ms",
    ];
    let mut table = Table::new(title, &columns);
    for aged in aged {
        let bytes = std::fs::metadata(aged.folder.join("openclaw.db"))?.len();
        let cpu = |rounds: &[Told]| of(rounds, |told| told.report.cpu_us_each(told.report.completed * 2));
        table.row([
            number(Some(as_f64(aged.events))),
            number(Some(as_f64(bytes / (1 << 20)) / 1024.0)),
            number(millis(Some(aged.audience.gateway.start_up))),
            number(of(&aged.full, |told| Some(told.report.per_second() * 2.0))),
            number(cpu(&aged.full)),
            number(cpu(&aged.paced)),
            number(of(&aged.paced, |told| millis(told.lateness.p50()))),
            number(of(&aged.paced, |told| millis(told.lateness.p99()))),
        ]);
        note(&mut table, &aged.audience, &aged.full);
        note(&mut table, &aged.audience, &aged.paced);
    }
    Ok(table)
}

async fn pages(aged: &[Aged]) -> io::Result<Table> {
    let mut table =
        Table::new("First pages of what is stored, one caller", &["page", "stored events", "p50 ms", "p99 ms"]);
    for path in PAGES {
        for aged in aged {
            let call = Call::get(move |_, _| path.to_owned()).header("authorization", &format!("Bearer {ROOT_KEY}"));
            let (address, amount) = (aged.audience.gateway.address, Amount::Count(READS));
            let load = Load { address, call: call.into(), connections: 1, amount, rate: None, pid: None };
            let report = load.run().await?;
            table.row([
                path.to_owned(),
                number(Some(as_f64(aged.events))),
                number(millis(report.latency.p50())),
                number(millis(report.latency.p99())),
            ]);
            table.note_failures(path, &report);
        }
    }
    Ok(table)
}

/// Starts again with half of it too old, and chats meanwhile.
async fn going(aged: Aged, setup: &GatewaySetup, options: &RunOptions) -> io::Result<Table> {
    let reception = aged.audience.stop()?;
    let setup = setup.keeping_events(HALF_DAYS);
    let before = oldest(&aged.folder)?;
    let mut audience = Audience::start(&aged.folder, &setup, reception, [("take/0".to_owned(), BOTH)])?;
    let began = Instant::now();
    let told = audience.listen(CALLERS, Some(RATE), options.warm_up(), SWEEP).await?;
    let gone = oldest(&aged.folder)?.saturating_sub(before);
    let title = format!("Old events going while {RATE} chats a second come, everything on all cores");
    let columns = [
        "stored events",
        "gone/s, each with its delivery",
        "answered to arrived p50 ms",
        "p99 ms",
        "chat to arrived p99 ms",
    ];
    let mut table = Table::new(title, &columns);
    table.row([
        number(Some(as_f64(aged.events))),
        number(Some(as_f64(gone) / began.elapsed().as_secs_f64())),
        number(millis(told.lateness.p50())),
        number(millis(told.lateness.p99())),
        number(millis(told.report.latency.p99())),
    ]);
    note(&mut table, &audience, &[told]);
    Ok(table)
}

/// The number of the oldest event still stored.
fn oldest(folder: &Path) -> io::Result<u64> {
    let read = || {
        let file = Connection::open_with_flags(folder.join("openclaw.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        file.query_row("SELECT coalesce(min(seq), 0) FROM events", [], |row| row.get(0))
    };
    read().map_err(io::Error::other)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a benchmark are far below 2^52")]
fn as_f64(count: u64) -> f64 {
    count as f64
}
