//! The machine: its cores, how they are shared out, and what to say of it above a table.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use super::gateway::GatewaySetup;
use super::rounds::micros;
use super::table::number;
use crate::load::Samples;
use crate::process;

/// Who runs where; empty lists mean wherever the system likes.
#[derive(Clone, Debug)]
pub(super) struct Cores {
    /// The load generator and the stand-in.
    pub(super) load: Vec<usize>,
    /// What is measured.
    pub(super) tested: Vec<usize>,
    all: Vec<usize>,
}

impl Cores {
    /// The first core for the load, the second for what is measured, if there are two and pinning works.
    pub(super) fn of_this_machine() -> io::Result<Self> {
        let status = std::fs::read_to_string("/proc/self/status")?;
        let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:")).unwrap_or_default();
        let all = parse_cores(list);
        Ok(match all[..] {
            [load, tested, ..] if process::can_pin() => Self { load: vec![load], tested: vec![tested], all },
            _ => Self { load: Vec::new(), tested: Vec::new(), all },
        })
    }

    /// Moves this process to the load's core.
    pub(super) fn pin_load(&self) -> io::Result<()> {
        if self.load.is_empty() { Ok(()) } else { process::pin(std::process::id(), &self.load) }
    }

    /// Lets this process run on every core again.
    pub(super) fn unpin_load(&self) -> io::Result<()> {
        if self.load.is_empty() { Ok(()) } else { process::pin(std::process::id(), &self.all) }
    }
}

/// The lines above the tables.
pub(super) fn describe(cores: &Cores, gateway: Option<&GatewaySetup>, folder: &Path) -> io::Result<String> {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let processor = read("/proc/cpuinfo")
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.trim().to_owned());
    let pinned = if cores.load.is_empty() { "not pinned" } else { "pinned: load and stand-in | measured" };
    let disk = Samples::new(sync_times(folder)?);
    let lines = [
        format!(
            "Machine: {processor}, {} cores ({pinned}), Linux {}",
            cores.all.len(),
            read("/proc/sys/kernel/osrelease")
        ),
        format!("Load average before: {}", read("/proc/loadavg")),
        format!(
            "Disk: a 4 KiB append reaches it in {} µs (p50), {} µs (p99)",
            number(micros(disk.p50())),
            number(micros(disk.p99()))
        ),
        format!("Gateway: {}", gateway.map_or_else(|| "none".to_owned(), GatewaySetup::describe)),
    ];
    Ok(lines.map(|line| format!("- {line}\n")).concat())
}

/// How long the disk takes for one durable append: what every durable row is bound by.
fn sync_times(folder: &Path) -> io::Result<Vec<Duration>> {
    let mut file = File::create(folder.join("sync"))?;
    let mut times = Vec::new();
    for _ in 0..100 {
        let begin = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times.push(begin.elapsed());
    }
    Ok(times)
}

/// `0-1,4` as 0, 1, 4.
fn parse_cores(text: &str) -> Vec<usize> {
    text.trim()
        .split(',')
        .filter_map(|range| {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            Some(first.parse::<usize>().ok()?..=last.parse().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cores_are_read_as_the_kernel_writes_them() {
        assert_eq!(parse_cores("\t0-1,4\n"), [0, 1, 4]);
        assert_eq!(parse_cores("3"), [3]);
        assert_eq!(parse_cores(""), [0; 0]);
    }
}
