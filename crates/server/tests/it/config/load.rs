//! What loads, and from where.

use openclaw::config::{AuthType, Config, Environment, LogFormat, ProviderKind, Source};

use super::{API_SECRET, File, WEBHOOK_SECRET, config, environment, load};

/// As documented.
const DOCUMENTED: &str = r#"gateway:
  api:
    enabled: true
    port: 3000
    host: "0.0.0.0"
    auth:
      type: "bearer"            # or "api_key"
      secret: ${API_SECRET}     # a strong secret, e.g. from `openssl rand -hex 32`
    cors:
      enabled: true
      origins: ["https://your-app.com", "http://localhost:3000"]
    rate_limit:
      requests_per_minute: 60
      burst: 10
webhooks:
  enabled: true
  endpoints:
    # message events
    - url: "https://your-app.com/webhooks/openclaw/message"
      events: ["message.received", "message.sent"]
      secret: ${WEBHOOK_SECRET}
    # agent state changes
    - url: "https://your-app.com/webhooks/openclaw/agent"
      events: ["agent.spawned", "agent.completed", "agent.error"]
      secret: ${WEBHOOK_SECRET}
    # system alerts
    - url: "https://your-app.com/webhooks/openclaw/alert"
      events: ["system.error", "rate_limit.exceeded"]
      secret: ${WEBHOOK_SECRET}
"#;

#[test]
fn the_documented_file_loads_as_written() {
    let loaded = load(DOCUMENTED);
    assert_eq!(loaded.warnings, [""; 0]);
    let api = &loaded.config.gateway.api;
    assert!(api.enabled && api.cors.enabled);
    assert_eq!((api.port, api.host.as_str()), (3000, "0.0.0.0"));
    assert_eq!(api.auth.r#type, AuthType::Bearer);
    assert_eq!(api.auth.secret.as_deref(), Some(API_SECRET));
    assert_eq!(api.cors.origins, ["https://your-app.com", "http://localhost:3000"]);
    assert_eq!((api.rate_limit.requests_per_minute, api.rate_limit.burst), (60, 10));

    let endpoints = &loaded.config.webhooks.endpoints;
    assert_eq!(endpoints.len(), 3);
    assert_eq!(endpoints[1].url, "https://your-app.com/webhooks/openclaw/agent");
    assert_eq!(endpoints[1].events, ["agent.spawned", "agent.completed", "agent.error"]);
    assert!(endpoints.iter().all(|endpoint| endpoint.secrets() == [WEBHOOK_SECRET]));
}

#[test]
fn an_empty_file_is_every_default() {
    for yaml in
        ["", "\n\n", "# nothing\n", "---\n", "{}", "gateway:\nproviders:\nwebhooks:\n  endpoints:\n", "\u{feff}"]
    {
        assert_eq!(config(yaml), Config::default(), "{yaml:?}");
    }
}

#[test]
fn variables_are_read_wherever_a_value_stands() {
    let config = config(
        "gateway:\n  api:\n    port: ${PORT}\n    enabled: \"${TRUE:-false}\"\n    host: '${HOST:-::1}'\n    auth: {type: \"${TYPE:-api_key}\", secret: \"${API_SECRET}\"}\n    drain_seconds: ${DRAIN:-5}\nlogging:\n  format: ${FORMAT:-json}\nwebhooks:\n  endpoints:\n    - {url: \"http://${WORD}:${PORT}/x\", events: [\"${ALL:-*}\"], secret: [\"${WEBHOOK_SECRET}\", '$${not-a-variable-at-all}']}\n",
    );
    let api = &config.gateway.api;
    assert_eq!((api.port, api.enabled, api.host.as_str(), api.drain_seconds), (3001, true, "::1", 5));
    assert_eq!((api.auth.r#type, api.auth.secret.as_deref()), (AuthType::ApiKey, Some(API_SECRET)));
    assert_eq!(config.logging.format, LogFormat::Json);
    let endpoint = &config.webhooks.endpoints[0];
    assert_eq!((endpoint.url.as_str(), endpoint.events[0].as_str()), ("http://hunter2:3001/x", "*"));
    assert_eq!(endpoint.secrets(), [WEBHOOK_SECRET, "${not-a-variable-at-all}"]);
}

#[test]
fn what_a_variable_holds_is_never_yaml() {
    for yaml in
        ["models:\n  default: ${YAML}\n", "models: {default: \"${YAML}\"}", "models:\n  default: >-\n    ${YAML}\n"]
    {
        assert_eq!(config(yaml).models.default, "a: b # c\n- \"d\" ${PORT} {e}", "{yaml}");
    }
    assert_eq!(config("models: {default: \"${NULL}\"}").models.default, "null");
    assert_eq!(config("models:\n  aliases:\n    a: ${NULL}\n").models.aliases["a"], "null");
}

#[test]
fn text_is_kept_as_it_is_written() {
    let secret = |value: &str| {
        let config = config(&format!("gateway: {{api: {{auth: {{secret: {value}}}}}}}"));
        config.gateway.api.auth.secret.unwrap()
    };
    assert_eq!(secret("00012345678901234567890"), "00012345678901234567890");
    assert_eq!(secret("1234567890123456e0"), "1234567890123456e0");
    assert_eq!(secret("0x1234567890abcdef"), "0x1234567890abcdef");
    assert_eq!(secret("'pa$$w0rd-$NAME-0123'"), "pa$$w0rd-$NAME-0123");
    assert_eq!(secret("!!str 12345678901234567"), "12345678901234567");
}

#[test]
fn aliases_and_merge_keys_resolve() {
    let config = config(
        "providers:\n  one: &one\n    base_url: http://localhost:1/v1\n    max_retries: &retries 007\n    idle_timeout_seconds: !!int 5\n    connect_timeout_seconds: *retries\n  two:\n    <<: *one\n    type: openai\n    models: [&model m, *model]\n",
    );
    let (one, two) = (&config.providers["one"], &config.providers["two"]);
    assert_eq!((one.max_retries, two.max_retries), (7, 7));
    assert_eq!((one.idle_timeout_seconds, one.connect_timeout_seconds), (5, 7));
    assert_eq!((one.r#type, two.r#type), (None, Some(ProviderKind::Openai)));
    assert_eq!(two.models, ["m", "m"]);
}

#[test]
fn the_file_is_found_by_flag_then_variable_then_home() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join(".openclaw");
    std::fs::create_dir(&folder).unwrap();
    let write = |path: &str, port: u16| {
        std::fs::write(home.path().join(path), format!("gateway: {{api: {{port: {port}}}}}")).unwrap();
    };
    write(".openclaw/config.yaml", 1);
    write("variable.yaml", 2);
    write("flag.yaml", 3);
    let home_path = home.path().to_str().unwrap().to_owned();
    let find = |flag: bool, variable: &'static str| {
        let home = home_path.clone();
        let flag = flag.then(|| format!("{home}/flag.yaml").into());
        let environment = Environment::from_fn(move |name| match name {
            "HOME" => Some(home.clone()),
            "OPENCLAW_CONFIG" => Some(variable.to_owned()),
            _ => None,
        });
        Source::find(flag, environment).load().unwrap().config.gateway.api.port
    };
    assert_eq!(find(true, "~/variable.yaml"), 3);
    assert_eq!(find(false, "~/variable.yaml"), 2);
    assert_eq!(find(false, ""), 1);
}

#[test]
fn only_a_file_that_someone_named_must_be_there() {
    let empty = tempfile::tempdir().unwrap();
    let home = empty.path().to_str().unwrap().to_owned();
    let nowhere = Environment::from_fn(move |name| (name == "OPENCLAW_HOME").then(|| home.clone()));
    let loaded = Source::find(None, nowhere.clone()).load().unwrap();
    assert_eq!((loaded.config, loaded.path), (Config::default(), None));

    let error = Source::find(Some("/nowhere/config.yaml".into()), nowhere).load().unwrap_err();
    assert_eq!(
        error.to_string(),
        "error: there is no configuration file /nowhere/config.yaml\nhelp: --config names it: make the file, or name another"
    );
    let by_variable = Environment::from_fn(|name| (name == "OPENCLAW_CONFIG").then(|| "/nowhere/config.yaml".into()));
    let error = Source::find(None, by_variable).load().unwrap_err();
    assert!(error.to_string().ends_with("help: OPENCLAW_CONFIG names it: make the file, or name another"), "{error}");
}

#[test]
fn what_is_no_configuration_file_is_refused() {
    let file = File::new("");
    let error = Source::find(Some(file.folder.path().to_owned()), environment()).load().unwrap_err().to_string();
    assert!(error.ends_with("Is a directory (os error 21)"), "{error}");
    std::fs::write(file.path(), [0xff, 0xfe]).unwrap();
    let error = file.source().load().unwrap_err().to_string();
    assert!(error.ends_with("stream did not contain valid UTF-8"), "{error}");
    file.write(&"#".repeat(1024 * 1024 + 1));
    let error = file.source().load().unwrap_err().to_string();
    assert!(error.ends_with("it is longer than 1 MiB"), "{error}");
}

#[test]
fn nowhere_to_keep_the_database_is_an_error_before_the_start() {
    let error = Source::find(None, Environment::from_fn(|_| None)).load().unwrap_err();
    assert_eq!(
        error.to_string(),
        "error: `storage.url` is in the home folder, which is not known\nhelp: set OPENCLAW_HOME or HOME, or write the whole path"
    );
}

#[test]
fn only_a_robot_needs_no_secret() {
    let robots = config(
        "webhooks: {endpoints: [{url: \"https://oapi.dingtalk.com/robot/send?access_token=t\", events: [system.error]}, \
         {url: \"http://10.0.0.1/\", format: wecom, events: [system.error]}, \
         {url: \"https://open.feishu.cn/open-apis/bot/v2/hook/t\", events: [system.error], secret: short}]}",
    );
    let secrets: Vec<_> = robots.webhooks.endpoints.iter().map(|endpoint| endpoint.secrets().len()).collect();
    assert_eq!(secrets, [0, 0, 1]);
}
