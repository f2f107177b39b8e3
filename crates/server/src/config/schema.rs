//! The JSON Schema of the configuration, for editors.

use std::sync::LazyLock;

use schemars::generate::SchemaSettings;
use schemars::transform::{RecursiveTransform, Transform, transform_subschemas};
use schemars::{Schema, json_schema};
use serde_json::Value;

use super::Config;

impl Config {
    /// The schema of the whole file (draft 2020-12), with every key's description and default.
    pub fn schema() -> Value {
        let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Self>();
        RecursiveTransform(drop_null).transform(&mut schema);
        allow_variable(&mut schema);
        schema.insert("title".into(), "OpenClaw configuration".into());
        schema.to_value()
    }
}

/// The same types and ranges without references, as the checks walk it.
pub(super) static INLINE: LazyLock<Value> = LazyLock::new(|| {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<Config>().to_value()
});

/// A key that may be left out may still not be `null`.
fn drop_null(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
    }
}

/// `port: ${PORT:-3000}` is a string to an editor until the gateway reads it.
fn allow_variable(schema: &mut Schema) {
    transform_subschemas(&mut allow_variable, schema);
    let is_parsed = |name: &Value| name == "integer" || name == "boolean";
    if !schema.get("type").is_some_and(is_parsed) {
        return;
    }
    let Some(keywords) = schema.as_object_mut() else {
        return;
    };
    let (notes, rules) = std::mem::take(keywords)
        .into_iter()
        .partition::<serde_json::Map<_, _>, _>(|(keyword, _)| matches!(keyword.as_str(), "description" | "default"));
    *keywords = notes;
    schema.insert(
        "anyOf".into(),
        Value::Array(vec![
            Value::Object(rules),
            json_schema!({"type": "string", "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}"}).to_value(),
        ]),
    );
}
