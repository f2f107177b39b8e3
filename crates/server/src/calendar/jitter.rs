//! Jitter: the same for the same slot, so that it can be worked out anew after a crash, and even over all schedules.

use openclaw_core::Timestamp;
use sha2::{Digest, Sha256};

/// How many milliseconds a slot is put off, from 0 to that many seconds.
pub fn jitter(schedule_id: &str, slot: Timestamp, seconds_max: u64) -> i64 {
    let digest = Sha256::digest(format!("{schedule_id} {}", slot.as_millis()));
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    let span = u128::from(seconds_max) * 1000 + 1;
    i64::try_from((u128::from(u64::from_be_bytes(first)) * span) >> 64).expect("bounded by the span, which is")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_is_the_same_for_a_slot_and_even_over_many() {
        let slot = Timestamp::from_millis(1_700_000_000_000);
        assert_eq!(jitter("sch_1", slot, 60), jitter("sch_1", slot, 60));
        assert_eq!(jitter("sch_1", slot, 0), 0);
        let mut seconds: Vec<_> = (0..6000).map(|n| jitter(&format!("sch_{n}"), slot, 60) / 1000).collect();
        seconds.sort_unstable();
        assert!(seconds.iter().all(|second| (0..=60).contains(second)));
        let busiest = seconds.chunk_by(|a, b| a == b).map(<[_]>::len).max().expect("some");
        assert!(busiest < 150, "6000 over 60 seconds, {busiest} of them in one");
    }
}
