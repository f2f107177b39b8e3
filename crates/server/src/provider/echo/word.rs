//! Words: what `echo` streams one by one, and counts as tokens.

/// The words of a reply: the text's own, or that many of them in turn.
pub(super) fn reply_words(text: &str, count: Option<usize>) -> Vec<String> {
    let Some(count) = count else {
        return words(text).map(str::to_owned).collect();
    };
    let spaced = format!("{} ", text.trim());
    let mut reply: Vec<String> = words(&spaced).cycle().take(count).map(str::to_owned).collect();
    if let Some(last) = reply.last_mut() {
        last.truncate(last.trim_end().len());
    }
    reply
}

/// Cuts a text into words; joined, they are the text.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (word, after) = rest.split_at(word_end(rest));
        rest = after;
        (!word.is_empty()).then_some(word)
    })
}

/// Where the first word ends, blanks around it included.
fn word_end(text: &str) -> usize {
    let (mut before, mut is_blank) = (' ', true);
    for (at, character) in text.char_indices() {
        let begins =
            !character.is_whitespace() && (before.is_whitespace() || stands_alone(character) || stands_alone(before));
        if begins && !is_blank {
            return at;
        }
        is_blank &= character.is_whitespace();
        before = character;
    }
    text.len()
}

/// Characters of scripts that put no blanks between words: Han, Kana, their punctuation and full-width forms.
fn stands_alone(character: char) -> bool {
    matches!(u32::from(character), 0x3000..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_cut_so_that_joined_they_are_the_text() {
        for (text, cut) in [
            ("Hello,  big world ", vec!["Hello,  ", "big ", "world "]),
            ("帮我写个Python脚本", vec!["帮", "我", "写", "个", "Python", "脚", "本"]),
            ("  a\n\nb", vec!["  a\n\n", "b"]),
            ("好 吗", vec!["好 ", "吗"]),
            ("", vec![]),
            (" ", vec![" "]),
        ] {
            assert_eq!(words(text).collect::<Vec<_>>(), cut, "{text:?}");
            assert_eq!(words(text).collect::<String>(), text);
        }
    }
}
