//! The models that a caller may ask for.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A model that this gateway offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Model {
    /// The name to ask for, such as `claude-3-5-sonnet` or `anthropic/claude-3-5-sonnet`.
    pub id: String,
    /// The provider that answers for it.
    pub provider: String,
    /// Whether a request without `context.model` gets this one.
    pub default: bool,
    /// The name it stands for, if this is an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<String>,
}
