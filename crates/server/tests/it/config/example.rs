//! `config.example.yaml` says what is true.

use openclaw::config::{Config, TelegramMode};
use serde_json::Value;

use super::config;

const EXAMPLE: &str = include_str!("../../../../../config.example.yaml");
const SCHEDULES: &str = include_str!("../../../../../docs/schedules.md");
const SKILLS: &str = include_str!("../../../../../docs/skills.md");
const SCALING: &str = include_str!("../../../../../docs/scaling.md");
const DEPLOY: &str = include_str!("../../../../../deploy/config.yaml");
const COMPOSE: &str = include_str!("../../../../../deploy/compose.yaml");
const KUBERNETES: &str = include_str!("../../../../../deploy/kubernetes/openclaw.yaml");
const CHANNELS: &str = include_str!("../../../../../docs/channels.md");

#[test]
fn the_configuration_of_deploy_loads() {
    let yaml = DEPLOY.replace("${API_SECRET}", "a-secret-0123456789").replace("${POSTGRES_PASSWORD}", "p4ss");
    let config = config(&yaml);
    assert!(config.storage.is_shared());
    assert_eq!(config.masked().storage.url, "postgres://…@postgres/…");
    for file in [COMPOSE, KUBERNETES] {
        assert!(file.contains("API_SECRET") && file.contains("POSTGRES_PASSWORD"));
        assert!(file.contains(r#"["--config", "/etc/openclaw/config.yaml", "serve"]"#));
    }
    for path in ["/healthz", "/readyz"] {
        assert!(KUBERNETES.contains(path));
    }
}

#[test]
fn the_example_of_the_page_on_scaling_loads() {
    let yaml = SCALING.split("```yaml\n").nth(1).expect("an example").split("```").next().expect("its end");
    let storage = config(&yaml.replace("${DATABASE_PASSWORD}", "p4ss")).storage;
    assert!(storage.is_shared());
    let defaults = storage.postgres;
    for number in [defaults.connections, defaults.statement_timeout_seconds as usize, defaults.lease_seconds as usize] {
        assert!(SCALING.contains(&format!(" {number}")), "{number} is told");
    }
}

#[test]
fn the_example_is_the_default() {
    assert_eq!(config(EXAMPLE), Config::default());
}

#[test]
fn the_examples_in_the_example_load() {
    let lines = EXAMPLE.lines().map(|line| match line.trim_start().strip_prefix('#') {
        Some(key) if !key.is_empty() && !key.starts_with(' ') => line.replacen('#', "", 1),
        _ => line.to_owned(),
    });
    let config = config(&lines.collect::<Vec<_>>().join("\n"));
    assert!(config.gateway.api.auth.secret.is_some());
    assert_eq!(config.providers.keys().collect::<Vec<_>>(), ["anthropic", "ollama"]);
    assert_eq!(config.webhooks.endpoints.len(), 1);
    assert_eq!(config.schedules["nightly-report"].deliver_to, ["reports"]);
    assert_eq!(config.skills.mcp.keys().collect::<Vec<_>>(), ["files", "tickets"]);
    assert!(config.skills.web_search.url.is_some());
    assert_eq!(config.channels.telegram.account().as_deref(), Some("telegram:123456"));
}

#[test]
fn the_examples_of_the_page_on_skills_load() {
    let blocks = SKILLS.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap());
    let servers: Vec<_> = blocks.flat_map(|yaml| config(yaml).skills.mcp.into_keys()).collect();
    assert_eq!(servers, ["files", "tickets"]);
}

#[test]
fn the_examples_of_the_page_on_channels_load() {
    let blocks = CHANNELS.split("```yaml\n").skip(1).map(|block| block.split("```").next().unwrap());
    let modes: Vec<_> = blocks.map(|yaml| config(yaml).channels.telegram.mode).collect();
    assert_eq!(modes, [TelegramMode::Polling, TelegramMode::Webhook]);
}

#[test]
fn the_example_of_the_page_on_schedules_loads() {
    let yaml = SCHEDULES.split("```yaml\n").nth(1).expect("an example").split("```").next().expect("its end");
    let yaml = yaml.replace("${DINGTALK_TOKEN}", "token").replace("${DINGTALK_SECRET}", "SECdemo");
    assert_eq!(config(&yaml).schedules["nightly-report"].deliver_to, ["reports"]);
}

#[test]
fn every_key_stands_in_the_example() {
    let mut keys = Vec::new();
    collect_keys(&Config::schema(), &mut keys);
    assert!(keys.len() > 40, "{keys:?}");
    let lines: Vec<&str> = EXAMPLE.lines().map(|line| line.trim_start_matches([' ', '#', '-'])).collect();
    for key in keys {
        assert!(lines.iter().any(|line| line.starts_with(&format!("{key}:"))), "`{key}` is missing");
    }
}

fn collect_keys(schema: &Value, keys: &mut Vec<String>) {
    match schema {
        Value::Object(entries) => {
            if let Some(properties) = entries.get("properties").and_then(Value::as_object) {
                keys.extend(properties.keys().cloned());
            }
            entries.values().for_each(|value| collect_keys(value, keys));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_keys(item, keys)),
        _ => {}
    }
}
