//! When a schedule's slots are: cron lines, single moments, regular spans. Pure: no clock, no chance.
//!
//! Rules for the days on which clocks change. A cron line whose hour field is `*` counts real hours: it has slots in both
//! passes of a repeated hour and none in one that is left out. Any other names times on the wall: each has one slot a day,
//! the first pass if the hour is repeated, and the first moment after the gap if the hour is left out (one slot, however
//! many times lay in the gap). `at` and `every` know no zone.

mod jitter;
mod passed;

pub use jitter::jitter;
pub use passed::{Due, Passed, due};

use chrono::{DateTime, LocalResult, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use openclaw_core::Timestamp;
use openclaw_core::schedule::EVERY_SECONDS;

/// The most bytes of a cron line.
const CRON_BYTES_MAX: usize = 200;
/// No zone has left out more than a day and some hours.
const GAP_MINUTES_MAX: i64 = 48 * 60;

/// When slots are.
#[derive(Clone, Debug)]
pub struct Timing(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Cron { cron: Box<Cron>, zone: Tz, counts_hours: bool },
    At(Timestamp),
    Every { span_ms: i64, anchor: Timestamp },
}

/// What says when slots are; just one of the first three.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimingWords<'a> {
    /// A line of five fields.
    pub cron: Option<&'a str>,
    /// One moment.
    pub at: Option<Timestamp>,
    /// Seconds between slots.
    pub every: Option<u64>,
    /// An IANA zone.
    pub timezone: &'a str,
}

/// Why nothing can be made of them: the field, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct TimingError {
    /// `cron`, `at`, `every` or `timezone`.
    pub field: &'static str,
    /// What is wrong: goes on after the name of the field.
    pub problem: String,
}

impl Timing {
    /// Reads them; spans of `every` are counted from the anchor.
    pub fn read(words: TimingWords<'_>, anchor: Timestamp) -> Result<Self, TimingError> {
        let zone: Tz = words.timezone.parse().map_err(|_| {
            wrong("timezone", format!("must be an IANA zone such as Asia/Shanghai; `{}` is none", words.timezone))
        })?;
        match (words.cron, words.at, words.every) {
            (Some(line), None, None) => {
                let cron = Box::new(read_cron(line)?);
                let counts_hours = line.split_whitespace().nth(1) == Some("*");
                Ok(Self(Kind::Cron { cron, zone, counts_hours }))
            }
            (None, Some(at), None) => Ok(Self(Kind::At(at))),
            (None, None, Some(seconds)) if EVERY_SECONDS.contains(&seconds) => {
                let span_ms = i64::try_from(seconds * 1000).expect("a year has that many milliseconds");
                Ok(Self(Kind::Every { span_ms, anchor }))
            }
            (None, None, Some(_)) => {
                let (least, most) = (EVERY_SECONDS.start(), EVERY_SECONDS.end());
                Err(wrong("every", format!("must be {least} to {most} seconds")))
            }
            _ => Err(wrong("cron", "or `at` or `every` must be given, just one of them".into())),
        }
    }

    /// The first slot after a moment; `None` if there is none any more.
    pub fn next_after(&self, after: Timestamp) -> Option<Timestamp> {
        match &self.0 {
            Kind::At(at) => (*at > after).then_some(*at),
            Kind::Every { span_ms, anchor } => {
                let passed = (after.as_millis() - anchor.as_millis()).div_euclid(*span_ms).max(0);
                Some(anchor.plus_millis((passed + 1).checked_mul(*span_ms)?))
            }
            Kind::Cron { cron, zone, counts_hours: true } => {
                let from = DateTime::from_timestamp_millis(after.as_millis())?.with_timezone(zone);
                let next = cron.find_next_occurrence(&from, false).ok()?;
                Some(Timestamp::from_millis(next.timestamp_millis()))
            }
            Kind::Cron { cron, zone, counts_hours: false } => next_on_the_wall(cron, *zone, after),
        }
    }

    /// The first slots after a moment, at most that many.
    pub fn upcoming(&self, after: Timestamp, count: usize) -> Vec<Timestamp> {
        std::iter::successors(self.next_after(after), |slot| self.next_after(*slot)).take(count).collect()
    }

    /// Fails, naming the field, if there is no slot after that moment.
    pub fn check_fires(&self, now: Timestamp) -> Result<Timestamp, TimingError> {
        self.next_after(now).ok_or_else(|| match &self.0 {
            Kind::At(_) => wrong("at", "must lie in the future".into()),
            Kind::Every { .. } => wrong("every", "never fires again".into()),
            Kind::Cron { .. } => wrong("cron", "never fires: no such day ever comes".into()),
        })
    }
}

fn read_cron(line: &str) -> Result<Cron, TimingError> {
    let five = "must have five fields: minute hour day month weekday, such as `0 8 * * MON-FRI`";
    if line.len() > CRON_BYTES_MAX {
        return Err(wrong("cron", format!("must have at most {CRON_BYTES_MAX} bytes")));
    }
    if line.split_whitespace().count() != 5 || line.contains('@') {
        return Err(wrong("cron", five.into()));
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Optional).build();
    parser.parse(line).map_err(|error| wrong("cron", format!("{five}; {error}")))
}

/// Times on the wall, each once: the pattern is followed without a zone, and what it finds is looked up in the zone.
fn next_on_the_wall(cron: &Cron, zone: Tz, after: Timestamp) -> Option<Timestamp> {
    let after = DateTime::from_timestamp_millis(after.as_millis())?;
    // Where the clock was put back since, later times of the wall have had their slots already: they are passed over below.
    let mut wall = after.with_timezone(&zone).naive_local();
    loop {
        wall = cron.find_next_occurrence(&wall, false).ok()?;
        let slot = on_the_clock(zone, wall)?;
        if slot.timestamp_millis() > after.timestamp_millis() {
            return Some(Timestamp::from_millis(slot.timestamp_millis()));
        }
    }
}

/// When a time on the wall is: its first pass, or the first moment after the gap that it lies in.
fn on_the_clock(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Tz>> {
    for minutes in 0..=GAP_MINUTES_MAX {
        match zone.from_local_datetime(&wall.checked_add_signed(TimeDelta::minutes(minutes))?) {
            LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => return Some(moment),
            LocalResult::None => {}
        }
    }
    None
}

fn wrong(field: &'static str, problem: String) -> TimingError {
    TimingError { field, problem }
}

#[cfg(test)]
mod tests;
