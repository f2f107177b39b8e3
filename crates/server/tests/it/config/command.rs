//! `openclaw config`.

use openclaw::cli::config::{ConfigCommand, EX_CONFIG, execute};
use openclaw::config::{Environment, Source};

use super::File;

fn run(command: ConfigCommand, source: &Source) -> (u8, String, String) {
    let (mut output, mut errors) = (Vec::new(), Vec::new());
    let code = execute(command, source, &mut output, &mut errors).unwrap();
    (code, String::from_utf8(output).unwrap(), String::from_utf8(errors).unwrap())
}

#[test]
fn check_says_ok_and_warns() {
    let file = File::new(
        "providers:\n  anthropic: {}\n  ollama: {}\nwebhooks:\n  endpoints:\n    - url: http://localhost:1\n      events: [\"*\"]\n      secret: [hunter2, \" 0123456789abcdef0123456789abcdef\"]\n",
    );
    let (code, output, errors) = run(ConfigCommand::Check, &file.source());
    assert_eq!(code, 0);
    assert_eq!(output, format!("ok: {}\n", file.path().display()));
    assert_eq!(
        errors,
        "warning: providers.anthropic has no api_key; its vendor refuses requests without one\n\
         warning: providers.ollama has neither type nor base_url, so OpenAI's own address is asked\n\
         warning: webhooks.endpoints[0].secret[0] is shorter than 24 bytes; make one: openssl rand -hex 32\n\
         warning: webhooks.endpoints[0].secret[1] begins or ends with a blank or a line break; receivers may cut it off\n"
    );

    let nowhere = Source::find(None, Environment::from_fn(|name| (name == "HOME").then(|| "/nowhere".into())));
    let (code, output, errors) = run(ConfigCommand::Check, &nowhere);
    assert_eq!((code, output.as_str(), errors.as_str()), (0, "ok: there is no file, every key has its default\n", ""));
}

#[test]
fn a_refusal_is_told_on_standard_error() {
    let file = File::new("gateway: {api: {port: -1}}");
    for command in [ConfigCommand::Check, ConfigCommand::Show] {
        let (code, output, errors) = run(command, &file.source());
        assert_eq!((code, output.as_str()), (EX_CONFIG, ""));
        assert!(errors.starts_with("error: `gateway.api.port` must be a whole number from 0 to 65535, found `-1`\n"));
        assert!(errors.ends_with('\n'));
    }
}

#[test]
fn show_masks_what_is_secret() {
    let file = File::new(
        "gateway:\n  api:\n    port: ${PORT}\n    auth: {secret: \"${API_SECRET}\"}\nproviders:\n  anthropic: {api_key: \"${ANTHROPIC_API_KEY}\"}\nwebhooks:\n  endpoints:\n    - url: https://oapi.dingtalk.com/robot/send?access_token=hunter2\n      events: [\"*\"]\n      secret: [\"${WEBHOOK_SECRET}\", hunter2]\n",
    );
    let (code, output, _) = run(ConfigCommand::Show, &file.source());
    assert_eq!(code, 0);
    for secret in ["hunter2", super::API_SECRET, super::WEBHOOK_SECRET, "sk-ant-0000"] {
        assert!(!output.contains(secret), "{output}");
    }
    let auth = "    port: 3001\n    host: \"127.0.0.1\"\n    auth:\n      type: bearer\n      secret: …\n";
    assert!(output.contains(auth), "{output}");
    assert!(output.contains("https://oapi.dingtalk.com/…\n"), "{output}");
}

#[test]
fn the_schema_describes_every_section() {
    let file = File::new("");
    let (code, output, _) = run(ConfigCommand::Schema, &file.source());
    assert_eq!(code, 0);
    let schema: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "OpenClaw configuration");
    assert_eq!(schema["additionalProperties"], false);
    let api = &schema["$defs"]["ApiConfig"]["properties"];
    assert_eq!(api["port"]["description"], "The TCP port; 0 takes a free one and prints it.");
    assert_eq!(api["port"]["default"], 3000);
    assert_eq!(api["port"]["anyOf"][0]["maximum"], 65535);
    assert_eq!(api["port"]["anyOf"][1]["type"], "string");
    assert_eq!(schema["$defs"]["AuthConfig"]["properties"]["secret"]["type"], "string");
    assert!(!output.contains("null"), "a key without a value is refused");
}
