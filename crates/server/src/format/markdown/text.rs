//! Text that must not become markup, and URLs that must not end it.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// Shows as nothing, and stands between what would be a command together.
const ZERO_WIDTH_SPACE: char = '\u{200B}';

/// Words that, after an `@`, call everyone on one platform or another.
const EVERYONE: [&str; 6] = ["all", "channel", "everyone", "here", "所有人", "全体成员"];

/// What would end a link, or its label, in some dialect.
const ENDS_A_LINK: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'(')
    .add(b')')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'`')
    .add(b'|');

/// The same where the URL holds an `@all`.
const CALLS_OR_ENDS_A_LINK: &AsciiSet = &ENDS_A_LINK.add(b'@');

/// Text in which no `@all` calls anyone.
pub(super) fn without_calls(text: &str) -> String {
    spaced_after(text, |character, rest| {
        character == '@' && EVERYONE.iter().any(|word| starts_with_ignoring_case(rest, word))
    })
}

/// Text in which nothing begins a tag, for dialects that have tags and no way to escape them.
pub(in super::super) fn without_tags(text: &str) -> String {
    spaced_after(text, |character, rest| {
        let begins_tag = |next: char| next.is_alphabetic() || matches!(next, '/' | '@' | '!' | '?' | '#');
        character == '<' && rest.chars().next().is_some_and(begins_tag)
    })
}

/// Plain text as markdown that shows it as it is, on one line.
pub(in super::super) fn literal(plain: &str) -> String {
    let mut markdown = String::with_capacity(plain.len());
    for character in plain.chars() {
        if character.is_ascii_punctuation() {
            markdown.push('\\');
        }
        markdown.push(if character.is_control() { ' ' } else { character });
    }
    markdown.trim().to_owned()
}

/// A URL that ends no link of any dialect, if it leads to the web or to a mailbox.
pub(super) fn url_encoded(url: &str) -> Option<String> {
    let is_allowed = ["https:", "http:", "mailto:"].iter().any(|scheme| starts_with_ignoring_case(url, scheme));
    let calls = |url: &str| without_calls(url).len() > url.len();
    let set = if calls(url) { CALLS_OR_ENDS_A_LINK } else { ENDS_A_LINK };
    is_allowed.then(|| utf8_percent_encode(url, set).to_string())
}

fn spaced_after(text: &str, mut is_trigger: impl FnMut(char, &str) -> bool) -> String {
    let mut spaced = String::with_capacity(text.len());
    for (index, character) in text.char_indices() {
        spaced.push(character);
        if is_trigger(character, &text[index + character.len_utf8()..]) {
            spaced.push(ZERO_WIDTH_SPACE);
        }
    }
    spaced
}

fn starts_with_ignoring_case(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_called() {
        assert_eq!(
            without_calls("@all 看 @ALL, @所有人 @ann a@b.com"),
            "@\u{200B}all 看 @\u{200B}ALL, @\u{200B}所有人 @ann a@b.com"
        );
        assert_eq!(
            without_tags("1 < 2 <at id=all></at> <@all>"),
            "1 < 2 <\u{200B}at id=all><\u{200B}/at> <\u{200B}@all>"
        );
    }

    #[test]
    fn a_url_cannot_end_its_link_or_run_a_script() {
        assert_eq!(
            url_encoded("https://a.com/x(1)|y>?q=a&b=%20 中"),
            Some("https://a.com/x%281%29%7Cy%3E?q=a&b=%20%20%E4%B8%AD".into())
        );
        assert_eq!(url_encoded("https://a.com/@all/@ann"), Some("https://a.com/%40all/%40ann".into()));
        assert_eq!(url_encoded("https://a.com/@ann"), Some("https://a.com/@ann".into()));
        assert_eq!(url_encoded("JavaScript:alert(1)"), None);
        assert_eq!(url_encoded("dingtalk://x"), None);
    }
}
