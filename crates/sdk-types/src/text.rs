//! Words and lines: names in each language's spelling, prose wrapped to a width.

/// The widest line that is printed, in characters.
const WIDTH: usize = 120;

/// The parts of a name: `session_id`, `message.received` and `SessionPage` have two each.
fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut after_lower = false;
    for word in name.split(|character: char| !character.is_ascii_alphanumeric()) {
        let mut starts = true;
        for character in word.chars() {
            if starts || (after_lower && character.is_ascii_uppercase()) {
                parts.push(String::new());
            }
            parts.last_mut().expect("a word starts with a new part").push(character.to_ascii_lowercase());
            starts = false;
            after_lower = !character.is_ascii_uppercase();
        }
    }
    parts
}

fn capitalised(part: &str) -> String {
    let (first, rest) = part.split_at(1);
    first.to_ascii_uppercase() + rest
}

/// `session_id` as `SessionId`.
pub(crate) fn pascal(name: &str) -> String {
    parts(name).iter().map(|part| capitalised(part)).collect()
}

/// `session_id` as `sessionId`.
pub(crate) fn camel(name: &str) -> String {
    let pascal = pascal(name);
    let (first, rest) = pascal.split_at(1);
    first.to_ascii_lowercase() + rest
}

/// `session_id` as `SessionID`, as Go writes what is short for something.
pub(crate) fn go(name: &str) -> String {
    let written = |part: &String| match part.as_str() {
        "ids" => "IDs".to_owned(),
        "urls" => "URLs".to_owned(),
        "api" | "cpu" | "hmac" | "html" | "http" | "https" | "id" | "ip" | "json" | "mcp" | "rpm" | "sse" | "ttl"
        | "uri" | "url" | "utc" => part.to_ascii_uppercase(),
        _ => capitalised(part),
    };
    parts(name).iter().map(written).collect()
}

/// Prose that goes on after other prose: its first letter small, unless it begins with an abbreviation.
pub(crate) fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    let rest = characters.as_str();
    if rest.starts_with(|second: char| second.is_ascii_uppercase()) {
        return text.to_owned();
    }
    first.to_lowercase().chain(rest.chars()).collect()
}

/// Prose in lines that leave `margin` characters free; its own line breaks stay.
pub(crate) fn wrap(text: &str, margin: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.trim().lines() {
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            let full = line.chars().count() + 1 + word.chars().count() > WIDTH - margin;
            if full && !line.is_empty() {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        lines.push(line);
    }
    lines
}

/// Items between brackets behind `before`: on one line if they fit there, else one a line, indented by `step` more.
pub(crate) fn bracketed(before: &str, brackets: [char; 2], items: &[String], indent: usize, step: usize) -> String {
    let [open, close] = brackets;
    let line = format!("{before}{open}{}{close}", items.join(", "));
    // What stands in front of it on its line, such as the name of an alias, is given a quarter of the line.
    if !line.contains('\n') && indent + line.chars().count() <= WIDTH * 3 / 4 {
        return line;
    }
    let (outer, inner) = (" ".repeat(indent), " ".repeat(indent + step));
    let items: Vec<String> = items.iter().map(|item| format!("{inner}{item},\n")).collect();
    format!("{before}{open}\n{}{outer}{close}", items.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelled_as_each_language_does() {
        assert_eq!(pascal("message.received"), "MessageReceived");
        assert_eq!(pascal("SessionPage"), "SessionPage");
        assert_eq!(camel("after_id"), "afterId");
        assert_eq!(camel("id"), "id");
        assert_eq!(go("endpoint_id"), "EndpointID");
        assert_eq!(go("api_urls"), "APIURLs");
    }

    #[test]
    fn prose_is_wrapped_at_blanks_and_paragraphs_stay_apart() {
        let words = ["word"; 60].join(" ");
        let lines = wrap(&format!("{words}\n\nlast"), 20);
        assert!(lines.iter().all(|line| line.len() <= 100), "{lines:?}");
        assert_eq!(lines[lines.len() - 2..], ["", "last"]);
        assert_eq!(wrap(&"x".repeat(300), 20).len(), 1, "a word is not broken");
    }
}
