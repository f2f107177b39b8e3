//! From bytes to text: by the byte order mark, the content type or the page's own word; UTF-8 where none speaks.

use encoding_rs::{Encoding, UTF_8};

/// Where a page must name its encoding by the standard.
const LOOKED_AT: usize = 1024;

/// The text; what is no character of the encoding becomes `\u{fffd}`.
pub(super) fn decode(bytes: &[u8], content_type: &str) -> String {
    let start = &bytes[..bytes.len().min(LOOKED_AT)];
    let named = named(content_type).or_else(|| named(&String::from_utf8_lossy(start)));
    // `decode` lets a byte order mark speak first.
    named.unwrap_or(UTF_8).decode(bytes).0.into_owned()
}

/// The encoding after the first `charset=`, which `Content-Type` and both spellings of HTML's `meta` share.
fn named(text: &str) -> Option<&'static Encoding> {
    let lower = text.to_ascii_lowercase();
    let (_, label) = lower.split_once("charset")?;
    let label = label.trim_start().strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
    let end = label.find(|character: char| !character.is_ascii_alphanumeric() && !"-_:.".contains(character));
    Encoding::for_label(&label.as_bytes()[..end.unwrap_or(label.len())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_found_where_it_is_named() {
        let gbk = b"\xC4\xE3\xBA\xC3";
        assert_eq!(decode("你好".as_bytes(), ""), "你好");
        assert_eq!(decode(gbk, "text/html; charset=GBK"), "你好");
        assert_eq!(decode(gbk, "text/html; charset=\"gb2312\""), "你好");
        for meta in ["<meta charset=gbk>", "<META http-equiv=content-type content='text/html; charset = gb18030'>"] {
            let page = [meta.as_bytes(), gbk].concat();
            assert_eq!(decode(&page, "text/html"), format!("{meta}你好"));
        }
        assert_eq!(decode(b"\xEF\xBB\xBF\xE4\xBD\xA0", "text/html; charset=gbk"), "你");
        assert_eq!(decode(b"a\xFFb", "text/plain; charset=nonsense"), "a\u{fffd}b");
    }
}
