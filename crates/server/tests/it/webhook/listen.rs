//! `openclaw webhooks`, as the real program against a real gateway.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{self, Receiver as Lines};
use std::time::Duration;

use openclaw_client::Client;
use openclaw_core::webhook::{Webhook, verify_webhook};
use openclaw_core::{Timestamp, WebhookEvent};
use reqwest::StatusCode;
use serde_json::Value;
use tempfile::TempDir;

use super::super::gateway::message;
use super::super::program::{Program, command, configure, run, text};
use super::SECRET;
use super::receiver::{Received, Receiver};

const PATIENCE: Duration = Duration::from_secs(20);

/// A folder whose gateway always has the same port and knows a key.
struct Home {
    folder: TempDir,
    key: String,
}

impl Home {
    fn new(webhooks: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
        configure(folder.path(), &format!("gateway: {{api: {{port: {port}, drain_seconds: 0}}}}\n{webhooks}"));
        let made = run(folder.path(), &["api", "key", "generate", "--name", "listen"]);
        Self { key: text(&made.stdout).trim().to_owned(), folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn webhooks(&self, arguments: &[&str]) -> Command {
        let mut command = command(self.path());
        command.arg("webhooks").args(arguments).env("OPENCLAW_API_KEY", &self.key).env_remove("OPENCLAW_BASE_URL");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    async fn chat(&self, program: &Program, text: &str) {
        let client = Client::builder().base_url(&program.url).api_key(&self.key).max_retries(0).no_proxy().build();
        client.expect("a client").chat().send(message("user_123", text, "echo")).await.expect("a reply");
    }
}

/// A listener at work, and what it prints, line by line.
struct Listener {
    child: Child,
    out: Lines<String>,
    told: Lines<String>,
}

impl Listener {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().expect("the program starts");
        let out = lines(child.stdout.take().expect("a pipe"));
        let told = lines(child.stderr.take().expect("a pipe"));
        Self { child, out, told }
    }

    /// The next line of standard output.
    fn line(&self) -> String {
        self.out.recv_timeout(PATIENCE).expect("it prints another line")
    }

    fn event(&self) -> Value {
        serde_json::from_str(&self.line()).expect("a line of JSON")
    }

    /// Waits for a notice that holds that text.
    fn notice(&self, part: &str) -> String {
        loop {
            let line = self.told.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("it never said `{part}`"));
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(pipe: impl std::io::Read + Send + 'static) -> Lines<String> {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

fn header<'a>(request: &'a Received, name: &str) -> Option<&'a str> {
    request.headers.get(name).and_then(|value| value.to_str().ok())
}

/// What its receiver makes of a request.
fn verified(request: &Received, secret: &str) -> WebhookEvent {
    assert!(verify_webhook(&request.body, header(request, "x-openclaw-signature").expect("a header"), secret));
    let now = openclaw::clock::Clock::system().now();
    let webhook = Webhook::new(secret).expect("a secret");
    webhook.verify(request.body.as_bytes(), |name| header(request, name), now).expect("genuine")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_prints_and_forwards_every_event_also_across_a_restart() {
    let (home, receiver) = (Home::new(""), Receiver::start().await);
    let program = Program::serve(home.path());
    let url = receiver.url();
    let listener = Listener::start(home.webhooks(&["listen", "--json", "--events", "message.*", "--forward", &url]));
    listener.notice("listening to http://127.0.0.1:");
    let secret = listener.notice("signing secret: ").trim_start_matches("signing secret: ").to_owned();
    home.chat(&program, "before").await;
    let (question, answer) = (listener.event(), listener.event());
    assert_eq!(
        (question["event"].as_str(), question["data"]["content"].as_str()),
        (Some("message.received"), Some("before"))
    );
    assert_eq!((answer["event"].as_str(), answer["forwarded"]["status"].as_u64()), (Some("message.sent"), Some(200)));

    program.signal("TERM");
    program.wait();
    listener.notice("trying again in");
    let program = Program::serve(home.path());
    home.chat(&program, "while it was away, or soon after").await;
    assert_eq!(listener.event()["data"]["content"], "while it was away, or soon after");
    listener.event();
    listener.notice("going on after evt_");

    // Cut off in the middle, it misses nothing and repeats nothing.
    program.kill();
    let program = Program::serve(home.path());
    receiver.answer(StatusCode::INTERNAL_SERVER_ERROR, "no room");
    home.chat(&program, "after").await;
    let failed = listener.event();
    assert_eq!(failed["data"]["content"], "after");
    assert_eq!(
        (failed["forwarded"]["status"].as_u64(), failed["forwarded"]["error"].as_str()),
        (Some(500), Some("the receiver answered 500: no room"))
    );
    listener.event();

    let received = receiver.wait_for(6).await;
    let ids: Vec<String> = received.iter().map(|request| verified(request, &secret).id).collect();
    assert_eq!(ids.iter().collect::<std::collections::HashSet<_>>().len(), 6, "each once: {ids:?}");
    let first = &received[0];
    assert_eq!(
        (header(first, "x-openclaw-event"), header(first, "x-openclaw-attempt")),
        (Some("message.received"), Some("1"))
    );
    assert!(header(first, "x-openclaw-delivery").expect("a header").starts_with("dlv_"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_shows_events_to_people_from_the_beginning_if_asked() {
    let home = Home::new("");
    let program = Program::serve(home.path());
    home.chat(&program, "两行\n和 \u{1b}[31m颜色").await;
    let listener = Listener::start(home.webhooks(&["listen", "--since", "0", "--events", "message.received"]));
    let head = listener.line();
    assert!(
        head.contains("  message.received  evt_") && !head.contains('\u{1b}'),
        "no colours without a terminal: {head}"
    );
    let shown: Vec<String> = (0..4).map(|_| listener.line()).collect();
    assert!(shown.iter().any(|line| line.trim() == "session_id  user_123"), "{shown:?}");
    assert!(shown.iter().any(|line| line.ends_with("content     两行⏎和 \\u{1b}[31m颜色")), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listen_ends_with_ctrl_c_and_when_the_gateway_says_no() {
    let home = Home::new("");
    let program = Program::serve(home.path());
    let mut listener = Listener::start(home.webhooks(&["listen"]));
    listener.notice("listening to");
    let interrupted = Command::new("kill").args(["-INT", &listener.child.id().to_string()]).status();
    assert!(interrupted.expect("kill runs").success());
    assert_eq!(listener.child.wait().expect("it ends").code(), Some(0));

    for (arguments, told) in [
        (&["listen", "--key", "oc_api_sk_wrong"][..], "key_invalid"),
        (&["listen", "--since", "evt_unknown"], "--since 0"),
        (&["listen", "--url", "http://169.254.169.254", "--forward", "ftp://x/"], "http:// or https://"),
    ] {
        let output = home.webhooks(arguments).output().expect("it ends");
        let said = text(&output.stderr);
        let is_told = said.contains(told) || told == "key_invalid" && said.contains("the API key is not valid");
        assert!(output.status.code() == Some(1) && is_told, "{arguments:?}: {said}");
    }
    let none = home.webhooks(&["listen"]).env_remove("OPENCLAW_API_KEY").output().expect("it ends");
    assert!(text(&none.stderr).contains("OPENCLAW_API_KEY"), "{}", text(&none.stderr));
    drop(program);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trigger_sends_a_sample_through_the_gateway_or_straight() {
    let receiver = Receiver::start().await;
    let webhooks = format!(
        "webhooks: {{endpoints: [{{url: \"{}\", events: [agent.error], secret: {SECRET}}}]}}\n",
        receiver.url()
    );
    let home = Home::new(&webhooks);
    let _program = Program::serve(home.path());
    let sent = home.webhooks(&["trigger", "message.received"]).output().expect("it ends");
    assert!(sent.status.success(), "{}", text(&sent.stderr));
    assert!(
        text(&sent.stdout).starts_with("→ 200 in ") && text(&sent.stderr).contains("dlv_"),
        "{}",
        text(&sent.stdout)
    );
    let event = verified(&receiver.wait_for(1).await[0], SECRET);
    assert_eq!((event.event.as_str(), event.raw["session_id"].as_str()), ("message.received", Some("user_123")));

    let arguments = ["trigger", "agent.completed", "--forward", &receiver.url(), "--secret", SECRET];
    let straight = home.webhooks(&arguments).output().expect("it ends");
    assert!(straight.status.success(), "{}", text(&straight.stderr));
    assert_eq!(verified(&receiver.wait_for(2).await[1], SECRET).event, "agent.completed");

    receiver.answer(StatusCode::NOT_FOUND, "not here");
    let failed = home.webhooks(&["trigger", "system.error"]).output().expect("it ends");
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed.stdout).contains("the receiver answered 404"), "{}", text(&failed.stdout));
    let unknown = home.webhooks(&["trigger", "message.recieved"]).output().expect("it ends");
    assert!(text(&unknown.stderr).contains("message.received, message.sent"), "{}", text(&unknown.stderr));
}

fn verify(arguments: &[&str], body: &str) -> Output {
    let folder = TempDir::new().expect("a folder");
    let mut command = command(folder.path());
    command.args(["webhooks", "verify"]).args(arguments);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.expect("the program starts");
    child.stdin.take().expect("a pipe").write_all(body.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

#[test]
fn verify_says_whether_and_why_not() {
    let unsigned = r#"{"event":"webhook.test","timestamp":"2026-04-17T01:20:00Z","data":{},"id":"evt_1"}"#;
    let body = openclaw_core::webhook::body(unsigned, SECRET);
    let signature = openclaw_core::webhook::body_signature(&body, SECRET);
    let at = 1_776_388_800;
    let signatures =
        format!("webhook-signature: {}", openclaw_core::webhook::standard_signatures("evt_1", at, &body, &[SECRET]));
    let (id, timestamp) = ("webhook-id: evt_1", format!("Webhook-Timestamp: {at}"));
    let (soon, late) =
        (Timestamp::from_millis((at + 5) * 1000).to_string(), Timestamp::from_millis((at + 900) * 1000).to_string());
    let standard = ["-H", id, "-H", &timestamp, "-H", &signatures];
    let check = |arguments: &[&[&str]], body: &str, code: i32, told: &str| {
        let output = verify(&arguments.concat(), body);
        let printed = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(output.status.code() == Some(code) && printed.contains(told), "{arguments:?}: {printed}");
    };
    let secret = ["--secret", SECRET];
    check(&[&secret, &["--signature", &signature]], &body, 0, "genuine: sha256=");
    check(&[&secret], &body, 0, "the `signature` in the body");
    check(&[&secret, &standard, &["--at", &soon]], &body, 0, "webhook-signature was made over");
    check(
        &[&["--secret", "another", "--secret", SECRET], &["-H", &format!("X-OpenClaw-Signature: {signature}")]],
        &body,
        0,
        "genuine",
    );

    check(&[&secret, &["--signature", &signature]], &format!("{body}\n"), 1, "line break");
    check(&[&secret, &["--signature", &signature]], &body.replace("\":", "\": "), 1, "written anew");
    check(&[&secret, &["--signature", &signature]], &body.replace("evt_1", "evt_2"), 1, "another secret, another body");
    check(&[&["--secret", &format!("{SECRET} ")], &["--signature", &signature]], &body, 1, "blank or line break");
    check(&[&["--secret", "wrong"]], &body, 1, "not genuine");
    check(&[&secret, &standard, &["--at", &late]], &body, 1, "more than 300 seconds ago");
    check(&[&secret, &standard[..2]], &body, 1, "`webhook-timestamp` is missing");
    check(&[&secret], unsigned, 1, "nothing to check");
    check(&[&["--signature", &signature]], &body, 2, "--secret");
}
