//! `vectors/webhook.json` as scenarios, so that every language is asked about every entry.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use openclaw_core::webhook::{header, unsigned_body};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::scenario::Scenario;

/// The word for a request that is accepted.
const OK: &str = "ok";

#[derive(Deserialize)]
struct File {
    vectors: Vec<Vector>,
}

#[derive(Deserialize)]
struct Vector {
    name: String,
    request: Request,
    receiver: Receiver,
    expected: Expected,
}

#[derive(Deserialize)]
struct Request {
    headers: Value,
    body: String,
}

#[derive(Deserialize)]
struct Receiver {
    secrets: Vec<String>,
    now: i64,
}

#[derive(Deserialize)]
struct Expected {
    body: bool,
    unsigned: bool,
    webhook: String,
    event: Option<String>,
}

/// Reads the file: a scenario for each entry.
pub(crate) fn read(file: &Path) -> Result<Vec<Scenario>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let file: File = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    file.vectors.iter().map(scenario).collect()
}

fn scenario(vector: &Vector) -> Result<Scenario> {
    let Vector { name, request, receiver, expected } = vector;
    let documented = |payload: &str, signature: &Value, holds: bool| {
        json!({
            "call": "verify_webhook",
            "args": {"payload": payload, "signature": signature, "secret": receiver.secrets[0]},
            "expect": {"returns": holds},
        })
    };
    let mut steps = Vec::new();
    if let signature @ Value::String(_) = &request.headers[header::BODY_SIGNATURE] {
        steps.push(documented(&request.body, signature, expected.body));
    }
    if let Some((unsigned, signature)) = unsigned_body(&request.body) {
        steps.push(documented(&unsigned, &signature.into(), expected.unsigned));
    }
    let expect = if expected.webhook == OK {
        json!({"returns": {"event": expected.event, "id": {"$prefix": "evt_"}, "data": {"$present": true}}})
    } else {
        json!({"error": {"kind": "webhook", "code": expected.webhook}})
    };
    steps.push(json!({
        "call": "webhook.verify",
        "args": {"secrets": receiver.secrets, "body": request.body, "headers": request.headers, "now": receiver.now},
        "expect": expect,
    }));
    // A stand-in that is asked nothing: checking a webhook sends nothing.
    let scenario = json!({"name": format!("webhook vector: {name}"), "given": [], "steps": steps, "arrived": []});
    Ok(serde_json::from_value(scenario)?)
}
