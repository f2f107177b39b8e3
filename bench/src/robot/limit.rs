//! How much a robot takes: so many messages within so long, counted over every window.

use std::collections::VecDeque;

/// The limits of one robot.
#[derive(Debug)]
pub(super) struct Limit {
    /// Messages, and the milliseconds within which they are too many.
    windows: Vec<(usize, i64)>,
    /// How long one too many is answered with silence, in milliseconds.
    punishment_ms: i64,
    taken: VecDeque<i64>,
    silent_until: i64,
}

impl Limit {
    pub(super) fn new(windows: Vec<(usize, i64)>, punishment_ms: i64) -> Self {
        Self { windows, punishment_ms, taken: VecDeque::new(), silent_until: i64::MIN }
    }

    /// Whether a message at that moment is one too many.
    pub(super) fn exceeds(&mut self, now_ms: i64) -> bool {
        if now_ms < self.silent_until {
            return true;
        }
        let longest = self.windows.iter().map(|(_, length)| *length).max().unwrap_or(0);
        self.taken.retain(|taken| now_ms - taken < longest);
        let is_full = |(count, length): &(usize, i64)| {
            self.taken.iter().filter(|taken| now_ms - **taken < *length).count() >= *count
        };
        if self.windows.iter().any(is_full) {
            self.silent_until = now_ms + self.punishment_ms;
            return true;
        }
        self.taken.push_back(now_ms);
        false
    }
}
