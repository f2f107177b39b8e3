//! What kind of answer it is, by its content type, or by its first bytes where there is none.

/// How an answer becomes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Turned into Markdown.
    Html,
    /// As it is.
    Text,
}

/// Types beside `text/*` that are text.
const TEXTS: &[&str] = &[
    "application/json",
    "application/xml",
    "application/yaml",
    "application/x-yaml",
    "application/toml",
    "application/javascript",
    "application/x-javascript",
    "application/x-ndjson",
    "application/sql",
    "application/graphql",
    "application/x-sh",
];

/// The bytes that are looked at where there is no type.
const LOOKED_AT: usize = 1024;

/// The kind of an answer, or why it cannot be read.
pub(super) fn kind(content_type: &str, body: &[u8]) -> Result<Kind, String> {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "text/html" | "application/xhtml+xml" => Ok(Kind::Html),
        "" => guess(body),
        text if text.starts_with("text/") || TEXTS.contains(&text) => Ok(Kind::Text),
        text if text.starts_with("application/") && (text.ends_with("+json") || text.ends_with("+xml")) => {
            Ok(Kind::Text)
        }
        other => Err(format!("its content type is {other}; only HTML, JSON, XML and other text can be read")),
    }
}

fn guess(body: &[u8]) -> Result<Kind, String> {
    let start = &body[..body.len().min(LOOKED_AT)];
    if start.contains(&0) {
        return Err("it does not say what it is, and is no text".into());
    }
    let start = String::from_utf8_lossy(start).to_ascii_lowercase();
    let is_html = start.trim_start().starts_with("<!doctype html") || start.contains("<html");
    Ok(if is_html { Kind::Html } else { Kind::Text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_told_from_what_is_none() {
        for (content_type, expected) in [
            ("text/html; charset=utf-8", Kind::Html),
            ("APPLICATION/XHTML+XML", Kind::Html),
            ("text/plain", Kind::Text),
            ("text/markdown", Kind::Text),
            ("application/json;charset=gbk", Kind::Text),
            ("application/ld+json", Kind::Text),
            ("application/rss+xml", Kind::Text),
        ] {
            assert_eq!(kind(content_type, b""), Ok(expected), "{content_type}");
        }
        for refused in ["image/png", "image/svg+xml", "application/pdf", "application/octet-stream", "video/mp4", "x"] {
            assert!(kind(refused, b"").expect_err(refused).contains(refused), "{refused}");
        }
        assert_eq!(kind("", b" <!DOCTYPE html><p>"), Ok(Kind::Html));
        assert_eq!(kind("", b"{}"), Ok(Kind::Text));
        kind("", b"\x89PNG\0").expect_err("no text");
    }
}
