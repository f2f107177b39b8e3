//! The form that an agent's output must have.

use serde_json::Value;

/// Faults that a model is told of at once.
const FAULTS_TOLD_MAX: usize = 5;
/// The most bytes of a schema.
const SCHEMA_BYTES_MAX: usize = 64 * 1024;

/// A JSON Schema, ready to judge. It refers to nothing outside of itself.
pub struct OutputSchema(jsonschema::Validator);

impl OutputSchema {
    /// Reads a schema; tells what is wrong with it, to be read after its name.
    pub fn new(schema: &Value) -> Result<Self, String> {
        if !schema.is_object() {
            return Err("must be a JSON Schema, `{…}`".into());
        }
        if schema.to_string().len() > SCHEMA_BYTES_MAX {
            return Err(format!("must have at most {SCHEMA_BYTES_MAX} bytes"));
        }
        jsonschema::validator_for(schema).map(Self).map_err(|error| format!("is no valid JSON Schema: {error}"))
    }

    /// The JSON of an output that fits; otherwise what is wrong, for the model.
    pub fn judge(&self, output: &str) -> Result<Value, String> {
        let text = unfenced(output);
        let value: Value = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        let faults: Vec<String> = self
            .0
            .iter_errors(&value)
            .take(FAULTS_TOLD_MAX)
            .map(|error| format!("at `{}`: {error}", error.instance_path()))
            .collect();
        if faults.is_empty() { Ok(value) } else { Err(faults.join("; ")) }
    }
}

/// The text without the fence that models like to put around JSON.
fn unfenced(output: &str) -> &str {
    let text = output.trim();
    let Some(rest) = text.strip_prefix("```") else { return text };
    let Some(body) = rest.strip_suffix("```") else { return text };
    body.split_once('\n').map_or(body, |(_, body)| body).trim()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn output_is_judged_with_or_without_a_fence() {
        let schema = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
        let schema = OutputSchema::new(&schema).map_err(|_| ()).expect("a schema");
        assert_eq!(schema.judge(" {\"n\": 1}\n"), Ok(json!({"n": 1})));
        assert_eq!(schema.judge("```json\n{\"n\": 2}\n```"), Ok(json!({"n": 2})));
        assert!(schema.judge("n is 1").expect_err("prose").contains("not JSON"));
        assert!(schema.judge("{\"n\": \"1\"}").expect_err("a text").contains("/n"));
    }

    #[test]
    fn a_schema_that_is_none_or_reaches_outside_is_refused() {
        for schema in [json!(true), json!({"type": "nonsense"}), json!({"$ref": "http://example.com/schema"})] {
            assert!(OutputSchema::new(&schema).is_err(), "{schema}");
        }
    }
}
