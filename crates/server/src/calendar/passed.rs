//! Which slots have come since one was last settled: of several only the latest may still fire.

use openclaw_core::Timestamp;

use super::{Kind, Timing, jitter};

/// Slots looked at at once; what lies further is seen with the next look.
const LOOKED_AT_MAX: usize = 1000;
/// Slots passed over that are told one by one; more become one entry with a count.
const TOLD_MAX: u64 = 16;

/// Slots in a row that were passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passed {
    /// The first.
    pub first: Timestamp,
    /// The last; the first itself if there is one.
    pub last: Timestamp,
    /// How many.
    pub count: u64,
}

/// What has come of a schedule, from its next slot on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// What was passed over, one by one, or all in one entry if it is more than 16.
    pub passed: Vec<Passed>,
    /// The latest slot that has come; `None` if there may be more than were looked at.
    pub latest: Option<Timestamp>,
    /// The slot after all these.
    pub next: Option<Timestamp>,
}

/// The slots from `first` on whose time has come, jitter included. `first` itself counts as come.
pub fn due(timing: &Timing, schedule_id: &str, jitter_seconds: u64, first: Timestamp, now: Timestamp) -> Due {
    let mut row = Row::default();
    let mut latest = leap(timing, jitter_seconds, first, now, &mut row);
    for _ in 0..LOOKED_AT_MAX {
        let next = timing.next_after(latest);
        let has_come = next.is_some_and(|next| next.plus_millis(jitter(schedule_id, next, jitter_seconds)) <= now);
        if !has_come {
            return Due { passed: row.told(), latest: Some(latest), next };
        }
        row.add(latest, 1, latest);
        latest = next.unwrap_or(latest);
    }
    Due { passed: row.told(), latest: None, next: Some(latest) }
}

/// Passes over most of what has come at once where that is plain arithmetic; gives the slot to go on from.
fn leap(timing: &Timing, jitter_seconds: u64, first: Timestamp, now: Timestamp, row: &mut Row) -> Timestamp {
    let Kind::Every { span_ms, .. } = &timing.0 else { return first };
    let jitter_ms = i64::try_from(jitter_seconds).unwrap_or(i64::MAX / 1000).saturating_mul(1000);
    let surely = (now.as_millis() - jitter_ms - first.as_millis()).div_euclid(*span_ms);
    let Some(count) = u64::try_from(surely).ok().filter(|count| *count > TOLD_MAX) else { return first };
    row.add(first, count, first.plus_millis((surely - 1) * span_ms));
    first.plus_millis(surely * span_ms)
}

/// Slots passed over so far.
#[derive(Default)]
struct Row {
    single: Vec<Timestamp>,
    all: Option<Passed>,
}

impl Row {
    fn add(&mut self, first: Timestamp, count: u64, last: Timestamp) {
        let all = self.all.get_or_insert(Passed { first, last, count: 0 });
        all.last = last;
        all.count += count;
        if count == 1 {
            self.single.push(first);
        }
    }

    fn told(self) -> Vec<Passed> {
        match self.all {
            Some(all) if all.count > TOLD_MAX => vec![all],
            _ => self.single.into_iter().map(|slot| Passed { first: slot, last: slot, count: 1 }).collect(),
        }
    }
}
