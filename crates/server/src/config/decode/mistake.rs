//! What does not fit a type: first as serde reports it, then with its key, what was found, and where.

use serde::de;

use crate::config::error::Problem;
use crate::config::secret;
use crate::config::yaml::{Node, Value};

/// The nearest of some words to one that is none of them, if any is near.
pub(in crate::config) fn nearest<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    words
        .into_iter()
        .map(|candidate| (strsim::normalized_damerau_levenshtein(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= LIKENESS_MIN)
        .max_by(|(left, _), (right, _)| left.total_cmp(right))
        .map(|(_, candidate)| candidate)
}

/// One slip in a short word, a few in a long one: `prot` and `port` are 0.75 alike.
const LIKENESS_MIN: f64 = 0.6;

/// What serde reports, before and after it is known where.
#[derive(Debug)]
pub(in crate::config) enum Mistake {
    UnknownKey(&'static [&'static str]),
    UnknownChoice(&'static [&'static str]),
    MissingKey(&'static str),
    WrongType(String),
    NoValue,
    Other(String),
    Placed(Problem),
}

impl Mistake {
    pub(super) fn wrong_type(expected: impl Into<String>) -> Self {
        Self::WrongType(expected.into())
    }

    /// Says it of a node, unless it was said of one further in.
    pub(super) fn at(self, node: &Node) -> Self {
        Self::Placed(self.placed(node))
    }

    pub(super) fn placed(self, node: &Node) -> Problem {
        let name = name(node);
        match self {
            Self::Placed(problem) => problem,
            Self::WrongType(expected) => wrong_value(node, &expected),
            Self::UnknownChoice(choices) => {
                let problem = wrong_value(node, &list(choices));
                match text(node).and_then(|text| nearest(text, choices.iter().copied())) {
                    Some(near) => problem.help(format!("did you mean `{near}`?")),
                    None => problem,
                }
            }
            Self::NoValue => {
                Problem::new(format!("{name} has no value")).at_node(node).help("write one, or remove the key")
            }
            Self::MissingKey(key) => Problem::new(format!("{name} has no `{key}`")).at_node(node),
            Self::UnknownKey(_) => Problem::new(format!("unknown key in {name}")).at_node(node),
            Self::Other(message) => Problem::new(format!("{name}: {message}")).at_node(node).hide(),
        }
    }

    /// Says it of a key in a mapping.
    pub(super) fn at_key(self, parent: &Node, key: &str, node: &Node) -> Self {
        let Self::UnknownKey(known) = self else {
            return self.at(node);
        };
        let place = if parent.path.is_empty() { "at the top level".into() } else { format!("in {}", parent.path) };
        let problem = Problem::new(format!("unknown key `{key}` {place}")).at(node.key).hide();
        Self::Placed(match nearest(key, known.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem,
        })
    }
}

fn wrong_value(node: &Node, expected: &str) -> Problem {
    // Who gives a section one value may have meant a secret in it.
    let is_hidden = matches!(expected, KEYS | LIST) || secret::is_secret(&node.path);
    let found = if is_hidden && text(node).is_some() { "text".into() } else { found(node) };
    let problem = Problem::new(format!("{} must be {expected}, found {found}", name(node))).at_node(node);
    if is_hidden { problem.hide() } else { problem }
}

pub(super) const KEYS: &str = "keys and values";
pub(super) const LIST: &str = "a list";

fn name(node: &Node) -> String {
    if node.path.is_empty() { "the file".into() } else { format!("`{}`", node.path) }
}

/// What stands there, as it is written; never what a variable holds.
fn found(node: &Node) -> String {
    match &node.value {
        Value::Blank => "nothing".into(),
        Value::List(_) => LIST.into(),
        Value::Mapping(_) => KEYS.into(),
        Value::Scalar(scalar) => match &scalar.source {
            Some(source) => format!("what `{source}` stands for"),
            None if scalar.text.is_empty() => "an empty text".into(),
            None if scalar.text.chars().count() > FOUND_CHARACTERS_MAX => "a long text".into(),
            None => format!("`{}`", scalar.text),
        },
    }
}

/// A longer value is seen in the line that is shown.
const FOUND_CHARACTERS_MAX: usize = 40;

pub(super) fn text(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Scalar(scalar) => Some(&scalar.text),
        Value::Blank | Value::List(_) | Value::Mapping(_) => None,
    }
}

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "absent".into(),
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the configuration does not fit")
    }
}

impl std::error::Error for Mistake {}

impl de::Error for Mistake {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self::Other(message.to_string())
    }

    fn invalid_type(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::WrongType(expected.to_string())
    }

    fn invalid_value(_: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::WrongType(expected.to_string())
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownChoice(expected)
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::UnknownKey(expected)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::MissingKey(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_words_are_offered() {
        let keys = ["port", "host", "rate_limit", "requests_per_minute", "api_key"];
        assert_eq!(nearest("prot", keys), Some("port"));
        assert_eq!(nearest("ratelimit", keys), Some("rate_limit"));
        assert_eq!(nearest("requests_per_min", keys), Some("requests_per_minute"));
        assert_eq!(nearest("apiKey", keys), Some("api_key"));
        assert_eq!(nearest("colour", keys), None);
    }
}
