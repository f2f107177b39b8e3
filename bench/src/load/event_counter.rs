//! Counts server-sent events without reading them: a parser would cost the measuring core more than the rest.

/// How much of an event is looked at: its `event:` line.
const HEAD_BYTES: usize = 32;

/// Counts the events of one stream, whose lines end in a bare newline.
#[derive(Debug, Default)]
pub(super) struct EventCounter {
    count: u64,
    /// The first bytes of the event under way.
    head: Vec<u8>,
    /// The first bytes of the last complete event.
    last: Vec<u8>,
    line_is_empty: bool,
}

impl EventCounter {
    /// Takes the next bytes and says how many events they completed.
    pub(super) fn push(&mut self, bytes: &[u8]) -> u64 {
        let before = self.count;
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            let room = HEAD_BYTES.saturating_sub(self.head.len()).min(line.len());
            self.head.extend_from_slice(&line[..room]);
            if self.line_is_empty && line == b"\n" {
                self.complete();
            } else {
                self.line_is_empty = line.ends_with(b"\n");
            }
        }
        self.count - before
    }

    /// Whether the stream stopped after an event that begins so.
    pub(super) fn ended_with(&self, ending: &str) -> bool {
        self.head.is_empty() && self.last.starts_with(ending.as_bytes())
    }

    fn complete(&mut self) {
        // An empty line after an empty line, or at the start, ends no event.
        if self.head != b"\n" {
            self.count += 1;
            std::mem::swap(&mut self.head, &mut self.last);
        }
        self.head.clear();
        self.line_is_empty = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_counted_wherever_they_are_cut() {
        let stream = b"event: chunk\ndata: {\"content\":\"a rather long piece of text\"}\n\ndata: two\n\nevent: done\ndata: 3\n\n";
        for cut in 0..=stream.len() {
            let mut counter = EventCounter::default();
            let count = counter.push(&stream[..cut]) + counter.push(&stream[cut..]);
            assert_eq!((count, counter.ended_with("event: done\n")), (3, true), "cut at {cut}");
        }
    }

    #[test]
    fn a_stream_that_breaks_off_did_not_end() {
        let mut counter = EventCounter::default();
        assert_eq!(counter.push(b"event: done\ndata: 1\n\nevent: do"), 1);
        assert!(!counter.ended_with("event: done"));
        assert!(!EventCounter::default().ended_with("event: done"));
    }
}
