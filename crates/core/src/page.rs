//! A page of a list, with the cursor of the next one.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many rows a page has when `limit` is absent.
pub const LIMIT_DEFAULT: u32 = 20;
/// The most rows that one page may have.
pub const LIMIT_MAX: u32 = 100;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    /// The rows of this page.
    pub data: Vec<T>,
    /// Whether more rows follow.
    pub has_more: bool,
    /// What to send as `after` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
