//! A page of another origin in a real browser: it may call where CORS lets it, and read failures too.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::gateway::Gateway;

/// Serves one page on a port of its own, which makes it another origin.
async fn serve_page(html: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let html = html.clone();
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    html.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(html.as_bytes()).await;
            });
        }
    });
    origin
}

fn page(gateway: &Gateway) -> String {
    r#"<!doctype html><pre id="out"></pre><script>
    const headers = {"Authorization": "Bearer KEY", "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID?.() ?? "k"};
    const call = async (path, body) => {
      try {
        const r = await fetch("URL" + path, {method: "POST", headers, body: JSON.stringify(body)});
        return r.status + " " + (r.headers.get("x-request-id") ?? "no id").slice(0, 4) + " " + (await r.text());
      } catch (error) { return "blocked: " + error.message; }
    };
    (async () => {
      const lines = [await call("/api/v1/chat", {message: "hello from a page"}), await call("/api/v1/nope", {})];
      document.getElementById("out").textContent = "RESULT " + lines.join(" || ");
    })();
    </script>"#
        .replace("KEY", &gateway.key)
        .replace("URL", &gateway.url)
}

fn chromium() -> PathBuf {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .expect("a browser: install the Debian package `chromium` (`make test` does, where it may)")
}

/// Opens a page and gives what it wrote.
async fn visit(url: &str) -> String {
    let profile = TempDir::new().expect("a folder");
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--virtual-time-budget=10000",
        "--dump-dom",
    ];
    let mut command = Command::new(chromium());
    command.args(arguments).arg(format!("--user-data-dir={}", profile.path().display())).arg(url);
    let output =
        tokio::task::spawn_blocking(move || command.output().expect("the browser runs")).await.expect("no panic");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listed_page_calls_and_reads_failures_and_another_is_kept_out() {
    let gateway = Gateway::with(|config| config.gateway.api.cors.enabled = true).await;
    let listed = serve_page(page(&gateway)).await;
    let other = serve_page(page(&gateway)).await;
    let mut config = gateway.app.live.load().config.clone();
    config.gateway.api.cors.origins = vec![listed.clone()];
    gateway.app.reload(config).expect("a good configuration");

    let seen = visit(&listed).await;
    assert!(seen.contains("200 req_") && seen.contains("hello from a page"), "{seen}");
    assert!(seen.contains("404 req_") && seen.contains("route_not_found"), "a failure is readable too: {seen}");
    let kept_out = visit(&other).await;
    assert!(kept_out.contains("blocked:") && !kept_out.contains("200 req_"), "{kept_out}");
}
