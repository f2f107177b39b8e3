//! Receivers that others wrote: the documented configuration and function, and the published Standard Webhooks libraries,
//! with requests that a gateway really sent.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use openclaw_client::Client;
use openclaw_core::Timestamp;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::gateway::message;
use super::super::program::{Program, command, configure, text};
use super::receiver::{Received, Receiver};
use super::{SECRET, chat, create, gateway, named};

/// CONTRACT M6, as it is documented.
const DOCUMENTED: &str = r#"
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

fn receivers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../sdk-tests/receivers")
}

/// Where `scripts/need-interop` installs the libraries.
fn installed(path: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target folder");
    let installed = target.join("interop").join(path);
    assert!(installed.exists(), "{} is missing: run scripts/need-interop", installed.display());
    installed
}

/// A captured request in the form of `sdk-tests/vectors/webhook.json`.
fn vector(name: &str, request: &Received, secret: &str, now: Timestamp) -> Value {
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok()).expect("a header");
    let names = ["webhook-id", "webhook-timestamp", "webhook-signature", "x-openclaw-signature"];
    let headers: serde_json::Map<String, Value> =
        names.iter().map(|name| ((*name).to_owned(), header(name).into())).collect();
    json!({
        "name": name,
        "request": {"headers": headers, "body": request.body},
        "receiver": {"secrets": [secret], "now": now.as_millis() / 1000},
    })
}

fn answers(receiver: &mut Command, vectors: &[Value]) -> Value {
    let mut child = receiver.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the receiver's language");
    let input = json!({ "vectors": vectors }).to_string();
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("a receiver that reads");
    let output = child.wait_with_output().expect("a receiver that ends");
    assert!(output.status.success(), "the receiver failed");
    serde_json::from_slice(&output.stdout).expect("answers")
}

#[tokio::test]
async fn the_published_libraries_accept_what_a_gateway_sent() {
    installed("python/lib");
    installed("node_modules/standardwebhooks");
    let (configured, made) = (Receiver::start().await, Receiver::start().await);
    let gateway = gateway(vec![named(&configured.url(), &["message.*"])]).await;
    configured.ready(&gateway).await;
    let secret = create(&gateway, &made.url(), &["message.*"]).await.secret.expect("a secret, shown once");
    chat(&gateway, "今天天气怎么样 🦀 \"</script>\u{2028}").await;
    let now = gateway.app.clock.now();
    let mut vectors = Vec::new();
    for (receiver, secret, whose) in [(&configured, SECRET, "hex"), (&made, secret.as_str(), "whsec")] {
        for (index, request) in receiver.wait_for(2).await.iter().enumerate() {
            vectors.push(vector(&format!("{whose} {index}"), request, secret, now));
        }
    }
    let python =
        answers(Command::new(installed("python/bin/python")).arg("-B").arg(receivers().join("check.py")), &vectors);
    let mut node = Command::new("node");
    let javascript =
        answers(node.env("NODE_PATH", installed("node_modules")).arg(receivers().join("check.cjs")), &vectors);
    for vector in &vectors {
        let name = vector["name"].as_str().expect("a name");
        let all = json!({"body": true, "unsigned": true, "standard": true, "standard_utf8": true});
        assert_eq!(python[name], all, "Python, {name}");
        assert_eq!(javascript[name], json!({"standard": true, "standard_utf8": true}), "JavaScript, {name}");
    }
}

/// The documented receiver, and what it prints.
struct Documented {
    child: Child,
    lines: std::io::Lines<BufReader<std::process::ChildStdout>>,
    url: String,
}

impl Documented {
    fn start() -> Self {
        let mut python = Command::new("python3");
        python.arg("-B").arg(receivers().join("serve.py")).env("WEBHOOK_SECRET", SECRET).stdout(Stdio::piped());
        let mut child = python.spawn().expect("Python");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let url = lines.next().expect("a line").expect("text");
        Self { child, lines, url }
    }

    /// The next requests: path and event of each.
    fn received(&mut self, count: usize) -> Vec<(String, Value)> {
        let mut received = Vec::new();
        while received.len() < count {
            let line: Value = serde_json::from_str(&self.lines.next().expect("a line").expect("text")).expect("JSON");
            assert_eq!(line["genuine"], true, "the documented function accepts it: {line}");
            received.push((line["path"].as_str().expect("a path").to_owned(), line["event"].clone()));
        }
        received
    }
}

impl Drop for Documented {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_documented_configuration_with_the_documented_receiver() {
    let mut receiver = Documented::start();
    let folder = TempDir::new().expect("a folder");
    // As written, but for the origin, which nobody here is.
    let webhooks = DOCUMENTED.replace("https://your-app.com", &receiver.url);
    let gateway = "gateway: {api: {port: 0, rate_limit: {requests_per_minute: 60, burst: 3}}}\n";
    let provider = "providers: {openai: {api_key: k, base_url: \"http://127.0.0.1:9\", max_retries: 0}}\n";
    configure(folder.path(), &format!("{gateway}{provider}{webhooks}"));
    let with_secret = |command: &mut Command| {
        command.env("WEBHOOK_SECRET", SECRET);
    };
    let key = run_with(folder.path(), &["api", "key", "generate", "--name", "production"], with_secret);
    let program = Program::serve_with(folder.path(), with_secret);

    let client =
        Client::builder().base_url(&program.url).api_key(&key).max_retries(0).no_proxy().build().expect("a client");
    client.chat().send(message("user_123", "今天天气怎么样", "echo")).await.expect("a reply");
    let mut told = receiver.received(2);
    client.chat().send(message("user_123", "hi", "openai/gpt-4o")).await.expect_err("nobody is there");
    // A message that got no reply is told of as received; the vendor that is down as a fault.
    told.extend(receiver.received(2));
    while client.status().get().await.is_ok() {}
    told.extend(receiver.received(1));
    let mut told: Vec<_> =
        told.iter().map(|(path, event)| (path.as_str(), event["event"].as_str().expect("a name"))).collect();
    told.sort_unstable();
    let (message, alert) = ("/webhooks/openclaw/message", "/webhooks/openclaw/alert");
    let expected = [
        (alert, "rate_limit.exceeded"),
        (alert, "system.error"),
        (message, "message.received"),
        (message, "message.received"),
        (message, "message.sent"),
    ];
    assert_eq!(told, expected);

    // The agents' endpoint takes what the others do; the operator tries it with a sample, once the rate allows it.
    let other = run_with(folder.path(), &["api", "key", "generate", "--name", "try"], with_secret);
    let client = super::super::gateway::http();
    let list = client.get(format!("{}/api/v1/webhooks/endpoints", program.url)).bearer_auth(&other);
    let list: Value = list.send().await.expect("an answer").json().await.expect("JSON");
    let agent = list["data"]
        .as_array()
        .expect("endpoints")
        .iter()
        .find(|endpoint| endpoint["url"].as_str().is_some_and(|url| url.ends_with("/agent")));
    let path =
        format!("{}/api/v1/webhooks/endpoints/{}/test", program.url, agent.expect("it")["id"].as_str().expect("an id"));
    let body = r#"{"event": "agent.completed"}"#;
    client
        .post(path)
        .bearer_auth(&other)
        .body(body)
        .send()
        .await
        .expect("an answer")
        .error_for_status()
        .expect("accepted");
    let (path, event) = receiver.received(1).remove(0);
    assert_eq!((path.as_str(), event["event"].as_str()), ("/webhooks/openclaw/agent", Some("agent.completed")));
}

fn run_with(folder: &Path, arguments: &[&str], configure: impl FnOnce(&mut Command)) -> String {
    let mut command = command(folder);
    configure(command.args(arguments));
    text(&command.output().expect("it ends").stdout).trim().to_owned()
}
