//! The least and the most of every number, taken from the schema: a range is written once, at its field.

use serde_json::Value;

use super::Findings;
use crate::config::{Config, schema, yaml};

pub(super) fn check(config: &Config, findings: &mut Findings) {
    let values = serde_json::to_value(config).expect("the configuration has only string keys and finite numbers");
    check_value("", &schema::INLINE, &values, findings);
}

fn check_value(path: &str, schema: &Value, value: &Value, findings: &mut Findings) {
    match value {
        Value::Number(number) => {
            let (least, most) = (schema["minimum"].as_u64(), schema["maximum"].as_u64());
            let Some(number) = number.as_u64() else {
                return;
            };
            if let Some(least) = least.filter(|least| number < *least) {
                findings.fault(path, format!("must be {least} or more"));
            }
            if let Some(most) = most.filter(|most| number > *most) {
                findings.fault(path, format!("must be {most} or less"));
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                check_value(&format!("{path}[{index}]"), &schema["items"], item, findings);
            }
        }
        Value::Object(entries) => {
            for (key, entry) in entries {
                let schema = schema["properties"].get(key).unwrap_or(&schema["additionalProperties"]);
                check_value(&yaml::join(path, key), schema, entry, findings);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
