//! The body of an answer: its pieces, each sent by itself, and its end, which may be none.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use super::behaviour::Behaviour;
use super::record::OpenAnswer;
use super::vendor::Transcript;

/// One write.
#[derive(Debug)]
struct Piece {
    bytes: Bytes,
    /// Whether the behaviour's gap goes before it.
    after_gap: bool,
}

/// What comes after the last piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The body's proper end.
    Done,
    /// A closed connection.
    Cut,
    /// Nothing, for ever.
    Stall,
}

/// The connection is to be closed in the middle of the body, as scripted.
#[derive(Debug)]
pub(super) struct Cut;

/// An answer's body. Dropped before its end it counts as aborted.
#[derive(Debug)]
pub(super) struct AnswerBody {
    pieces: std::vec::IntoIter<Piece>,
    ending: Ending,
    /// The bytes not yet sent, where they all are known to be sent: hyper makes it the `content-length`.
    length: Option<u64>,
    gap: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
    /// When the last gap ended.
    paced: Option<Instant>,
    /// Whether the connection has had its turn to write since the last piece.
    flushed: bool,
    open: Option<OpenAnswer>,
}

impl AnswerBody {
    /// All at once, with a `content-length`.
    pub(super) fn whole(bytes: Bytes, open: Option<OpenAnswer>) -> Self {
        let length = Some(bytes.len() as u64);
        Self { length, ..Self::of(vec![Piece { bytes, after_gap: false }], Ending::Done, open) }
    }

    /// All at once, as a stream.
    pub(super) fn burst(bytes: Bytes, open: OpenAnswer) -> Self {
        Self::of(vec![Piece { bytes, after_gap: false }], Ending::Done, Some(open))
    }

    /// A JSON answer that breaks off in the middle if the behaviour says so.
    pub(super) fn json(bytes: Bytes, behaviour: &Behaviour, open: OpenAnswer) -> Self {
        let ending = ending(behaviour);
        if ending == Ending::Done {
            return Self::whole(bytes, Some(open));
        }
        let length = Some(bytes.len() as u64);
        let half = Piece { bytes: bytes.slice(..bytes.len() / 2), after_gap: false };
        Self { length, ..Self::of(vec![half], ending, Some(open)) }
    }

    /// A stream as the behaviour says.
    pub(super) fn stream(transcript: Transcript, behaviour: &Behaviour, open: OpenAnswer) -> Self {
        let mut pieces = pieces(transcript, behaviour);
        if let Some(split) = behaviour.split {
            pieces = resplit(&pieces, split.max(1));
        }
        Self { gap: behaviour.gap, ..Self::of(pieces, ending(behaviour), Some(open)) }
    }

    fn of(pieces: Vec<Piece>, ending: Ending, open: Option<OpenAnswer>) -> Self {
        let pieces = pieces.into_iter();
        let gap = Duration::ZERO;
        Self { pieces, ending, length: None, gap, waiting: None, paced: None, flushed: true, open }
    }

    /// Waits until the next gap is over. Gaps are counted from the first one's begin, so that late wake-ups do not add up.
    fn poll_gap(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.gap.is_zero() || !self.pieces.as_slice().first().is_some_and(|piece| piece.after_gap) {
            return Poll::Ready(());
        }
        let due = self.paced.unwrap_or_else(Instant::now) + self.gap;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        self.paced.get_or_insert(due - self.gap);
        ready!(waiting.as_mut().poll(context));
        self.waiting = None;
        self.paced = Some(due);
        Poll::Ready(())
    }

    fn poll_end(&mut self) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let end = match self.ending {
            // The connection notices by itself when the caller hangs up, and drops this body.
            Ending::Stall => return Poll::Pending,
            Ending::Cut => Some(Err(Cut)),
            Ending::Done => None,
        };
        if let Some(open) = self.open.take() {
            open.finish();
        }
        Poll::Ready(end)
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        // hyper writes when the body has nothing ready: so that every piece is a write of its own, say once that it has not.
        if !std::mem::replace(&mut self.flushed, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        ready!(self.poll_gap(context));
        let Some(piece) = self.pieces.next() else { return self.poll_end() };
        if let Some(length) = &mut self.length {
            *length -= piece.bytes.len() as u64;
        }
        let is_last = self.pieces.as_slice().is_empty();
        self.flushed = is_last && self.ending == Ending::Done;
        if self.flushed && self.length.is_some() {
            // With a `content-length`, hyper does not come back for the end.
            let _ = self.poll_end();
        }
        Poll::Ready(Some(Ok(Frame::data(piece.bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

impl std::fmt::Display for Cut {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("cut off as scripted")
    }
}

impl std::error::Error for Cut {}

impl From<Infallible> for Cut {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

fn ending(behaviour: &Behaviour) -> Ending {
    if behaviour.stall_after.is_some() {
        Ending::Stall
    } else if behaviour.cut_after.is_some() {
        Ending::Cut
    } else {
        Ending::Done
    }
}

/// The events to send, up to where the behaviour breaks off.
fn pieces(transcript: Transcript, behaviour: &Behaviour) -> Vec<Piece> {
    let at_once = |bytes: Vec<u8>| Piece { bytes: bytes.into(), after_gap: false };
    let stop = behaviour.stall_after.or(behaviour.cut_after).or(behaviour.error_after);
    let mut pieces: Vec<Piece> = transcript.opening.into_iter().map(at_once).collect();
    let deltas = transcript.deltas.into_iter().take(stop.unwrap_or(usize::MAX)).enumerate();
    pieces.extend(deltas.map(|(index, bytes)| Piece { bytes: bytes.into(), after_gap: index > 0 }));
    if stop.is_none() {
        pieces.extend(transcript.closing.into_iter().map(at_once));
    } else if ending(behaviour) == Ending::Done {
        pieces.push(at_once(transcript.error));
    }
    pieces
}

/// The same bytes in pieces of that size.
fn resplit(pieces: &[Piece], size: usize) -> Vec<Piece> {
    let bytes = Bytes::from(pieces.iter().flat_map(|piece| piece.bytes.iter().copied()).collect::<Vec<u8>>());
    (0..bytes.len())
        .step_by(size)
        .map(|start| Piece { bytes: bytes.slice(start..bytes.len().min(start + size)), after_gap: start > 0 })
        .collect()
}
