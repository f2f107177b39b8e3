//! A piece of a text that is too long to be shown whole, and how to go on.

/// The text from a byte on, `bytes_max` bytes of it at most, with a note about what is not shown.
pub(super) fn excerpt(text: &str, offset: usize, bytes_max: usize) -> String {
    let start = text.floor_char_boundary(offset.min(text.len()));
    let end = text.floor_char_boundary(start.saturating_add(bytes_max.saturating_sub(NOTE_BYTES)).min(text.len()));
    let shown = &text[start..end];
    let bytes = text.len();
    match (start, end == bytes) {
        (0, true) => shown.to_owned(),
        (_, true) if shown.is_empty() => format!("[nothing follows: the text ends at byte {bytes}]"),
        (_, true) => format!("{shown}\n[bytes {start} to {end} of {bytes}: the end]"),
        (_, false) => {
            format!("{shown}\n[bytes {start} to {end} of {bytes}; call again with offset {end} for what follows]")
        }
    }
}

/// Room for the note, so that the whole stays within the bound.
const NOTE_BYTES: usize = 160;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_up_the_whole_text() {
        let text = "文字abc".repeat(200);
        assert_eq!(excerpt(&text, 0, 10_000), text);
        let (mut offset, mut whole, mut pieces) = (0, String::new(), 0);
        loop {
            let piece = excerpt(&text, offset, 500);
            assert!(piece.len() <= 500, "{} bytes", piece.len());
            let (shown, note) = piece.rsplit_once("\n[").expect("a note");
            whole.push_str(shown);
            pieces += 1;
            let Some((_, next)) = note.split_once("offset ") else { break };
            offset = next.split(' ').next().expect("a number").parse().expect("a number");
        }
        assert_eq!((whole == text, pieces), (true, 6));
        assert_eq!(excerpt("abc", 7, 500), "[nothing follows: the text ends at byte 3]");
    }
}
