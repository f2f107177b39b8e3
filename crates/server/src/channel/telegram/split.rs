//! A reply in parts that Telegram takes, cut where a reader would pause.

use super::html;

/// The most UTF-16 units of a message: <https://core.telegram.org/bots/api#sendmessage>.
const UNITS_MAX: usize = 4096;
/// Parts of one reply, some 100,000 characters; then the rest is left out, and that is said.
const PARTS_MAX: usize = 25;
/// No part is made smaller than this to fit: what is still too long is text in one piece.
const UNITS_MIN: usize = 64;
const CUT: &str = "(… the rest of the answer is left out: it is too long for a chat.)";
const FENCE: &str = "```";

/// The parts of a reply, at least one; each fits as it is and as HTML, and fences are closed and opened again.
pub(super) fn parts(reply: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = reply.trim_matches('\n').to_owned();
    while !rest.trim().is_empty() {
        if parts.len() == PARTS_MAX - 1 && !fits(&rest) {
            parts.push(CUT.to_owned());
            return parts;
        }
        let (part, after) = first_part(&rest);
        parts.push(part);
        rest = after;
    }
    if parts.is_empty() {
        parts.push("…".to_owned());
    }
    parts
}

/// Whether Telegram takes it, formatted or not.
fn fits(text: &str) -> bool {
    units(text) <= UNITS_MAX && html::visible_units(text) <= UNITS_MAX
}

/// The longest beginning that fits, and the rest.
fn first_part(text: &str) -> (String, String) {
    if fits(text) {
        return (text.trim_end().to_owned(), String::new());
    }
    let mut most = UNITS_MAX - 2 * FENCE.len();
    loop {
        let at = cut(text, most);
        let (part, rest) = text.split_at(at);
        let (part, rest) = match open_fence(part) {
            Some(opening) => {
                (format!("{}\n{FENCE}", part.trim_end()), format!("{opening}\n{}", rest.trim_start_matches('\n')))
            }
            None => (part.trim_end().to_owned(), rest.trim_start_matches(['\n', ' ']).to_owned()),
        };
        if fits(&part) || most <= UNITS_MIN {
            return (part, rest);
        }
        most /= 2;
    }
}

/// Where to cut a text of more than `most` units: after a paragraph, a line, a sentence, a word, or a character.
fn cut(text: &str, most: usize) -> usize {
    let end = prefix_bytes(text, most);
    let head = &text[..end];
    // Before a quarter of it, a cut would cost too many parts.
    let least = end / 4;
    let after = |marks: &[&str]| {
        marks.iter().filter_map(|mark| head.rfind(mark).map(|at| at + mark.len())).max().filter(|at| *at > least)
    };
    // A fence that was opened in this part is better begun in the next one.
    let before_fence = open_fence(head).and_then(|_| fence_start(head)).filter(|at| *at > least);
    before_fence
        .or_else(|| after(&["\n\n"]))
        .or_else(|| after(&["\n"]))
        .or_else(|| after(&["。", "！", "？", "；", ". ", "! ", "? "]))
        .or_else(|| after(&[" ", "，", "、"]))
        .unwrap_or(end)
}

/// The bytes of the longest beginning with at most so many UTF-16 units, at least one character.
fn prefix_bytes(text: &str, units_max: usize) -> usize {
    let mut units = 0;
    for (at, character) in text.char_indices() {
        units += character.len_utf16();
        if units > units_max && at > 0 {
            return at;
        }
    }
    text.len()
}

/// The line that opened the fence in which a text ends.
fn open_fence(text: &str) -> Option<&str> {
    let mut open = None;
    for line in text.lines().filter(|line| line.trim_start().starts_with(FENCE)) {
        open = if open.is_some() { None } else { Some(line) };
    }
    // A fence that says more than its language would eat up the part that it opens.
    open.map(|line| if line.len() <= 32 { line } else { FENCE })
}

fn fence_start(text: &str) -> Option<usize> {
    text.rfind("\n```").map(|at| at + 1)
}

/// UTF-16 units, in which Telegram counts.
pub(super) fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_short_reply_is_one_part() {
        assert_eq!(parts("你好"), ["你好"]);
        assert_eq!(parts(" \n"), ["…"]);
    }

    #[test]
    fn it_is_cut_after_paragraphs_then_lines_then_sentences() {
        let paragraph = "很长的一段话。".repeat(200);
        let reply = format!("{paragraph}\n\n{paragraph}\n\n{paragraph}\n\n{paragraph}");
        assert_eq!(
            parts(&reply),
            [[paragraph.as_str(), &paragraph].join("\n\n"), [paragraph.as_str(), &paragraph].join("\n\n")]
        );
        let long = "A sentence of words. ".repeat(400);
        assert!(parts(&long).iter().all(|part| part.ends_with("words.")), "{:?}", parts(&long));
        let emoji = "🦀".repeat(3000);
        assert_eq!(parts(&emoji).concat(), emoji);
    }

    #[test]
    fn code_stays_code_in_each_part() {
        let code = format!("```rust\n{}```\nend", "let x = 1; // a line\n".repeat(500));
        let parts = parts(&code);
        assert!(parts.len() >= 3);
        for part in &parts {
            assert_eq!(part.matches(FENCE).count() % 2, 0, "{part}");
            assert!(part.starts_with("```rust\n"));
        }
    }

    #[test]
    fn an_endless_reply_is_cut_and_says_so() {
        let parts = parts(&"word ".repeat(100_000));
        assert_eq!((parts.len(), parts.last().map(String::as_str)), (PARTS_MAX, Some(CUT)));
    }

    proptest! {
        #[test]
        fn every_part_fits(reply in "([a-z *_`<&|\\[\\]()~#>\n。🦀-]{0,40}(```\n|\n\n|\\| a \\| b \\|\n)?){0,200}") {
            for part in parts(&reply) {
                prop_assert!(fits(&part) && !part.trim().is_empty(), "{part}");
            }
        }
    }
}
