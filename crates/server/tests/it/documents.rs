//! What is written is true: the OpenAPI file, the docs page, the commands of the README.

use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;

use super::gateway::Gateway;
use super::program::{Program, configure, run, text};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[tokio::test]
async fn the_openapi_file_is_what_the_gateway_serves() {
    let gateway = Gateway::start().await;
    let served: Value = gateway.anonymous(Method::GET, "/openapi.json").send().await.unwrap().json().await.unwrap();
    let file: Value = serde_json::from_str(&read("openapi/openapi.json")).expect("JSON");
    assert!(served == file, "the API has changed: look at it, then run `make openapi`");
    assert_eq!(served["openapi"], "3.1.0");
    let webhooks = served["webhooks"].as_object().expect("webhooks");
    assert!(openclaw_core::EventName::ALL.iter().all(|event| webhooks.contains_key(event.as_str())));
    let references = serde_json::to_string(&served).expect("JSON");
    for reference in references.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().expect("a name");
        assert!(served["components"]["schemas"].get(name).is_some(), "{name} is referred to and not there");
    }
}

#[tokio::test]
async fn the_docs_page_needs_nobody_else() {
    let gateway = Gateway::start().await;
    let page = gateway.anonymous(Method::GET, "/docs").send().await.expect("an answer");
    assert!(page.url().path() == "/docs/" && page.status() == 200);
    let page = page.text().await.expect("text");
    for asset in page.split(['"', '\'']).filter(|word| word.ends_with(".js") || word.ends_with(".css")) {
        assert!(!asset.contains("//"), "{asset} is fetched from elsewhere");
        let path = format!("/docs/{}", asset.trim_start_matches("./"));
        assert_eq!(gateway.anonymous(Method::GET, &path).send().await.expect("an answer").status(), 200, "{path}");
    }
}

#[tokio::test]
async fn the_docs_page_is_sent_packed_to_those_who_can_unpack_it() {
    let gateway = Gateway::start().await;
    let script = async |takes: &str| {
        let request = gateway.anonymous(Method::GET, "/docs/swagger-ui-bundle.js").header("accept-encoding", takes);
        let answer = request.send().await.expect("an answer");
        let packed = answer.headers().get("content-encoding").is_some_and(|encoding| encoding == "gzip");
        assert_eq!(answer.headers()["vary"], "accept-encoding");
        (packed, answer.bytes().await.expect("a body"))
    };
    let (packed, short) = script("br, gzip;q=0.8").await;
    assert!(packed && short.starts_with(&[0x1f, 0x8b]));
    for takes in ["identity", "gzip;q=0, br"] {
        let (packed, long) = script(takes).await;
        assert!(!packed && long.len() > 2 * short.len() && long.starts_with(b"/*!"), "{takes}: {} bytes", long.len());
    }
}

/// Runs the README's shell blocks from top to bottom in one shell, with the program under test, against a gateway on a
/// free port.
#[test]
fn the_readme_commands_do_what_they_say() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway: {api: {port: 0}}\n");
    let program = Program::serve(folder.path());
    let readme = read("README.md");
    let blocks: Vec<&str> = readme.split("```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next()).collect();
    assert!(blocks.len() >= 3, "the README shows how to start and what to do");
    let script = blocks
        .iter()
        .filter(|block| !block.contains("make run"))
        .map(|block| {
            block.replace("http://localhost:3000", &program.url).replace("target/release/openclaw", "openclaw")
        })
        .collect::<Vec<_>>()
        .join("\n");
    let bin = Path::new(env!("CARGO_BIN_EXE_openclaw")).parent().expect("a folder").to_owned();
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").expect("a PATH"));
    let output = Command::new("bash")
        .args([
            "-euo",
            "pipefail",
            "-c",
            &format!("curl() {{ command curl -sS --fail-with-body \"$@\"; echo; }}\n{script}"),
        ])
        .current_dir(root())
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("OPENCLAW_HOME", folder.path().join(".openclaw"))
        .output()
        .expect("bash runs");
    assert!(output.status.success(), "{}\n{}\n{script}", text(&output.stdout), text(&output.stderr));
    let printed = text(&output.stdout);
    for expected in ["\"content\":", "event: chunk", "event: done", "\"message_count\":"] {
        assert!(printed.contains(expected), "{expected} is missing in:\n{printed}");
    }
}

#[test]
fn a_configuration_error_ends_with_78_and_shows_where() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway:\n  api:\n    prot: 3000\n");
    let output = run(folder.path(), &["serve"]);
    assert_eq!(output.status.code(), Some(78));
    let told = text(&output.stderr);
    for expected in ["prot", "config.yaml:3:5", "^", "`port`"] {
        assert!(told.contains(expected), "{expected} is missing in:\n{told}");
    }
}

#[test]
fn the_api_can_be_switched_off() {
    let folder = TempDir::new().expect("a folder");
    configure(folder.path(), "gateway: {api: {enabled: false}}\n");
    let mut child = super::program::command(folder.path()).arg("serve").spawn().expect("it starts");
    let status = Command::new("bash")
        .args([
            "-c",
            "for i in $(seq 50); do ss -ltnp 2>/dev/null | grep -q \"pid=$0,\" && exit 1; done; exit 0",
            &child.id().to_string(),
        ])
        .status()
        .expect("bash runs");
    assert!(status.success(), "it listens though it must not");
    assert!(child.try_wait().expect("a child").is_none(), "it runs without the API");
    child.kill().expect("it runs");
    child.wait().expect("it ends");
}
