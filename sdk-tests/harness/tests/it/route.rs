//! Every route is a call of every SDK, shown by a scenario.
//!
//! The one table of calls is [`OPERATIONS`]; here it is held against the API, the scenarios, and the sources of the SDKs.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use openclaw_client_ffi::OPERATIONS;
use openclaw_sdk_tests::suite;
use serde_json::Value;

use crate::repository;

/// Where the sources of each language name their calls; Rust's name the routes.
const SOURCES: [&str; 3] = ["bindings/python/python/openclaw/_async", "bindings/node/src", "bindings/go"];
/// The same as another route with a member in its body, which is how the SDKs ask for it.
const SPELLED_TWICE: &str = "POST /chat/stream";

/// Each route of the API, such as `GET /sessions/{id}`; what stands in braces is an id, whatever the document calls it.
fn routes() -> BTreeSet<String> {
    let document = fs::read_to_string(repository().join("openapi/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let paths = document["paths"].as_object().unwrap().iter();
    let routes = paths.flat_map(|(path, methods)| {
        let path = path.strip_prefix("/api/v1").unwrap_or(path).replace("{name}", "{id}");
        let operations = methods.as_object().unwrap().iter().filter(|(_, it)| it["operationId"].is_string());
        operations.map(move |(method, _)| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
    });
    routes.filter(|route| route != SPELLED_TWICE).collect()
}

/// The text of all files of a folder, those of its folders included.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries
        .filter(|path| !path.ends_with("node_modules"))
        .map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(&path).unwrap_or_default() });
    texts.collect()
}

#[test]
fn the_calls_of_the_sdks_are_the_routes_of_the_api() {
    let called: BTreeSet<String> = OPERATIONS.iter().map(|it| format!("{} {}", it.method(), it.route)).collect();
    assert_eq!(called, routes(), "a new route is a line in crates/client-ffi/src/operation.rs");
}

#[test]
fn every_call_has_a_method_in_every_language() {
    let rust = sources(&repository().join("crates/client/src"));
    for operation in OPERATIONS {
        assert!(rust.contains(&format!("{:?}", operation.route)), "Rust has no method for {}", operation.route);
    }
    for folder in SOURCES {
        let text = sources(&repository().join(folder));
        for operation in OPERATIONS {
            assert!(text.contains(&format!("{:?}", operation.name)), "{folder} has no method `{}`", operation.name);
        }
    }
}

#[test]
fn every_call_is_shown_by_a_scenario_that_no_language_skips() {
    let scenarios = suite::scenarios(repository(), "").unwrap();
    let asked_of_all = scenarios.iter().filter(|scenario| scenario.skip.is_empty());
    let called: BTreeSet<&str> = asked_of_all.flat_map(|it| &it.steps).map(|step| step.call.as_str()).collect();
    for operation in OPERATIONS {
        assert!(called.contains(operation.name), "no scenario calls `{}`", operation.name);
    }
}
