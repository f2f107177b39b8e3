//! Puts the calls of a streamed reply together, whose pieces servers send in many ways.
//!
//! `OpenAI` begins a call with its index, id and name and goes on with its index and pieces of the arguments. Others send
//! whole calls, leave out the index or the id, give two calls one index, repeat name and id in every piece, or send the
//! arguments as an object instead of as text.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::provider::pump::parse;
use crate::provider::tool::{CallBounds, CallIds};
use crate::provider::{ModelMessage, ProviderError, ToolCall};

/// The calls of one reply so far.
#[derive(Debug)]
pub(super) struct Calls {
    begun: Vec<Begun>,
    bounds: CallBounds,
    ids: CallIds,
}

#[derive(Debug)]
struct Begun {
    index: Option<u64>,
    call: ToolCall,
}

/// A piece of a call, as it is on the wire.
#[derive(Deserialize)]
pub(super) struct CallPiece<'a> {
    index: Option<u64>,
    id: Option<String>,
    #[serde(borrow)]
    function: Option<FunctionPiece<'a>>,
}

#[derive(Default, Deserialize)]
struct FunctionPiece<'a> {
    name: Option<String>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

impl Calls {
    /// None yet, in reply to a conversation.
    pub(super) fn new(conversation: &[ModelMessage]) -> Self {
        Self { begun: Vec::new(), bounds: CallBounds::default(), ids: CallIds::new(conversation) }
    }

    /// Adds a piece to its call, or begins a call with it.
    pub(super) fn add(&mut self, piece: CallPiece<'_>) -> Result<(), ProviderError> {
        let FunctionPiece { name, arguments } = piece.function.unwrap_or_default();
        let piece = Begun {
            index: piece.index,
            call: ToolCall {
                id: piece.id.unwrap_or_default(),
                name: name.unwrap_or_default(),
                arguments: arguments.map(argument_text).transpose()?.unwrap_or_default().into_owned(),
            },
        };
        let Some(at) = self.continued(&piece) else {
            self.bounds.begin()?;
            self.bounds.grow(piece.call.id.len() + piece.call.name.len() + piece.call.arguments.len())?;
            self.begun.push(piece);
            return Ok(());
        };
        let begun = &mut self.begun[at].call;
        self.bounds.grow(piece.call.arguments.len())?;
        begun.arguments.push_str(&piece.call.arguments);
        for (begun, told) in [(&mut begun.id, piece.call.id), (&mut begun.name, piece.call.name)] {
            if begun.is_empty() {
                self.bounds.grow(told.len())?;
                *begun = told;
            }
        }
        Ok(())
    }

    /// The calls, each with an id of its own; none is left. What never got a name cannot be called.
    pub(super) fn take(&mut self) -> Vec<ToolCall> {
        let named = std::mem::take(&mut self.begun).into_iter().map(|begun| begun.call);
        named
            .filter(|call| !call.name.is_empty())
            .map(|call| ToolCall {
                id: self.ids.take(call.id),
                arguments: if call.arguments.is_empty() { "{}".into() } else { call.arguments },
                name: call.name,
            })
            .collect()
    }

    /// Where the call is that a piece goes on with.
    fn continued(&self, piece: &Begun) -> Option<usize> {
        let is_its = |begun: &Begun| match piece.index {
            Some(_) => begun.index == piece.index,
            None => piece.call.id.is_empty() || begun.call.id == piece.call.id,
        };
        let at = self.begun.iter().rposition(is_its)?;
        (!begins_another(&self.begun[at].call, &piece.call)).then_some(at)
    }
}

/// Whether a piece where a call is expected to go on is another call: by its id, its name, or an object after an object.
fn begins_another(call: &ToolCall, piece: &ToolCall) -> bool {
    let differ = |begun: &str, told: &str| !begun.is_empty() && !told.is_empty() && begun != told;
    let whole_again = !piece.name.is_empty() && call.arguments.ends_with('}') && piece.arguments.starts_with('{');
    differ(&call.id, &piece.id) || differ(&call.name, &piece.name) || whole_again
}

/// The text in a JSON string; of any other JSON, the JSON.
fn argument_text(json: &RawValue) -> Result<Cow<'_, str>, ProviderError> {
    let json = json.get();
    if json.starts_with('"') { Ok(Cow::Owned(parse(json)?)) } else { Ok(Cow::Borrowed(json)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ProviderErrorKind;

    /// Reads chunks of pieces; gives `id name arguments` of each call.
    fn read(chunks: &[&str]) -> Vec<String> {
        let mut calls = Calls::new(&[]);
        for chunk in chunks {
            for piece in serde_json::from_str::<Vec<CallPiece<'_>>>(chunk).expect("pieces") {
                calls.add(piece).expect("few");
            }
        }
        calls.take().into_iter().map(|call| format!("{} {} {}", call.id, call.name, call.arguments)).collect()
    }

    #[test]
    fn pieces_find_their_call_by_index() {
        let chunks = [
            r#"[{"index":0,"id":"call_a","type":"function","function":{"name":"look","arguments":""}}]"#,
            r#"[{"index":0,"function":{"arguments":"{\"q\":"}}]"#,
            r#"[{"index":1,"id":"call_b","type":"function","function":{"name":"read","arguments":""}}]"#,
            r#"[{"index":1,"function":{"arguments":"{\"p\":1}"}},{"index":0,"function":{"arguments":"\"é\\n\"}"}}]"#,
            r#"[{"index":2,"id":"call_c","function":{"name":"now"}}]"#,
        ];
        assert_eq!(read(&chunks), [r#"call_a look {"q":"é\n"}"#, r#"call_b read {"p":1}"#, "call_c now {}"]);
    }

    #[test]
    fn whole_calls_without_index_id_or_with_one_index_are_told_apart() {
        let two = ["call_made_1 look {\"q\":1}", "call_made_2 look {\"q\":2}"];
        for index in ["", r#""index":0,"#, r#""index":null,"id":"","#] {
            let call = |q: u8| format!(r#"{{{index}"function":{{"name":"look","arguments":"{{\"q\":{q}}}"}}}}"#);
            assert_eq!(read(&[&format!("[{},{}]", call(1), call(2))]), two, "in one chunk: {index}");
            assert_eq!(read(&[&format!("[{}]", call(1)), &format!("[{}]", call(2))]), two, "in two: {index}");
        }
        let other_ids = r#"[{"index":0,"id":"a","function":{"name":"look","arguments":""}},
            {"index":0,"id":"b","function":{"name":"look","arguments":""}}]"#;
        assert_eq!(read(&[other_ids]), ["a look {}", "b look {}"]);
        let other_names = r#"[{"index":0,"function":{"name":"look"}},{"index":0,"function":{"name":"read"}}]"#;
        assert_eq!(read(&[other_names]), ["call_made_1 look {}", "call_made_2 read {}"]);
        let one_id = r#"[{"index":0,"id":"a","function":{"name":"look","arguments":"{}"}},
            {"index":1,"id":"a","function":{"name":"look","arguments":"{}"}}]"#;
        assert_eq!(read(&[one_id]), ["a look {}", "call_made_2 look {}"]);
    }

    #[test]
    fn what_is_repeated_late_or_an_object_is_understood() {
        let repeated = |arguments: &str| {
            format!(r#"[{{"index":0,"id":"a","function":{{"name":"look","arguments":"{arguments}"}}}}]"#)
        };
        assert_eq!(read(&[&repeated("{"), &repeated("}"), &repeated("")]), ["a look {}"]);
        let by_id = [
            r#"[{"id":"a","function":{"name":"look","arguments":"{"}},{"id":"b","function":{"name":"read"}}]"#,
            r#"[{"id":"a","function":{"arguments":"}"}},{"function":null}]"#,
        ];
        assert_eq!(read(&by_id), ["a look {}", "b read {}"]);
        let late = [
            r#"[{"index":0,"function":{"name":null,"arguments":null}}]"#,
            r#"[{"index":0,"id":"a","function":{"name":"look","arguments":{"q": [1]}}}]"#,
        ];
        assert_eq!(read(&late), [r#"a look {"q": [1]}"#]);
        assert_eq!(read(&[r#"[{"index":3,"function":{"arguments":"{}"}}]"#]), [""; 0], "it has no name");
    }

    #[test]
    fn too_many_calls_and_too_much_of_them_break_the_reply() {
        let whole = r#"{"function":{"name":"look","arguments":"{}"}}"#;
        let mut calls = Calls::new(&[]);
        let mut add = |json: &str| calls.add(serde_json::from_str(json).expect("a piece"));
        for _ in 0..128 {
            add(whole).expect("as many as are allowed");
        }
        assert_eq!(add(whole).expect_err("one more").kind, ProviderErrorKind::Broken);
        let mut calls = Calls::new(&[]);
        let endless = format!(r#"{{"index":0,"function":{{"arguments":"{}"}}}}"#, "a".repeat(1024 * 512));
        let mut add = || calls.add(serde_json::from_str(&endless).expect("a piece"));
        add().and_then(|()| add()).expect("as much as is allowed");
        assert_eq!(add().expect_err("more").kind, ProviderErrorKind::Broken);
    }
}
