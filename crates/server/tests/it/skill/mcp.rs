//! MCP servers: a published one over both transports, and a small one that misbehaves.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use openclaw::config::{Config, McpConfig};
use openclaw::skill::Effect;
use openclaw_client::SkillKind;
use serde_json::{Value, json};

use super::super::gateway::Gateway;
use super::super::program::{configure, run};
use super::{answer, call, failure, gateway, open};

/// Longer than a busy machine takes to start a program.
const PATIENT_TENTHS: usize = 300;

/// Where `scripts/need-mcp` installs the server.
fn everything() -> String {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
    let installed = target.join("mcp/node_modules/@modelcontextprotocol/server-everything/dist/index.js");
    assert!(installed.exists(), "{} is missing: run scripts/need-mcp", installed.display());
    installed.display().to_string()
}

fn program(command: &str, args: &[&str]) -> McpConfig {
    let args = args.iter().map(|&argument| argument.to_owned()).collect();
    McpConfig { command: Some(command.into()), args, ..McpConfig::default() }
}

fn with(server: McpConfig) -> impl FnOnce(&mut Config) {
    |config| drop(config.skills.mcp.insert("all".into(), server))
}

/// A server in 30 lines of shell: it lists one tool, and does as the test says when that is called.
fn small(folder: &Path, on_call: &str) -> McpConfig {
    let script = folder.join("server.sh");
    std::fs::write(
        &script,
        r#"echo "started" >> "$1/starts"; echo $$ > "$1/pid"; echo "a complaint" >&2
answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$1" "$2"; }
while read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
  case "$line" in
    *'"initialize"'*) answer "$id" '{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"small","version":"1"}}';;
    *'"tools/list"'*) answer "$id" '{"tools":[{"name":"do it","inputSchema":{"type":"object"}}]}';;
    *'"tools/call"'*) printf '%s\n' "$line" >> "$1/calls"; ON_CALL;;
  esac
done
"#
        .replace("ON_CALL", on_call),
    )
    .expect("a file");
    program("bash", &[script.to_str().expect("text"), folder.to_str().expect("text")])
}

/// Waits until something is so.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..PATIENT_TENTHS {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what} did not come");
}

fn runs(pid: &str) -> bool {
    // A process that ended and was not waited for yet has a folder there too, in state Z.
    std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|stat| !stat.contains(") Z "))
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

#[tokio::test]
async fn a_published_server_is_used_over_its_standard_input() {
    let mut server = program("node", &[&everything(), "stdio"]);
    server.env = BTreeMap::from([("NAMED".into(), "yes".into())]);
    let gateway = gateway(with(server)).await;
    let listed = async || gateway.client.skills().list().all().await.expect("skills");
    let before = listed().await.into_iter().find(|skill| skill.name == "mcp:all").expect("in the catalogue");
    assert!(before.kind == SkillKind::Mcp && before.available && before.tools.is_empty());

    let toolbox = open(&gateway, &["mcp:all"]).await;
    let definitions = toolbox.definitions();
    assert!(definitions.iter().all(|definition| definition.name.starts_with("all__")), "{definitions:?}");
    let sum = definitions.iter().find(|definition| definition.name == "all__get-sum").expect("get-sum");
    assert_eq!((&sum.parameters["type"], &sum.parameters["required"]), (&json!("object"), &json!(["a", "b"])));
    assert_eq!(toolbox.find("all__echo").map(|tool| tool.effect()), Some(Effect::ReadOnly));
    let changes = toolbox.find("all__gzip-file-as-resource").map(|tool| tool.effect());
    assert_eq!(changes, Some(Effect::SideEffect));

    let echoed = call(&toolbox, "all__echo", json!({"message": "你好"})).await;
    assert!(echoed.untrusted && !echoed.is_error && echoed.content.ends_with("你好"), "{}", echoed.content);
    assert!(answer(&toolbox, "all__get-sum", json!({"a": 2, "b": 3})).await.contains('5'));
    assert!(answer(&toolbox, "all__get-tiny-image", json!({})).await.contains("[image/png, "));
    failure(&toolbox, "all__get-sum", json!({"a": "two"})).await;

    let environment: Value = serde_json::from_str(&answer(&toolbox, "all__get-env", json!({})).await).expect("JSON");
    let mut names: Vec<_> = environment.as_object().expect("variables").keys().map(String::as_str).collect();
    names.retain(|name| !["HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "USER", "LOGNAME"].contains(name));
    assert_eq!(names, ["NAMED", "PATH"], "nothing of this process's environment but what was named");
    let after = listed().await.into_iter().find(|skill| skill.name == "mcp:all").expect("in the catalogue");
    assert!(after.tools.contains(&"all__echo".to_owned()));
}

/// The published server over HTTP; it ends when the value is dropped.
struct OverHttp(Child);

impl OverHttp {
    async fn start() -> (Self, String) {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let mut command = Command::new("node");
        command.args([&everything(), "streamableHttp"]).env("PORT", port.to_string());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("node starts");
        until("the server", || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok()).await;
        (Self(child), format!("http://127.0.0.1:{port}/mcp"))
    }
}

impl Drop for OverHttp {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_published_server_is_used_over_http_and_again_after_it_was_away() {
    let (server, url) = OverHttp::start().await;
    let config = McpConfig { url: Some(url), ..McpConfig::default() };
    // The server is the operator's: no network is opened for it.
    let gateway = Gateway::with(with(config)).await;
    let toolbox = open(&gateway, &["mcp:all"]).await;
    for round in 0..3 {
        let message = format!("round {round}");
        assert!(answer(&toolbox, "all__echo", json!({"message": message})).await.ends_with(&message));
    }
    drop(server);
    let told = failure(&toolbox, "all__echo", json!({"message": "x"})).await;
    assert!(told.starts_with("the MCP server all failed: "), "{told}");
}

#[tokio::test]
async fn a_call_carries_its_key_and_a_name_that_vendors_take() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway =
        gateway(with(small(folder.path(), r#"answer "$id" '{"content":[],"structuredContent":{"done":1}}'"#))).await;
    assert!(!folder.path().join("starts").exists(), "nothing is started before it is needed");
    let toolbox = open(&gateway, &["mcp:all"]).await;
    assert_eq!(answer(&toolbox, "all__do_it", json!({"a": 1})).await, r#"{"done":1}"#);
    let sent: Value = serde_json::from_str(&read(folder.path().join("calls"))).expect("JSON");
    assert_eq!((&sent["params"]["name"], &sent["params"]["arguments"]), (&json!("do it"), &json!({"a": 1})));
    assert_eq!(sent["params"]["_meta"]["openclaw/idempotencyKey"], "agt_1:1");
    open(&gateway, &["mcp:all"]).await;
    assert_eq!(read(folder.path().join("starts")), "started\n", "all agents share one");
}

#[tokio::test]
async fn a_server_that_dies_is_started_again_later_each_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = gateway(with(small(folder.path(), "exit 3"))).await;
    let toolbox = open(&gateway, &["mcp:all"]).await;
    let starts = || read(folder.path().join("starts")).lines().count();
    failure(&toolbox, "all__do_it", json!({})).await;
    // It died at once, so the next try has to wait, and says so.
    let mut waited = false;
    for _ in 0..PATIENT_TENTHS {
        let told = failure(&toolbox, "all__do_it", json!({})).await;
        waited |= told.contains("tried again in a while");
        if starts() == 2 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(waited && starts() == 2, "{} starts", starts());
}

#[tokio::test]
async fn a_server_that_hangs_or_is_none_costs_its_time_and_no_more() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut hangs = small(folder.path(), "sleep 1000");
    hangs.timeout_seconds = 2;
    let gateway = gateway(|config| {
        config.skills.mcp.insert("all".into(), hangs);
        config.skills.mcp.insert("mute".into(), McpConfig { timeout_seconds: 1, ..program("sleep", &["1000"]) });
        config.skills.mcp.insert("other".into(), program("echo", &["hello"]));
        config.skills.mcp.insert("none".into(), program("/nowhere/server", &[]));
    })
    .await;
    let toolbox = open(&gateway, &["mcp:all"]).await;
    let told = failure(&toolbox, "all__do_it", json!({})).await;
    assert_eq!(told, "the MCP server all failed: it did not answer within 2 s");
    let skills = gateway.app.live.load().skills.clone();
    for (name, told) in [
        ("mcp:mute", "did not answer within 1 s"),
        ("mcp:other", "speak MCP"),
        ("mcp:none", "does not start: No such file"),
    ] {
        let error = skills.open(&[name.into()], "default").await.err().expect("no server").to_string();
        assert!(
            error.starts_with(&format!("the skill `{name}` is not available: ")) && error.contains(told),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_ends_with_all_that_it_started_when_the_configuration_drops_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let child = folder.path().join("child").display().to_string();
    // A grandchild that ignores its parent's end and every gentle word.
    let on_call = format!(
        r#"(trap '' TERM HUP; echo $BASHPID > {child}; while :; do sleep 1; done) & answer "$id" '{{"content":[]}}'"#
    );
    let gateway = gateway(with(small(folder.path(), &on_call))).await;
    let toolbox = open(&gateway, &["mcp:all"]).await;
    answer(&toolbox, "all__do_it", json!({})).await;
    until("the grandchild", || folder.path().join("child").exists()).await;
    let (server, child) = (read(folder.path().join("pid")), read(folder.path().join("child")));
    assert!(runs(&server) && runs(&child));

    let mut config = gateway.app.live.load().config.clone();
    config.gateway.api.drain_seconds = 7;
    gateway.app.reload(config.clone()).expect("reloaded");
    assert!(runs(&server), "another key changes nothing for it");
    config.skills.mcp.clear();
    gateway.app.reload(config).expect("reloaded");
    answer(&toolbox, "all__do_it", json!({})).await;
    drop(toolbox);
    until("the server's end", || !runs(&server)).await;
    until("the grandchild's end", || !runs(&child)).await;
}

#[tokio::test]
async fn a_shutdown_waits_for_the_users_of_a_server_and_then_ends_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = gateway(with(small(folder.path(), r#"answer "$id" '{"content":[]}'"#))).await;
    let toolbox = open(&gateway, &["mcp:all"]).await;
    let server = read(folder.path().join("pid"));
    let app = std::sync::Arc::clone(&gateway.app);
    let drained = tokio::spawn(async move { app.tasks.drain(&app.clock, Duration::from_mins(1)).await });
    gateway.app.tasks.draining().cancelled().await;
    answer(&toolbox, "all__do_it", json!({})).await;
    assert!(runs(&server), "it serves until its users have ended");
    drop(toolbox);
    assert!(drained.await.expect("no panic"), "all ended by themselves");
    assert!(!runs(&server));
}

#[test]
fn the_program_shows_no_secret_of_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    configure(
        folder.path(),
        "skills:\n  mcp:\n    a:\n      command: node\n      env:\n        TOKEN: hunter2\n    b:\n      url: https://a.com/mcp?key=hunter2\n      headers: {Authorization: Bearer hunter2}\n  web_search: {url: 'https://b.com/?key=hunter2', api_key: hunter2}\n",
    );
    let shown = run(folder.path(), &["config", "show"]);
    let text = String::from_utf8_lossy(&shown.stdout);
    assert!(shown.status.success() && text.contains("https://a.com/…") && !text.contains("hunter2"), "{text}");
}
