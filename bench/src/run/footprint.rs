//! How fast the gateway starts, and what it weighs.

use std::io;
use std::path::Path;
use std::time::Duration;

use super::gateway::GatewaySetup;
use super::rig;
use super::rounds::{median, millis};
use super::table::{Table, number};
use super::target::Target;
use crate::load::{Amount, Load};
use crate::process;

/// Starts on the database of the first one.
const RESTARTS: usize = 5;

/// How long an idle gateway rests before it is weighed.
const REST: Duration = Duration::from_secs(1);

/// Start-up on a new and on a used database, memory idle and after 1,000 chats, size of the binary.
pub(super) async fn measure(folder: &Path, setup: &GatewaySetup) -> io::Result<Table> {
    std::fs::create_dir_all(folder)?;
    let (_standin, standin) = rig::start_standin(folder, &[])?;
    let mut table = Table::new("Footprint of the gateway, all cores", &["what", "measured"]);
    let first = setup.start(folder, Some(standin), &[])?;
    table.row(["start to first 200, new database, ms".to_owned(), number(millis(Some(first.start_up)))]);
    first.process.stop()?;
    let mut restarts = Vec::new();
    for _ in 0..RESTARTS {
        let started = setup.start(folder, Some(standin), &[])?;
        restarts.extend(millis(Some(started.start_up)));
        started.process.stop()?;
    }
    table.row([format!("start to first 200, used database, ms (median of {RESTARTS})"), number(median(restarts))]);

    let started = setup.start(folder, Some(standin), &[])?;
    let gateway = Target::gateway(started.address, started.process);
    let pid = gateway.pid().expect("a gateway is a process");
    tokio::time::sleep(REST).await;
    table.row(["resident idle, MiB".to_owned(), mebibytes(process::memory(pid)?.resident_kib)]);
    let (call, amount) = (gateway.chat("", 10).into(), Amount::Count(1000));
    let load = Load { address: gateway.address, call, connections: 16, amount, rate: None, pid: None };
    let report = load.run().await?;
    table.note_failures(gateway.name, &report);
    let memory = process::memory(pid)?;
    table.row(["resident after 1,000 chats, MiB".to_owned(), mebibytes(memory.resident_kib)]);
    table.row(["resident at most, MiB".to_owned(), mebibytes(memory.peak_kib)]);
    let binary_kib = std::fs::metadata(&setup.program)?.len() / 1024;
    table.row(["binary, MiB".to_owned(), mebibytes(binary_kib)]);
    Ok(table)
}

fn mebibytes(kib: u64) -> String {
    number(u32::try_from(kib).ok().map(|kib| f64::from(kib) / 1024.0))
}
