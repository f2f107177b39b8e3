//! `${…}` in a scenario: values that are known only once it runs.

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What references may name.
#[derive(Debug, Default)]
pub struct Known {
    /// Words such as `server` and `key`.
    pub words: Vec<(&'static str, String)>,
    /// What each call so far returned; of a list or stream, `{"items": […]}` beside it.
    pub outcomes: Vec<Value>,
}

impl Known {
    /// The value with every reference in it replaced.
    pub fn fill(&self, value: &Value) -> Result<Value> {
        Ok(match value {
            Value::String(text) => self.fill_text(text)?,
            Value::Array(items) => items.iter().map(|item| self.fill(item)).collect::<Result<Vec<_>>>()?.into(),
            Value::Object(members) => {
                let filled = members.iter().map(|(name, value)| Ok((name.clone(), self.fill(value)?)));
                Value::Object(filled.collect::<Result<_>>()?)
            }
            other => other.clone(),
        })
    }

    /// A text that is nothing but a reference becomes the value; within a text it must be text or a number.
    fn fill_text(&self, text: &str) -> Result<Value> {
        let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        if let Some(path) = whole.filter(|path| !path.contains('}')) {
            return self.get(path);
        }
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, reference)) = rest.split_once("${") {
            let (path, after) =
                reference.split_once('}').with_context(|| format!("`{text}`: a reference has no end"))?;
            filled.push_str(before);
            match self.get(path)? {
                Value::String(text) => filled.push_str(&text),
                Value::Number(number) => filled.push_str(&number.to_string()),
                other => bail!("`${{{path}}}` is {other}, which no text can hold"),
            }
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled.into())
    }

    fn get(&self, path: &str) -> Result<Value> {
        if let Some((_, value)) = self.words.iter().find(|(word, _)| *word == path) {
            return Ok(value.as_str().into());
        }
        let unknown = || format!("`${{{path}}}` names nothing that is known here");
        let mut names = path.split('.');
        let step: usize = names.next().and_then(|step| step.parse().ok()).with_context(unknown)?;
        let mut value = self.outcomes.get(step).with_context(unknown)?;
        for name in names {
            let inner = match value {
                Value::Array(items) => name.parse::<usize>().ok().and_then(|at| items.get(at)),
                other => other.get(name),
            };
            value = inner.with_context(unknown)?;
        }
        Ok(value.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_are_filled_in_and_a_wrong_one_is_told() {
        let known = Known {
            words: vec![("server", "http://host".into())],
            outcomes: vec![json!({"key": {"id": "key_1", "uses": 3}, "items": [{"id": "a"}]})],
        };
        let given = json!({"url": "${server}/x?${0.key.uses}", "id": "${0.key.id}", "rows": ["${0.items.0}"], "n": 1});
        let filled = json!({"url": "http://host/x?3", "id": "key_1", "rows": [{"id": "a"}], "n": 1});
        assert_eq!(known.fill(&given).expect("all are known"), filled);
        for wrong in ["${sever}", "${1.id}", "${0.key.name}", "${0.items.1}", "x ${server", "x ${0.key}"] {
            assert!(known.fill(&json!(wrong)).is_err(), "{wrong}");
        }
    }
}
