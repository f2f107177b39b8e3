//! What a reply's chunks share, so that few are parsed.
//!
//! All chunks of a reply are alike but for their `content`. Where one is, letter for letter, all that is left to check is that
//! its content is a text in JSON; it is then as surely a JSON object as the one before it.

use std::collections::BTreeMap;
use std::ops::Range;

use memchr::memchr2;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

/// The name of what differs.
const CONTENT: &str = "content";

/// The letters around the content of a chunk. That of no chunk is like no chunk.
#[derive(Debug, Default)]
pub(super) struct ChunkShape {
    /// Empty if there was no chunk.
    before: String,
    after: String,
}

impl ChunkShape {
    /// That of a chunk, a JSON object; of one that has no content, that of no chunk.
    pub(super) fn of(data: &str) -> Self {
        let members: BTreeMap<&str, &RawValue> = serde_json::from_str(data).unwrap_or_default();
        let content = members.get(CONTENT).map(|value| value.get()).filter(|value| value.starts_with('"'));
        // A raw value is a slice of the text that it was read from.
        let parts = content.and_then(|content| {
            let begin = content.as_ptr().addr() - data.as_ptr().addr();
            Some((data.get(..begin)?, data.get(begin + content.len()..)?))
        });
        parts.map_or_else(Self::default, |(before, after)| Self { before: before.into(), after: after.into() })
    }

    /// Where the content of a chunk stands that is like this one in all else.
    pub(super) fn content_of_similar(&self, data: &str) -> Option<Range<usize>> {
        let content = data.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str())?;
        let begin = self.before.len();
        (begin > 0 && is_text(content)).then(|| begin..begin + content.len())
    }
}

/// Whether that is a text in JSON and nothing else.
fn is_text(json: &str) -> bool {
    let Some(inner) = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) else { return false };
    if inner.bytes().any(|byte| byte < b' ') {
        return false;
    }
    match memchr2(b'"', b'\\', inner.as_bytes()) {
        None => true,
        Some(_) => serde_json::from_str::<IgnoredAny>(json).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK: &str = r#"{"id":"msg_1","new":[1,{"content":"x"}],"content":"a","session_id":"s"}"#;

    fn similar(data: &str) -> Option<&str> {
        ChunkShape::of(CHUNK).content_of_similar(data).map(|range| &data[range])
    }

    #[test]
    fn a_chunk_that_differs_in_its_content_is_similar() {
        for content in [r#""""#, r#""b""#, r#""你好""#, r#""\n\"\u4f60\\""#, r#"" \",\"x\":\"""#] {
            let data = CHUNK.replace(r#""content":"a""#, &format!(r#""content":{content}"#));
            assert_eq!(similar(&data), Some(content));
        }
    }

    #[test]
    fn what_differs_in_more_or_is_no_json_is_not() {
        for content in [r#""b","c":"d""#, "7", "null", "", "\"", r#""\""#, r#""\x""#, "\"\n\"", r#"["a"]"#, r#""a" "#] {
            let data = CHUNK.replace(r#""content":"a""#, &format!(r#""content":{content}"#));
            assert_eq!(similar(&data), None, "{data}");
        }
        assert_eq!(similar(&CHUNK.replace("msg_1", "msg_2")), None);
        assert_eq!(similar(&CHUNK.replace("\"s\"}", "\"t\"}")), None);
        assert_eq!(similar(&CHUNK[..CHUNK.len() - 1]), None);
        for none in ["", "{}", r#"{"content":7}"#, r#"{"other":"a"}"#] {
            assert_eq!(ChunkShape::of(none).content_of_similar(none), None, "{none}");
        }
        assert_eq!(ChunkShape::default().content_of_similar(r#""a""#), None);
    }
}
