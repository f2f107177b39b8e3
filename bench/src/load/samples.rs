//! Measured durations, and what they say.

use std::time::Duration;

/// Durations in order of size.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<Duration>);

impl Samples {
    /// Sorts them.
    pub fn new(mut samples: Vec<Duration>) -> Self {
        samples.sort_unstable();
        Self(samples)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The one that half of them do not exceed.
    pub fn p50(&self) -> Option<Duration> {
        self.percentile(50)
    }

    /// The one that 99 of 100 do not exceed.
    pub fn p99(&self) -> Option<Duration> {
        self.percentile(99)
    }

    /// Nearest rank: the smallest that at least so many of a hundred do not exceed.
    fn percentile(&self, percent: usize) -> Option<Duration> {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0.get(rank.max(1) - 1).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_the_nearest_rank() {
        let samples = |count: u64| Samples::new((1..=count).rev().map(Duration::from_millis).collect());
        assert_eq!(samples(0).p50(), None);
        assert_eq!(samples(1).p99(), Some(Duration::from_millis(1)));
        assert_eq!(samples(100).p50(), Some(Duration::from_millis(50)));
        assert_eq!(samples(100).p99(), Some(Duration::from_millis(99)));
        assert_eq!(samples(1000).p99(), Some(Duration::from_millis(990)));
    }
}
