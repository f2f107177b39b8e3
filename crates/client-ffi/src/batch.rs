//! Events as one JSON array, written as they come.
//!
//! An event is `{"event":…,"id":…,"data":{…}}`. Chunks one after the other that differ in their content only are one item:
//! `{"of":{…},"contents":["…",…]}`, where `of` is what they share. So a chunk costs its reader one text, and no object.

use std::collections::BTreeMap;

use openclaw_client::raw::RawEvent;
use serde_json::value::RawValue;

/// What has come and was not taken yet.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// The array without its last bracket; empty if there is none.
    text: String,
    /// At the end of the text the contents of chunks are open.
    is_in_chunks: bool,
    /// What the last chunks shared, as a JSON object.
    shared: String,
}

impl Batch {
    /// Begins the array, which may then stay empty.
    pub(crate) fn begin(&mut self) {
        if self.text.is_empty() {
            self.text.push('[');
        }
    }

    pub(crate) fn is_begun(&self) -> bool {
        !self.text.is_empty()
    }

    /// In bytes.
    pub(crate) fn len(&self) -> usize {
        self.text.len()
    }

    /// The array, if it was begun. What comes next is of another one.
    pub(crate) fn take(&mut self) -> Option<String> {
        if self.text.is_empty() {
            return None;
        }
        self.end_chunks();
        self.text.push(']');
        Some(std::mem::take(&mut self.text))
    }

    pub(crate) fn push(&mut self, event: &RawEvent) {
        if self.is_in_chunks
            && let Some(content) = &event.content
        {
            self.text.push(',');
            self.text.push_str(&event.data[content.clone()]);
            return;
        }
        self.begin();
        self.end_chunks();
        if self.text.len() > 1 {
            self.text.push(',');
        }
        match self.content_of_chunk(event) {
            Some(content) => {
                self.text.extend(["{\"of\":", &self.shared, ",\"contents\":[", content]);
                self.is_in_chunks = true;
            }
            None => self.text.extend([
                "{\"event\":",
                &json(&event.event),
                ",\"id\":",
                &event.id.as_deref().map_or_else(|| "null".into(), json),
                ",\"data\":",
                &event.data,
                "}",
            ]),
        }
    }

    /// The content of a chunk, a text in JSON, where all else is in `shared`; `None` if the event is no such chunk.
    fn content_of_chunk<'a>(&mut self, event: &'a RawEvent) -> Option<&'a str> {
        if let Some(content) = &event.content {
            return Some(&event.data[content.clone()]); // What it shares with the chunk before is there already.
        }
        if event.event != "chunk" || event.id.is_some() {
            return None;
        }
        let mut members: BTreeMap<&str, &RawValue> = serde_json::from_str(&event.data).ok()?;
        let content = members.remove("content")?.get();
        self.shared = serde_json::to_string(&members).ok()?;
        content.starts_with('"').then_some(content)
    }

    fn end_chunks(&mut self) {
        if std::mem::take(&mut self.is_in_chunks) {
            self.text.push_str("]}");
        }
    }
}

fn json(text: &str) -> String {
    serde_json::to_string(text).expect("a text can be written as JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chunk; whether it is like the one before is for the client to say.
    fn chunk(data: &str, is_similar: bool) -> RawEvent {
        let content = is_similar.then(|| {
            let begin = data.find("\"content\":").unwrap() + "\"content\":".len();
            begin..begin + data[begin..].find([',', '}']).unwrap()
        });
        RawEvent { event: "chunk".into(), id: None, data: data.into(), content }
    }

    fn other(event: &str, id: Option<&str>, data: &str) -> RawEvent {
        RawEvent { event: event.into(), id: id.map(Into::into), data: data.into(), content: None }
    }

    fn written(events: &[RawEvent]) -> Option<String> {
        let mut batch = Batch::default();
        for event in events {
            batch.push(event);
        }
        batch.take()
    }

    #[test]
    fn chunks_that_differ_in_their_content_only_are_one_item() {
        let events = [
            chunk(r#"{"id":"m","content":"a","new":1.50}"#, false),
            chunk(r#"{"id":"m","content":"你","new":1.50}"#, true),
            chunk(r#"{"id":"n","content":"c"}"#, false),
            other("done", None, r#"{"id":"n"}"#),
        ];
        let expected = r#"[{"of":{"id":"m","new":1.50},"contents":["a","你"]},{"of":{"id":"n"},"contents":["c"]},{"event":"done","id":null,"data":{"id":"n"}}]"#;
        assert_eq!(written(&events).as_deref(), Some(expected));
    }

    #[test]
    fn what_is_no_chunk_with_a_text_is_an_event() {
        let events =
            [chunk(r#"{"content":7}"#, false), chunk("{}", false), other("chunk", Some("\"7\""), r#"{"content":"a"}"#)];
        let expected = r#"[{"event":"chunk","id":null,"data":{"content":7}},{"event":"chunk","id":null,"data":{}},{"event":"chunk","id":"\"7\"","data":{"content":"a"}}]"#;
        assert_eq!(written(&events).as_deref(), Some(expected));
    }

    #[test]
    fn a_batch_goes_on_where_the_one_before_was_taken() {
        let mut batch = Batch::default();
        assert_eq!(batch.take(), None);
        batch.begin();
        assert_eq!((batch.is_begun(), batch.take().as_deref()), (true, Some("[]")));
        batch.push(&chunk(r#"{"id":"m","content":"a"}"#, false));
        assert_eq!(batch.take().as_deref(), Some(r#"[{"of":{"id":"m"},"contents":["a"]}]"#));
        assert!(!batch.is_begun());
        batch.push(&chunk(r#"{"id":"m","content":"b"}"#, true));
        assert_eq!(batch.take().as_deref(), Some(r#"[{"of":{"id":"m"},"contents":["b"]}]"#));
    }
}
