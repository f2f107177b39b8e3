//! YAML text as a tree whose every value knows its key path and its place in the file.
//!
//! The parser resolves aliases and merge keys within bounds and refuses duplicate keys; this file keeps what a
//! later error needs to point at the text. No type is guessed here: `decode` asks for one, so `secret: 0123` stays
//! the text `0123`.

use serde::Deserialize;
use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Error, Location, MessageFormatter, Spanned, UserMessageFormatter};

use super::error::Problem;

/// A value of the file.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it hangs: `gateway.api.port`, `webhooks.endpoints[0].url`; empty at the top.
    pub(super) path: String,
    /// Where its key is written; absent in a list and at the top.
    pub(super) key: Option<Place>,
    /// Where the value is written.
    pub(super) place: Place,
    pub(super) value: Value,
}

#[derive(Debug)]
pub(super) enum Value {
    /// Nothing, or `null`.
    Blank,
    Scalar(Scalar),
    List(Vec<Node>),
    Mapping(Vec<(String, Node)>),
}

/// Text, a number or a truth value, not told apart yet.
#[derive(Debug)]
pub(super) struct Scalar {
    pub(super) text: String,
    /// What the file says, if variables were replaced in it.
    pub(super) source: Option<String>,
}

/// A stretch of one line; all counts are characters, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) width: usize,
}

/// Reads a file's text; an empty file is a blank tree.
pub(super) fn parse(text: &str) -> Result<Node, Problem> {
    if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
        return Ok(Node { path: String::new(), key: None, place: TOP, value: Value::Blank });
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: 64, max_nodes: 50_000 },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 50_000 },
        reject_unsupported_tags: true,
        with_snippet: false,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Ok(Node::new(raw, text, String::new(), None)),
        Err(error) => Err(syntax_problem(&error, text)),
    }
}

impl Node {
    /// The node at a key path, or the nearest one above it.
    pub(super) fn nearest(&self, path: &str) -> &Self {
        let children: Vec<&Self> = match &self.value {
            Value::Blank | Value::Scalar(_) => Vec::new(),
            Value::List(items) => items.iter().collect(),
            Value::Mapping(entries) => entries.iter().map(|(_, node)| node).collect(),
        };
        let above = |node: &Self| {
            path.strip_prefix(&node.path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        children.into_iter().find(|node| above(node)).map_or(self, |node| node.nearest(path))
    }

    /// Where to point at: a scalar itself, the key of anything larger.
    pub(super) fn pointer(&self) -> Place {
        match &self.value {
            Value::Scalar(_) => self.place,
            Value::Blank | Value::List(_) | Value::Mapping(_) => self.key.unwrap_or(Place { width: 1, ..self.place }),
        }
    }

    fn new(raw: Spanned<Raw>, text: &str, path: String, key: Option<Place>) -> Self {
        let place = Place::of(&raw.defined);
        let value = match raw.value {
            Raw::Blank => Value::Blank,
            Raw::Text(text) => Value::Scalar(Scalar { text, source: None }),
            Raw::Plain => Value::Scalar(Scalar { text: slice(text, &raw.defined), source: None }),
            Raw::List(items) => Value::List(
                items
                    .into_iter()
                    .enumerate()
                    .map(|(index, item)| Self::new(item, text, format!("{path}[{index}]"), None))
                    .collect(),
            ),
            Raw::Mapping(entries) => Value::Mapping(
                entries
                    .into_iter()
                    .map(|(key, value)| {
                        let path = join(&path, &key.value);
                        let node = Self::new(value, text, path, Some(Place::of(&key.defined)));
                        (key.value, node)
                    })
                    .collect(),
            ),
        };
        Self { path, key, place, value }
    }
}

impl Place {
    fn of(location: &Location) -> Self {
        let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        Self {
            line: count(location.line()),
            column: count(location.column()),
            width: count(location.span().len()).max(1),
        }
    }
}

/// The key path of a key in a mapping.
pub(super) fn join(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

const TOP: Place = Place { line: 1, column: 1, width: 1 };

/// What the parser gives, before paths are known.
enum Raw {
    Blank,
    Text(String),
    /// An unquoted scalar that the parser took for a number or a truth value: its text is in the source.
    Plain,
    List(Vec<Spanned<Raw>>),
    Mapping(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Raw, E> {
        Ok(Raw::Blank)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Plain)
    }

    fn visit_str<E>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}

fn slice(text: &str, location: &Location) -> String {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let span = location.span();
    let range = || {
        let start = usize::try_from(span.byte_offset()?).ok()?;
        let length = usize::try_from(span.byte_len()?).ok()?;
        text.get(start..start.checked_add(length)?)
    };
    range().expect("a plain scalar that was read from a string has its bytes in it").trim().to_owned()
}

fn syntax_problem(error: &Error, text: &str) -> Problem {
    let error = innermost(error);
    let place = error
        .location()
        .filter(|location| location.line() > 0)
        .map(|location| Place { width: 1, ..Place::of(&location) });
    let problem = match error {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            let width = key.chars().count();
            let place = place.map(|place| Place { width, ..place });
            return Problem::new(format!("the key `{key}` is written twice"))
                .at(place)
                .help("remove one of them")
                .hide();
        }
        Error::MultipleDocuments { .. } => {
            Problem::new("there is more than one YAML document").help("remove the line `---` and what follows it")
        }
        Error::UnknownAnchor { .. } => Problem::new("an alias (`*name`) has no anchor (`&name`) before it"),
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            return Problem::new("there are more values, levels or aliases than a configuration can need")
                .help("write the values out instead of repeating them by aliases (`*name`)");
        }
        _ if place.is_some_and(|place| is_indented_by_tab(line(text, place))) => {
            Problem::new("a tab is used to indent").help("indent by spaces")
        }
        _ => {
            let problem =
                Problem::new(format!("this is not valid YAML: {}", UserMessageFormatter.format_message(error)));
            if place.is_some_and(|place| line(text, place).contains(['[', '{']) && line(text, place).contains("${")) {
                problem.help("inside [ ] and { }, write variables in quotes: \"${NAME}\"")
            } else {
                problem
            }
        }
    };
    problem.at(place)
}

fn innermost(mut error: &Error) -> &Error {
    while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } = error {
        error = inner;
    }
    error
}

fn line(text: &str, place: Place) -> &str {
    text.lines().nth(place.line - 1).unwrap_or_default()
}

fn is_indented_by_tab(line: &str) -> bool {
    line.chars().take_while(|character| character.is_whitespace()).any(|character| character == '\t')
}
