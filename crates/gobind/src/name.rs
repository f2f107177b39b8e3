//! Names and comments as Go has them.

use std::fmt::Write as _;

use heck::{ToSnakeCase, ToUpperCamelCase};

/// Words that an argument may not be called: Go's own, and those that printed functions use.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "any", "borrowed", "break", "bug", "case", "chan", "const", "context", "continue", "ctx", "default", "defer", "else", "err", "error",
    "failure", "fallthrough", "for", "func", "future", "go", "goto", "if", "import", "interface", "len", "make", "lift", "map", "must", "object",
    "package", "range", "result", "return", "select", "string", "struct", "switch", "type", "value", "var", "wait", "written",
];

/// A name that other packages see: `user_id` as `UserID`.
pub(crate) fn exported(name: &str) -> String {
    let snake = name.to_snake_case();
    snake.split('_').map(part).collect()
}

/// The name of an argument: `user_id` as `userID`.
pub(crate) fn argument(name: &str) -> String {
    let snake = name.to_snake_case();
    let (first, rest) = snake.split_once('_').unwrap_or((&snake, ""));
    let rest: String = rest.split('_').map(part).collect();
    let camel = format!("{first}{rest}");
    if TAKEN.contains(&camel.as_str()) { camel + "_" } else { camel }
}

fn part(word: &str) -> String {
    match word {
        "ids" => "IDs".to_owned(),
        "urls" => "URLs".to_owned(),
        "api" | "http" | "https" | "id" | "ip" | "json" | "tls" | "uri" | "url" | "utf8" => word.to_ascii_uppercase(),
        word => word.to_upper_camel_case(),
    }
}

/// Comment lines, indented by that.
pub(crate) fn comment(doc: Option<&str>, indent: &str) -> String {
    let mut out = String::new();
    for line in doc.unwrap_or_default().trim().lines() {
        let line = line.trim();
        _ = writeln!(out, "{indent}//{}{line}", if line.is_empty() { "" } else { " " });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_go_writes_them() {
        let exported_as = [("user_id", "UserID"), ("base_url", "BaseURL"), ("DarkBlue", "DarkBlue"), ("ids", "IDs")];
        for (name, expected) in exported_as {
            assert_eq!(exported(name), expected);
        }
        for (name, expected) in [("user_id", "userID"), ("id", "id"), ("type", "type_"), ("a", "a")] {
            assert_eq!(argument(name), expected);
        }
        assert_eq!(comment(Some("One.\n\n Two."), "\t"), "\t// One.\n\t//\n\t// Two.\n");
    }
}
