//! What a value must be: plain JSON that it must hold, with a few words for what is not fixed.
//!
//! An object matches if every member that is listed matches; further members are passed over, and `null` is the same as
//! absent. An array matches item by item and in length. All else must be equal. An object whose members begin with `$` says
//! it in words, all of which must hold:
//!
//! | word | the value |
//! |---|---|
//! | `{"$present": true}` or `false` | is there, or is not (`null` is not) |
//! | `{"$prefix": "msg_"}` | is text that begins so |
//! | `{"$contains": "word"}` | is text that holds it, or an array one of whose items matches it |
//! | `{"$min": 1}`, `{"$max": 5}` | is a number, at least or at most that |
//! | `{"$count": 3}` | is an array of so many |

use serde_json::{Map, Value};

/// Says where and how a value is not as expected; `None` if it is.
pub fn mismatch(expected: &Value, found: &Value, place: &str) -> Option<String> {
    match (expected, found) {
        (Value::Object(words), _) if words.keys().any(|word| word.starts_with('$')) => in_words(words, found, place),
        (Value::Object(members), Value::Object(object)) => members.iter().find_map(|(name, expected)| {
            mismatch(expected, object.get(name).unwrap_or(&Value::Null), &format!("{place}.{name}"))
        }),
        (Value::Array(items), Value::Array(array)) if items.len() == array.len() => (items.iter().zip(array))
            .enumerate()
            .find_map(|(at, (expected, found))| mismatch(expected, found, &format!("{place}[{at}]"))),
        (Value::Number(expected), Value::Number(found)) if expected.as_f64() == found.as_f64() => None,
        _ if expected == found => None,
        _ => Some(format!("{place} is {}, not {}", short(found), short(expected))),
    }
}

fn in_words(words: &Map<String, Value>, found: &Value, place: &str) -> Option<String> {
    let text = found.as_str();
    words.iter().find_map(|(word, value)| {
        let holds = match word.as_str() {
            "$present" => value.as_bool().map(|present| present != found.is_null()),
            "$prefix" => value.as_str().map(|prefix| text.is_some_and(|text| text.starts_with(prefix))),
            "$contains" => Some(match found {
                Value::Array(items) => items.iter().any(|item| mismatch(value, item, "").is_none()),
                _ => value.as_str().zip(text).is_some_and(|(part, text)| text.contains(part)),
            }),
            "$min" => value.as_f64().map(|least| found.as_f64().is_some_and(|number| number >= least)),
            "$max" => value.as_f64().map(|most| found.as_f64().is_some_and(|number| number <= most)),
            "$count" => value.as_u64().map(|count| found.as_array().is_some_and(|items| items.len() as u64 == count)),
            _ => None,
        };
        match holds {
            Some(true) => None,
            Some(false) => Some(format!("{place} is {}, not {word} {value}", short(found))),
            None => Some(format!("{place}: `{word}: {value}` means nothing")),
        }
    })
}

/// The value, cut where it would fill the screen.
fn short(value: &Value) -> String {
    const CHARS_MAX: usize = 300;
    let text = value.to_string();
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_listed_must_be_there_and_more_may_be() {
        let found = json!({"id": "msg_1", "usage": {"input_tokens": 2, "new": 1}, "rows": [1, {"a": 1, "b": 2}]});
        for good in [
            json!({}),
            json!({"id": "msg_1"}),
            json!({"usage": {"input_tokens": 2.0}}),
            json!({"rows": [1, {"b": 2}]}),
            json!({"gone": null, "id": {"$prefix": "msg_", "$contains": "1"}}),
            json!({"gone": {"$present": false}, "rows": {"$count": 2, "$contains": {"a": 1}}}),
            json!({"usage": {"input_tokens": {"$min": 2, "$max": 2}}}),
        ] {
            assert_eq!(mismatch(&good, &found, "it"), None, "{good}");
        }
        for (bad, told) in [
            (json!([]), "it is"),
            (json!({"id": "msg_2"}), "it.id is \"msg_1\", not \"msg_2\""),
            (json!({"gone": 1}), "it.gone is null"),
            (json!({"rows": [1]}), "it.rows"),
            (json!({"rows": [1, {"b": 3}]}), "it.rows[1].b"),
            (json!({"id": {"$present": false}}), "it.id"),
            (json!({"gone": {"$prefix": ""}}), "it.gone"),
            (json!({"usage": {"input_tokens": {"$min": 3}}}), "$min"),
            (json!({"id": {"$max": 3}}), "$max"),
            (json!({"rows": {"$contains": {"a": 2}}}), "$contains"),
            (json!({"id": {"$prefx": "msg_"}}), "means nothing"),
            (json!({"id": {"$count": "1"}}), "means nothing"),
        ] {
            let problem = mismatch(&bad, &found, "it").unwrap_or_else(|| panic!("{bad} matched"));
            assert!(problem.contains(told), "{problem}");
        }
    }
}
