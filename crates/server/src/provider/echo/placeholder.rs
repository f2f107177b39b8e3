//! `{{result}}` and the like in a script: the results of the tools that it asked for.

use serde_json::Value;

use crate::provider::data;

/// How a placeholder begins.
const OPEN: &str = "{{";

/// How it ends.
const CLOSE: &str = "}}";

/// The most placeholders of one text: each may read a whole result.
const PLACEHOLDERS_MAX: usize = 100;

/// The most bytes of a text with its results: as many as a reply's calls may hold.
const FILLED_BYTES_MAX: usize = 1024 * 1024;

/// Where a text with placeholders stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In plain text.
    Text,
    /// In JSON, inside strings.
    Json,
}

/// Fills the placeholders of a text; those without a result stay as they are. What is filled in is not read again.
///
/// `{{result}}` is the last result, `{{result.2}}` the second, `{{results}}` all of them in lines. Where a result is
/// JSON, names of members may follow: `{{result.id}}`, `{{result.2.output.text}}`. The error says what is too much.
pub(super) fn fill(text: &str, results: &[&str], place: Place) -> Result<String, String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    let mut placeholders = 0;
    while let Some(start) = rest.find(OPEN) {
        let inside = &rest[start + OPEN.len()..];
        let end = inside.find(['{', '}']).filter(|end| inside[*end..].starts_with(CLOSE));
        let found = end.and_then(|end| Some((value(&inside[..end], results)?, end)));
        let Some((value, end)) = found else {
            filled.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        filled.push_str(&rest[..start]);
        match place {
            Place::Text => filled.push_str(&value),
            Place::Json => filled.push_str(&escaped(&value)),
        }
        rest = &inside[end + CLOSE.len()..];
        placeholders += 1;
        if placeholders > PLACEHOLDERS_MAX {
            return Err(format!("echo: a text holds at most {PLACEHOLDERS_MAX} placeholders"));
        }
        if filled.len() > FILLED_BYTES_MAX {
            return Err(format!("echo: the results make the text longer than {FILLED_BYTES_MAX} bytes"));
        }
    }
    Ok(filled + rest)
}

fn value(placeholder: &str, results: &[&str]) -> Option<String> {
    if placeholder == "results" {
        return (!results.is_empty()).then(|| results.join("\n"));
    }
    let mut path = placeholder.split('.').peekable();
    if path.next() != Some("result") {
        return None;
    }
    let number = path.peek().and_then(|part| part.parse::<usize>().ok());
    let result = match number {
        Some(number) => {
            path.next();
            results.get(number.checked_sub(1)?)?
        }
        None => results.last()?,
    };
    if path.peek().is_none() {
        return Some((*result).to_owned());
    }
    let json: Value = serde_json::from_str(data::bare(result)).ok()?;
    let member = path.try_fold(&json, |json, name| match json {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        json => json.get(name),
    })?;
    Some(member.as_str().map_or_else(|| member.to_string(), str::to_owned))
}

/// A text as it stands between the quotes of a JSON string.
fn escaped(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULTS: [&str; 3] = ["one", "\"two\"\n{{result.1}}", r#"{"id":"agt_1","tags":["a",{"b":7}]}"#];

    #[test]
    fn placeholders_become_results() {
        for (text, filled) in [
            ("<{{result.1}}> {{result.1}}", "<one> one"),
            ("{{result.2}}", "\"two\"\n{{result.1}}"),
            ("{{result}}", RESULTS[2]),
            ("{{result.id}} {{result.3.tags.0}} {{result.tags.1}}", "agt_1 a {\"b\":7}"),
            ("{{{result.1}}}", "{one}"),
        ] {
            assert_eq!(fill(text, &RESULTS, Place::Text).expect("little"), filled, "{text}");
        }
        assert_eq!(fill("{{results}}", &["a", "b"], Place::Text).expect("little"), "a\nb");
    }

    #[test]
    fn members_are_found_in_what_is_marked_as_from_outside() {
        let results = ["<data from=\"agent_wait\">\n[{\"output\":\"found\"}]\n</data>"];
        assert_eq!(fill("{{result.0.output}}", &results, Place::Text).expect("little"), "{{result.0.output}}");
        assert_eq!(fill("{{result.1.0.output}}", &results, Place::Text).expect("little"), "found");
    }

    #[test]
    fn what_has_no_result_stays_as_it_is() {
        for text in [
            "{{result.4}}",
            "{{result.0}}",
            "{{result.1.id}}",
            "{{result.none}}",
            "{{ result }}",
            "{{name}}",
            "{{result",
            "{{}}",
            "a{{",
        ] {
            assert_eq!(fill(text, &RESULTS, Place::Text).expect("little"), text);
        }
        assert_eq!(fill("{{result}} {{results}}", &[], Place::Text).expect("little"), "{{result}} {{results}}");
    }

    #[test]
    fn in_json_they_are_escaped() {
        let filled = fill(r#"{"text":"{{result.2}}"}"#, &RESULTS, Place::Json).expect("little");
        let json: Value = serde_json::from_str(&filled).expect("still JSON");
        assert_eq!(json["text"], RESULTS[1]);
    }

    #[test]
    fn a_text_cannot_multiply_its_results_without_end() {
        let long = "x".repeat(20_000);
        assert!(fill(&"{{result}}".repeat(50), &[&long], Place::Text).is_ok());
        assert!(fill(&"{{result}}".repeat(60), &[&long], Place::Text).is_err_and(|why| why.contains("bytes")));
        assert!(fill(&"{{result}}".repeat(101), &["x"], Place::Text).is_err_and(|why| why.contains("100")));
    }
}
