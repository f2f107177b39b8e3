//! Server-sent events: bytes in, events out, however the bytes were cut; and events out as bytes.
//!
//! The one parser of the product: the gateway reads vendors with it, the client reads the gateway. Rules: WHATWG HTML,
//! "Server-sent events", 9.2.6.

use std::collections::VecDeque;

use memchr::{memchr, memchr2};

/// The most bytes of one event; a larger one is refused, so that a sender cannot fill the memory.
pub const EVENT_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its `event:` name; empty if it has none.
    pub event: String,
    /// Its `data:` lines, joined by newlines.
    pub data: String,
    /// Its `id:`, if it has one.
    pub id: Option<String>,
}

/// An event was larger than [`EVENT_BYTES_MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a server-sent event is larger than {EVENT_BYTES_MAX} bytes")]
pub struct SseTooLarge;

/// Reads events from bytes that arrive in any cut.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
    begun: bool,
    after_cr: bool,
    ready: VecDeque<SseEvent>,
}

impl SseParser {
    /// Takes the next bytes; [`next`](Self::next) then gives the events that they completed.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), SseTooLarge> {
        while !bytes.is_empty() {
            if std::mem::take(&mut self.after_cr) && bytes[0] == b'\n' {
                bytes = &bytes[1..];
                continue;
            }
            let Some(end) = memchr2(b'\n', b'\r', bytes) else {
                self.line.extend_from_slice(bytes);
                break;
            };
            self.after_cr = bytes[end] == b'\r';
            if self.line.is_empty() {
                self.take_line(&bytes[..end]);
            } else {
                self.line.extend_from_slice(&bytes[..end]);
                let mut line = std::mem::take(&mut self.line);
                self.take_line(&line);
                line.clear();
                self.line = line;
            }
            bytes = &bytes[end + 1..];
            if self.event.data.len() > EVENT_BYTES_MAX {
                return Err(SseTooLarge);
            }
        }
        if self.line.len() > EVENT_BYTES_MAX { Err(SseTooLarge) } else { Ok(()) }
    }

    /// The next complete event, if there is one.
    #[expect(clippy::should_implement_trait, reason = "an exhausted parser is fed again, which no iterator is")]
    pub fn next(&mut self) -> Option<SseEvent> {
        self.ready.pop_front()
    }

    fn take_line(&mut self, line: &[u8]) {
        let line = if std::mem::replace(&mut self.begun, true) {
            line
        } else {
            line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line)
        };
        if line.is_empty() {
            self.dispatch();
            return;
        }
        let colon = memchr(b':', line).unwrap_or(line.len());
        let value = line.get(colon + 1..).unwrap_or_default();
        let value = String::from_utf8_lossy(value.strip_prefix(b" ").unwrap_or(value));
        match &line[..colon] {
            b"data" => {
                if std::mem::replace(&mut self.has_data, true) {
                    self.event.data.push('\n');
                }
                self.event.data.push_str(&value);
            }
            b"event" => self.event.event = value.into_owned(),
            b"id" if !value.contains('\0') => self.event.id = Some(value.into_owned()),
            _ => {}
        }
    }

    fn dispatch(&mut self) {
        let event = std::mem::take(&mut self.event);
        if std::mem::take(&mut self.has_data) {
            self.ready.push_back(event);
        }
    }
}

/// Appends one event. `data` must hold no line break: JSON never does.
pub fn write_event(out: &mut Vec<u8>, event: &str, id: Option<&str>, data: &[u8]) {
    debug_assert!(!data.contains(&b'\n') && !data.contains(&b'\r'), "event data is one line");
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(event.as_bytes());
    if let Some(id) = id {
        out.extend_from_slice(b"\nid: ");
        out.extend_from_slice(id.as_bytes());
    }
    out.extend_from_slice(b"\ndata: ");
    out.extend_from_slice(data);
    out.extend_from_slice(b"\n\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn parse(pieces: &[&[u8]]) -> Vec<SseEvent> {
        let mut parser = SseParser::default();
        let mut events = Vec::new();
        for piece in pieces {
            parser.push(piece).expect("small");
            events.extend(std::iter::from_fn(|| parser.next()));
        }
        events
    }

    fn event(event: &str, data: &str, id: Option<&str>) -> SseEvent {
        SseEvent { event: event.into(), data: data.into(), id: id.map(Into::into) }
    }

    #[test]
    fn the_same_events_whatever_the_line_ends_and_wherever_cut() {
        let text = "\u{feff}: hello\nevent: chunk\ndata: {\"a\":\"当然\"}\n\ndata:x\ndata: y\nid: 7\n\nevent: lonely\n\ndata\n\n";
        let expected =
            vec![event("chunk", "{\"a\":\"当然\"}", None), event("", "x\ny", Some("7")), event("", "", None)];
        for ends in ["\n", "\r", "\r\n"] {
            let bytes = text.replace('\n', ends).into_bytes();
            for cut in 0..=bytes.len() {
                assert_eq!(parse(&[&bytes[..cut], &bytes[cut..]]), expected, "cut at {cut} with {ends:?}");
            }
            let single: Vec<&[u8]> = bytes.chunks(1).collect();
            assert_eq!(parse(&single), expected);
        }
    }

    #[test]
    fn an_event_without_an_end_is_not_given_and_a_giant_is_refused() {
        assert_eq!(parse(&[b"data: half\n"]), vec![]);
        let mut parser = SseParser::default();
        let piece = vec![b'x'; EVENT_BYTES_MAX / 4 + 1];
        assert!((0..4).any(|_| parser.push(&piece).is_err()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived_and_cuts_do_not_matter(bytes: Vec<u8>, cut in 0usize..64) {
            let cut = cut.min(bytes.len());
            prop_assert_eq!(parse(&[&bytes]), parse(&[&bytes[..cut], &bytes[cut..]]));
        }

        #[test]
        fn what_is_written_is_read(name in "[a-z.]{1,20}", data in "[^\r\n]{0,80}", id in proptest::option::of("[0-9]{1,9}")) {
            let mut bytes = Vec::new();
            write_event(&mut bytes, &name, id.as_deref(), data.as_bytes());
            prop_assert_eq!(parse(&[&bytes]), vec![event(&name, &data, id.as_deref())]);
        }
    }
}
