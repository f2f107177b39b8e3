//! An OpenAPI 3.1 document as utoipa prints it: the parts that tell of types, in the document's own order.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

/// The document.
#[derive(Deserialize)]
pub(crate) struct Document {
    pub(crate) paths: IndexMap<String, IndexMap<String, Operation>>,
    #[serde(default)]
    pub(crate) webhooks: IndexMap<String, IndexMap<String, Operation>>,
    pub(crate) components: Components,
}

#[derive(Deserialize)]
pub(crate) struct Components {
    pub(crate) schemas: IndexMap<String, Schema>,
}

/// One method of one route, or one event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Operation {
    #[serde(rename = "operationId")]
    pub(crate) id: String,
    #[serde(default)]
    pub(crate) summary: String,
    #[serde(default)]
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) request_body: Option<Content>,
    #[serde(default)]
    pub(crate) responses: IndexMap<String, Content>,
}

#[derive(Deserialize)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) place: String,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) description: String,
    pub(crate) schema: Schema,
}

/// A request's or a response's body, by media type.
#[derive(Deserialize)]
pub(crate) struct Content {
    #[serde(default)]
    pub(crate) content: IndexMap<String, MediaType>,
}

impl Content {
    /// The schema of its JSON, if it has any.
    pub(crate) fn json(&self) -> Option<&Schema> {
        self.content.get("application/json")?.schema.as_ref()
    }
}

#[derive(Deserialize)]
pub(crate) struct MediaType {
    schema: Option<Schema>,
}

/// A schema; keywords that no type depends on are passed over.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Schema {
    #[serde(rename = "$ref")]
    pub(crate) reference: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kinds: Kinds,
    pub(crate) format: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) example: Option<Value>,
    pub(crate) examples: Vec<Value>,
    #[serde(rename = "enum")]
    pub(crate) words: Vec<Value>,
    #[serde(rename = "const")]
    pub(crate) constant: Option<Value>,
    pub(crate) minimum: Option<f64>,
    pub(crate) items: Option<Box<Schema>>,
    pub(crate) properties: IndexMap<String, Schema>,
    pub(crate) required: Vec<String>,
    pub(crate) additional_properties: Option<Additional>,
    pub(crate) one_of: Vec<Schema>,
    pub(crate) any_of: Vec<Schema>,
    pub(crate) all_of: Vec<Schema>,
}

/// The keyword `type`: one word, or several of which one may be `null`.
#[derive(Clone, Default, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Kinds {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

impl Kinds {
    pub(crate) fn words(&self) -> &[String] {
        match self {
            Self::None => &[],
            Self::One(word) => std::slice::from_ref(word),
            Self::Many(words) => words,
        }
    }
}

/// The keyword `additionalProperties`.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub(crate) enum Additional {
    /// Any members, or none.
    Allowed(bool),
    /// Members of one schema.
    Of(Box<Schema>),
}
