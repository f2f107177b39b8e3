//! Rounds: every target once, again and again, so that each meets the machine in the same moods.

use std::io;
use std::time::Duration;

use super::RunOptions;
use super::table::Table;
use super::target::Target;
use crate::load::{Amount, Call, Load, Report};

/// What one target measured, round by round.
pub(super) struct Rounds<'a> {
    pub(super) target: &'a Target,
    pub(super) reports: Vec<Report>,
}

impl Rounds<'_> {
    /// The median of the rounds that have the number.
    pub(super) fn median(&self, number: impl Fn(&Report) -> Option<f64>) -> Option<f64> {
        median(self.reports.iter().filter_map(number).collect())
    }
}

/// Asks each target in turn, `options.rounds` times; `call` is made anew for each window.
pub(super) async fn measure<'a>(
    targets: &'a [Target],
    options: &RunOptions,
    connections: usize,
    rate: Option<f64>,
    call: impl Fn(&Target) -> Call,
) -> io::Result<Vec<Rounds<'a>>> {
    let mut rounds: Vec<Rounds<'_>> = targets.iter().map(|target| Rounds { target, reports: Vec::new() }).collect();
    let amount = Amount::Window { warm_up: options.warm_up(), measured: options.measured() };
    for _ in 0..options.rounds {
        for rounds in &mut rounds {
            let target = rounds.target;
            let call = call(target).into();
            let load = Load { address: target.address, call, connections, amount, rate, pid: target.pid() };
            rounds.reports.push(load.run().await?);
        }
    }
    Ok(rounds)
}

/// Tells of every failure of the rounds.
pub(super) fn note_failures(table: &mut Table, rounds: &[Rounds<'_>]) {
    for target in rounds {
        target.reports.iter().for_each(|report| table.note_failures(target.target.name, report));
    }
}

/// The middle one; of two middle ones, their mean.
pub(super) fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let upper = *numbers.get(numbers.len() / 2)?;
    let lower = numbers[(numbers.len() - 1) / 2];
    Some(f64::midpoint(lower, upper))
}

/// Microseconds.
pub(super) fn micros(duration: Option<Duration>) -> Option<f64> {
    duration.map(|duration| duration.as_secs_f64() * 1e6)
}

/// Milliseconds.
pub(super) fn millis(duration: Option<Duration>) -> Option<f64> {
    duration.map(|duration| duration.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
