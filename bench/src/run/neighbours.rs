//! Noisy neighbours: how late a healthy endpoint is told while another one hangs, trickles or floods, and what that costs.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::RunOptions;
use super::audience::{Audience, REPLY, Told};
use super::deliveries::{note, of};
use super::gateway::GatewaySetup;
use super::reception::Reception;
use super::rounds::millis;
use super::table::{Table, number};
use crate::process;

/// How the other endpoint behaves; `None`: there is none.
const NEIGHBOURS: [Option<&str>; 4] = [None, Some("hang"), Some("trickle"), Some("flood")];

/// Chats a second, each a delivery to both endpoints.
const RATE: f64 = 100.0;

/// Callers at once: enough for the rate.
const CALLERS: usize = 32;

/// How long a window is at least: a 99th percentile needs hundreds of samples.
const WINDOW_MIN: Duration = Duration::from_secs(6);

/// What the neighbour's attempts came to.
#[derive(Debug)]
struct Attempts {
    count: u32,
    longest_ms: Option<f64>,
    kept_bytes: Option<f64>,
}

/// A gateway for each neighbour, in interleaved windows; the neighbour stays between them.
pub(super) async fn measure(folder: &Path, setup: &GatewaySetup, options: &RunOptions) -> io::Result<Table> {
    let title = format!("A healthy endpoint told {RATE} times a second, and its neighbour, everything on all cores");
    let columns = [
        "neighbour",
        "healthy p50 ms",
        "healthy p99 ms",
        "p99 over alone",
        "neighbour's attempts",
        "longest s",
        "most kept of an answer, bytes",
        "gateway's memory at most, MiB",
    ];
    let mut table = Table::new(title, &columns);
    let mut audiences = Vec::new();
    for neighbour in NEIGHBOURS {
        let folder = folder.join(neighbour.unwrap_or("alone"));
        let healthy = ("take/healthy".to_owned(), REPLY);
        let endpoints = [Some(healthy), neighbour.map(|neighbour| (format!("{neighbour}/neighbour"), REPLY))];
        let audience = Audience::start(&folder, setup, Reception::start().await?, endpoints.into_iter().flatten())?;
        audiences.push((neighbour, folder, audience, Vec::new()));
    }
    for _ in 0..options.rounds {
        for (_, _, audience, rounds) in &mut audiences {
            let measured = options.measured().max(WINDOW_MIN);
            rounds.push(audience.listen(CALLERS, Some(RATE), options.warm_up(), measured).await?);
        }
    }
    let p99 = |rounds: &[Told]| of(rounds, |told| millis(told.lateness.p99()));
    let alone = audiences.first().and_then(|(.., rounds)| p99(rounds));
    for (neighbour, folder, audience, rounds) in &audiences {
        let attempts = neighbour.map(|_| attempts(folder)).transpose()?;
        let peak_kib = process::memory(audience.gateway.process.id())?.peak_kib;
        table.row([
            neighbour.unwrap_or("none").to_owned(),
            number(of(rounds, |told| millis(told.lateness.p50()))),
            number(p99(rounds)),
            number(p99(rounds).zip(alone).map(|(p99, alone)| p99 / alone)),
            attempts.as_ref().map_or_else(|| "–".to_owned(), |attempts| attempts.count.to_string()),
            number(attempts.as_ref().and_then(|attempts| attempts.longest_ms).map(|longest| longest / 1e3)),
            number(attempts.as_ref().and_then(|attempts| attempts.kept_bytes)),
            number(u32::try_from(peak_kib).ok().map(|kib| f64::from(kib) / 1024.0)),
        ]);
        note(&mut table, audience, rounds);
    }
    Ok(table)
}

/// Read from the gateway's own file: the API shows the attempts of one delivery at a time.
fn attempts(folder: &Path) -> io::Result<Attempts> {
    let read = || {
        let file = Connection::open_with_flags(folder.join("openclaw.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        file.query_row(
            "SELECT count(*), max(duration_ms), max(length(response_body)) FROM attempts
             JOIN deliveries ON deliveries.row = delivery JOIN endpoints ON endpoints.row = endpoint
             WHERE url LIKE '%/neighbour'",
            [],
            |row| {
                let number = |column: usize| row.get::<_, Option<u32>>(column).map(|number| number.map(f64::from));
                Ok(Attempts { count: row.get(0)?, longest_ms: number(1)?, kept_bytes: number(2)? })
            },
        )
    };
    read().map_err(io::Error::other)
}
