//! The HTML that Telegram takes, read as strictly: known tags, each closed in order, and four named entities.

const TAGS: [&str; 15] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "a",
    "code",
    "pre",
    "blockquote",
    "tg-spoiler",
    "span",
];
const ENTITIES: [(&str, char); 4] = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];

/// What is shown of a text, or why it is refused.
pub(super) fn shown(html: &str) -> Result<String, String> {
    let mut shown = String::new();
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(first) = rest.chars().next() {
        match first {
            '<' => {
                let (tag, after) = rest[1..].split_once('>').ok_or("Unclosed start tag")?;
                if let Some(name) = tag.strip_prefix('/') {
                    if open.pop() != Some(name) {
                        return Err(format!("Unmatched end tag \"{name}\""));
                    }
                } else {
                    let name = tag.split(' ').next().unwrap_or_default();
                    if !TAGS.contains(&name) {
                        return Err(format!("Unsupported start tag \"{name}\""));
                    }
                    if name == "blockquote" && open.contains(&name) {
                        return Err("blockquotes can't be nested".into());
                    }
                    open.push(name);
                }
                rest = after;
            }
            '&' => {
                let known = ENTITIES.iter().find(|(name, _)| rest.starts_with(name));
                let (name, character) = known.copied().unwrap_or(("&", '&'));
                shown.push(character);
                rest = &rest[name.len()..];
            }
            character => {
                shown.push(character);
                rest = &rest[character.len_utf8()..];
            }
        }
    }
    match open.pop() {
        Some(name) => Err(format!("Can't find end tag corresponding to start tag \"{name}\"")),
        None => Ok(shown),
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn it_is_as_strict_as_telegram() {
        assert_eq!(shown("<b>a <i>&lt;b&gt;</i></b> &amp; c").as_deref(), Ok("a <b> & c"));
        for refused in [
            "<b>a",
            "a</b>",
            "<b><i>a</b></i>",
            "<h1>a</h1>",
            "<b",
            "<blockquote><blockquote>a</blockquote></blockquote>",
        ] {
            assert!(shown(refused).is_err(), "{refused}");
        }
    }
}
