//! When a stream rests, so that events gather.
//!
//! A thread that waits for each event is woken for each, and wakes its consumer for each, which costs far more than to read
//! it. Where events rush in, the thread rests a moment instead, and then finds dozens in one read. Nobody sees a tenth of a
//! millisecond; a model's own pace, a hundred times slower, is no rush.
//!
//! It is the runtime's only thread that rests, with all its calls. So it does once in a round of all streams, however many
//! rush in, and works off what has come meanwhile before it rests again.

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// How long to rest; Linux adds up to 50 µs, the slack of its timers.
const REST: Duration = Duration::from_micros(100);
/// The mean gap below which events rush in.
const GAP_MAX: Duration = Duration::from_micros(25);
/// For how many reads in a row they must, so that a short burst is not held up.
const READS_MIN: u32 = 8;

/// How often the thread has rested.
static RESTS: AtomicU32 = AtomicU32::new(0);

/// The pace of one stream.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    last_read: Option<Instant>,
    /// How many reads in a row were of a rush.
    quick_reads: u32,
    /// How often the thread had rested by the last read.
    rests: u32,
}

impl Pace {
    pub(crate) fn is_rush(&self) -> bool {
        self.quick_reads >= READS_MIN
    }

    /// After a read of so many events: rests if they rush in, and nobody has rested since the read before.
    #[expect(clippy::disallowed_methods, reason = "it measures, and nothing is decided by it but when to read")]
    pub(crate) fn after(&mut self, events: usize) {
        self.note(events, Instant::now());
        let rests = RESTS.load(Ordering::Relaxed);
        if self.is_rush() && rests == self.rests {
            thread::sleep(REST);
            RESTS.store(rests.wrapping_add(1), Ordering::Relaxed);
        }
        self.rests = RESTS.load(Ordering::Relaxed);
    }

    fn note(&mut self, events: usize, now: Instant) {
        let gaps = GAP_MAX * u32::try_from(events).unwrap_or(u32::MAX);
        let is_quick = self.last_read.replace(now).is_some_and(|last| now.duration_since(last) < gaps);
        self.quick_reads = if is_quick { self.quick_reads.saturating_add(1) } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pace after reads of so many events, so many microseconds apart.
    #[expect(clippy::disallowed_methods, reason = "there is no other way to make an instant")]
    fn pace(reads: &[(usize, u64)]) -> Pace {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        for &(events, gap_us) in reads {
            now += Duration::from_micros(gap_us);
            pace.note(events, now);
        }
        pace
    }

    #[test]
    fn only_events_that_keep_coming_quickly_are_a_rush() {
        assert!(!pace(&[(1, 5); 8]).is_rush(), "the first read has none before it");
        assert!(pace(&[(1, 5); 9]).is_rush());
        assert!(!pace(&[(1, 30); 100]).is_rush());
        assert!(!pace(&[(500, 1)]).is_rush(), "one burst");
        let rested = [&[(1, 5); 9][..], &[(30, 155); 20]].concat();
        assert!(pace(&rested).is_rush(), "they gather while the thread rests");
        assert!(!pace(&[&rested[..], &[(1, 155)]].concat()).is_rush(), "and end");
    }
}
