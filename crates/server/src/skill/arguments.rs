//! A tool's arguments: one struct gives both the schema that the model is shown and the reading of what it writes.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ToolInvocation, ToolOutput};
use crate::provider::ToolDefinition;

/// What the model is told of a tool whose arguments are `A`; the doc comments of its fields are their descriptions.
pub(super) fn definition<A: JsonSchema>(name: &str, description: &str) -> ToolDefinition {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<A>();
    for keyword in ["$schema", "title", "description"] {
        schema.remove(keyword);
    }
    ToolDefinition { name: name.into(), description: description.into(), parameters: schema.to_value() }
}

impl ToolInvocation {
    /// Reads the arguments, or tells the model what is wrong with them.
    pub(super) fn read<A: DeserializeOwned>(&self) -> Result<A, ToolOutput> {
        serde_path_to_error::deserialize(Value::Object(self.arguments.clone())).map_err(|error| {
            let path = error.path().to_string();
            let place = if path == "." { String::new() } else { format!(" at `{path}`") };
            ToolOutput::error(format!("the arguments are wrong{place}: {}", error.inner()))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Deserialize, JsonSchema)]
    struct Sample {
        /// Where to.
        path: String,
        /// How often.
        #[serde(default)]
        times: Option<u32>,
    }

    #[test]
    fn the_schema_is_what_vendors_take() {
        let definition = definition::<Sample>("sample", "A sample.");
        assert_eq!(
            definition.parameters,
            json!({
                "type": "object",
                "properties": {
                    "path": {"type": "string", "description": "Where to."},
                    "times": {"type": ["integer", "null"], "format": "uint32", "minimum": 0, "default": null, "description": "How often."},
                },
                "required": ["path"],
            })
        );
    }

    #[test]
    fn wrong_arguments_are_told_by_name() {
        let read = |arguments: Value| {
            let Value::Object(arguments) = arguments else { unreachable!("an object") };
            let call = ToolInvocation {
                agent_id: "agt_1".into(),
                workspace: "default".into(),
                idempotency_key: "agt_1:1".into(),
                arguments,
            };
            call.read::<Sample>().map_err(|output| output.content)
        };
        assert_eq!(read(json!({"path": "a", "other": 1})), Ok(Sample { path: "a".into(), times: None }));
        assert_eq!(read(json!({})), Err("the arguments are wrong: missing field `path`".into()));
        let wrong = read(json!({"path": "a", "times": "many"})).expect_err("no number");
        assert!(wrong.starts_with("the arguments are wrong at `times`: invalid type: string \"many\""), "{wrong}");
    }
}
