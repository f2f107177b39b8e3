//! The API's types in every language of the SDKs, printed from the OpenAPI document.
//!
//! `openapi` reads the document as it stands, `lower` brings it into the one small form of `schema`, and each language
//! prints that form in its own file. A new field, type or event of the gateway needs no change here; a new language is
//! one more file and one more line in [`OUTPUTS`].

mod go;
mod lower;
mod openapi;
mod python;
mod schema;
mod text;
mod typescript;

pub use lower::LowerError;
pub use schema::Api;

/// A file that is generated: where it lies in the repository, and what prints it.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    /// The file, from the repository's root.
    pub path: &'static str,
    /// Prints it whole.
    pub print: fn(&Api) -> String,
}

/// Every generated file.
pub const OUTPUTS: &[Output] = &[
    Output { path: "bindings/python/python/openclaw/types.py", print: python::print },
    Output { path: "bindings/node/src/types.ts", print: typescript::print },
    Output { path: "bindings/go/types.go", print: go::print },
];

/// Why a document gave no types.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not an OpenAPI document.
    #[error("not an OpenAPI document")]
    Json(#[from] serde_json::Error),
    /// It says something that has no form here.
    #[error(transparent)]
    Lower(#[from] LowerError),
}

/// The types that an OpenAPI document tells of.
pub fn read(document: &str) -> Result<Api, ReadError> {
    Ok(lower::lower(&serde_json::from_str(document)?)?)
}
