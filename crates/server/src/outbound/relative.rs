//! From a `Location` to the address it means (RFC 3986, 5.2), and from what people write to what a URL may hold.

use std::fmt::Write as _;

use http::Uri;

/// The address that a reference in a page at `base` means, without its fragment; not judged yet.
pub fn resolve(base: &Uri, reference: &str) -> String {
    let reference = reference.split('#').next().unwrap_or_default();
    let scheme = base.scheme_str().unwrap_or("http");
    let authority = base.authority().map_or("", http::uri::Authority::as_str);
    if has_scheme(reference) {
        return reference.to_owned();
    }
    if let Some(rest) = reference.strip_prefix("//") {
        return format!("{scheme}://{rest}");
    }
    let (path, query) = reference.split_once('?').map_or((reference, None), |(path, query)| (path, Some(query)));
    let (path, query) = match path {
        "" => (base.path().to_owned(), query.or(base.query())),
        _ if path.starts_with('/') => (path.to_owned(), query),
        _ => (format!("{}{path}", &base.path()[..=base.path().rfind('/').unwrap_or_default()]), query),
    };
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    format!("{scheme}://{authority}{}{query}", without_dots(&path))
}

/// A URL with what it may not hold escaped (blanks, letters beyond ASCII), but for its host, and without its fragment.
pub(super) fn escape(url: &str) -> String {
    let url = url.trim().split('#').next().unwrap_or_default();
    let host_end = url.find("://").map_or(0, |scheme| {
        let host = scheme + "://".len();
        url[host..].find(['/', '?']).map_or(url.len(), |end| host + end)
    });
    let mut escaped = url[..host_end].to_owned();
    for byte in url[host_end..].bytes() {
        if byte.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// A path without `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => drop(kept.pop()),
            _ => kept.push(segment),
        }
        if is_last && matches!(segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_mean_what_the_standard_says() {
        let base: Uri = "http://a/b/c/d?q".parse().expect("a url");
        for (reference, meant) in [
            ("https://x/y", "https://x/y"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d?q"),
            ("g#s", "http://a/b/c/g"),
            ("", "http://a/b/c/d?q"),
            (".", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../../g", "http://a/g"),
            ("/./g/../h", "http://a/h"),
            ("file:///etc/passwd", "file:///etc/passwd"),
        ] {
            assert_eq!(resolve(&base, reference), meant, "{reference}");
        }
        assert_eq!(resolve(&Uri::from_static("http://a"), "b"), "http://a/b");
    }

    #[test]
    fn what_people_write_is_escaped_but_never_the_host() {
        assert_eq!(
            escape(" https://zh.wikipedia.org/wiki/上海?a=b c#x "),
            "https://zh.wikipedia.org/wiki/%E4%B8%8A%E6%B5%B7?a=b%20c"
        );
        assert_eq!(escape("http://上海.cn/a%20b"), "http://上海.cn/a%20b");
        assert_eq!(escape("http://a\\@b/"), "http://a\\@b/");
        assert_eq!(escape("/wiki/上"), "/wiki/%E4%B8%8A");
    }
}
