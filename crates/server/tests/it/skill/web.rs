//! The web as agents see it: pages as text, bounds held, and nothing inside reached.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::IntoResponse;
use axum::routing::get;
use openclaw::config::SearchKind;
use serde_json::{Value, json};

use super::super::gateway::Gateway;
use super::{answer, call, failure, gateway, open};

/// Serves pages on loopback and gives the address.
async fn serve(router: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

fn html(text: impl Into<Body>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/html")], text.into())
}

fn to(location: impl std::fmt::Display) -> impl IntoResponse {
    (StatusCode::FOUND, [(header::LOCATION, location.to_string())])
}

/// An answer that never ends.
fn endless() -> Body {
    Body::from_stream(futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>("<p>word</p>".repeat(100))))
}

fn site() -> Router {
    Router::new()
        .route(
            "/page",
            get(async || html("<title>Home</title><h1>Hello</h1><script>x</script><a href='/b?c=d'>more</a>")),
        )
        .route("/wiki/{name}", get(async |uri: Uri| uri.to_string()))
        .route("/json", get(async || axum::Json(json!({"a": [1, 2]}))))
        .route("/gbk", get(async || html(b"<meta charset=gbk><p>\xC4\xE3\xBA\xC3".to_vec())))
        .route("/deep", get(async || html("<div>".repeat(20_000) + "deep")))
        .route("/image", get(async || ([(header::CONTENT_TYPE, "image/png")], "x")))
        .route("/packed", get(async || ([(header::CONTENT_ENCODING, "gzip")], "x")))
        .route("/none", get(async || (StatusCode::NOT_FOUND, "nothing here")))
        .route("/endless", get(async || html(endless())))
        .route("/silent", get(async || std::future::pending::<()>().await))
        .route("/headers", get(async |headers: HeaderMap| format!("{headers:?}")))
        .route("/again", get(async || to("/again")))
        .route("/hop", get(async || to("page")))
        .route("/metadata", get(async || to("http://169.254.169.254/latest/meta-data")))
        .route("/inside", get(async || to("http://127.0.0.2:1/")))
        .route("/file", get(async || to("file:///etc/passwd")))
}

#[tokio::test]
async fn a_page_is_read_as_markdown_and_other_text_as_it_is() {
    let (gateway, site) = (gateway(|_| {}).await, serve(site()).await);
    let toolbox = open(&gateway, &["web_fetch"]).await;
    let fetched = call(&toolbox, "web_fetch", json!({"url": format!("{site}/page")})).await;
    assert!(fetched.untrusted && !fetched.is_error);
    assert_eq!(fetched.content, format!("Address: {site}/page\nTitle: Home\n\n# Hello\n\n[more]({site}/b?c=d)"));
    let fetch = async |path: &str| answer(&toolbox, "web_fetch", json!({"url": format!("{site}{path}")})).await;
    assert_eq!(fetch("/json").await, r#"{"a":[1,2]}"#);
    assert!(fetch("/gbk").await.ends_with("\n\n你好"));
    assert!(fetch("/deep").await.ends_with("\n\ndeep"));
    assert_eq!(fetch("/wiki/上海?q=a b#top").await, "/wiki/%E4%B8%8A%E6%B5%B7?q=a%20b");
    assert!(fetch("/hop").await.starts_with(&format!("Address: {site}/page\n")), "the address after a redirect");
    let headers = fetch("/headers").await;
    assert!(headers.contains("openclaw/") && !headers.contains("accept-encoding"), "{headers}");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_with_the_reason() {
    let (gateway, site) = (gateway(|_| {}).await, serve(site()).await);
    let toolbox = open(&gateway, &["web_fetch"]).await;
    for (path, told) in [
        ("/image", "its content type is image/png"),
        ("/packed", "compressed (gzip), which was not asked for"),
        ("/none", "it answered 404 Not Found\nnothing here"),
        ("/again", "it redirects more than 5 times"),
        ("/metadata", "169.254.169.254 is link-local"),
        ("/file", "it redirects to where nobody may go"),
    ] {
        let why = failure(&toolbox, "web_fetch", json!({"url": format!("{site}{path}")})).await;
        assert!(why.contains(told), "{path}: {why}");
    }
    for (url, told) in [
        ("ftp://example.com/", "must begin with http:// or https://"),
        ("example.com", "must begin with"),
        ("http://me:secret@example.com/", "user name or password"),
        ("http://127.0.0.1:1/", "refused"),
    ] {
        let why = failure(&toolbox, "web_fetch", json!({"url": url})).await;
        assert!(why.starts_with("the page cannot be fetched: ") && why.contains(told), "{url}: {why}");
        assert!(!why.contains("secret"), "{why}");
    }
}

#[tokio::test]
async fn nothing_inside_is_reached_unless_the_operator_opened_it() {
    let site = serve(site()).await;
    let closed = Gateway::start().await;
    let toolbox = open(&closed, &["web_fetch"]).await;
    let port = site.rsplit(':').next().expect("a port");
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0"] {
        let why = failure(&toolbox, "web_fetch", json!({"url": format!("http://{host}:{port}/page")})).await;
        assert!(why.contains("outbound.allow") || why.contains("ends in a number"), "{host}: {why}");
    }
    let one = Gateway::with(|config| {
        config.outbound.allow = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let toolbox = open(&one, &["web_fetch"]).await;
    answer(&toolbox, "web_fetch", json!({"url": format!("{site}/page")})).await;
    let why = failure(&toolbox, "web_fetch", json!({"url": format!("{site}/inside")})).await;
    assert!(why.contains("127.0.0.2 is loopback"), "each step of the way is judged: {why}");
}

#[tokio::test]
async fn a_page_costs_no_more_than_its_bounds() {
    let site = serve(site()).await;
    let gateway = gateway(|config| {
        config.skills.web_fetch.bytes_max = 100_000;
        config.skills.web_fetch.text_bytes_max = 2000;
        config.skills.web_fetch.timeout_seconds = 2;
        config.skills.web_fetch.redirects_max = 0;
    })
    .await;
    let toolbox = open(&gateway, &["web_fetch"]).await;
    let url = format!("{site}/endless");
    let first = answer(&toolbox, "web_fetch", json!({"url": url})).await;
    assert!(first.len() <= 2000 && first.contains("; call again with offset "), "{first}");
    let last = answer(&toolbox, "web_fetch", json!({"url": url, "offset": 54_000})).await;
    assert!(last.contains("[the page is longer: only its first 100000 bytes were fetched]"), "{last}");

    let started = Instant::now();
    let why = failure(&toolbox, "web_fetch", json!({"url": format!("{site}/silent")})).await;
    assert!(why.contains("within 2 s") || why.contains("longer than 2 s"), "{why}");
    assert!(started.elapsed() < Duration::from_secs(10));
    let why = failure(&toolbox, "web_fetch", json!({"url": format!("{site}/hop")})).await;
    assert!(why.contains("redirects more than 0 times"), "{why}");
}

/// Answers in both engines' shapes, with what it was asked as the first title.
async fn engine() -> String {
    let found = |uri: &Uri, headers: &HeaderMap, snippet: &str| {
        let key = |name: &str| headers.get(name).map(|value| value.to_str().expect("text").to_owned());
        let asked = format!("{} {:?} {:?}", uri, key("authorization"), key("x-subscription-token"));
        json!([
            {"title": asked, "url": "https://a.com/1", snippet: "The <strong>first</strong> &amp; best."},
            {"title": "Two", "url": "https://a.com/2"},
            {"title": "Three", "url": "https://a.com/3", snippet: "x".repeat(1000)},
        ])
    };
    let searxng = move |uri: Uri, headers: HeaderMap| async move {
        axum::Json(json!({"query": "q", "results": found(&uri, &headers, "content")}))
    };
    let brave = move |uri: Uri, headers: HeaderMap| async move {
        axum::Json(json!({"type": "search", "web": {"results": found(&uri, &headers, "description")}}))
    };
    let router = Router::new()
        .route("/search", get(searxng))
        .route("/res/v1/web/search", get(brave))
        .route("/empty", get(async || axum::Json(json!({"results": []}))))
        .route("/html", get(async || html("<p>x")))
        .route("/closed", get(async || (StatusCode::FORBIDDEN, axum::Json(Value::Null))));
    serve(router).await
}

async fn search(url: String, kind: SearchKind, arguments: Value) -> Result<String, String> {
    // No network is opened here: the engine is the operator's own.
    let gateway = Gateway::with(|config| {
        config.skills.web_search.url = Some(url);
        config.skills.web_search.kind = kind;
        config.skills.web_search.api_key = Some("key-1".into());
    })
    .await;
    let output = call(&open(&gateway, &["web_search"]).await, "web_search", arguments).await;
    if output.is_error { Err(output.content) } else { Ok(output.content) }
}

#[tokio::test]
async fn both_kinds_of_engine_are_asked_in_their_own_way() {
    let engine = engine().await;
    let arguments = json!({"query": "Rust 语言 & more", "count": 2});
    let found = search(format!("{engine}/search"), SearchKind::Searxng, arguments.clone()).await.expect("results");
    assert_eq!(
        found,
        "1. /search?q=Rust%20%E8%AF%AD%E8%A8%80%20%26%20more&format=json Some(\"Bearer key-1\") None\n   https://a.com/1\n   The first & best.\n2. Two\n   https://a.com/2\n   \n"
    );
    let url = format!("{engine}/res/v1/web/search?country=de");
    let found = search(url, SearchKind::Brave, arguments).await.expect("results");
    assert!(
        found.starts_with(
            "1. /res/v1/web/search?country=de&q=Rust%20%E8%AF%AD%E8%A8%80%20%26%20more&count=2 None Some(\"key-1\")\n   https://a.com/1\n   The first & best.\n"
        ),
        "{found}"
    );
    let all = search(format!("{engine}/search"), SearchKind::Searxng, json!({"query": "q"})).await.expect("results");
    assert!(all.contains("\n3. Three\n") && all.len() < 1500, "{all}");
}

#[tokio::test]
async fn an_engine_that_fails_is_told_to_the_model() {
    let engine = engine().await;
    let ask = async |path: &str| search(format!("{engine}{path}"), SearchKind::Searxng, json!({"query": "q"})).await;
    assert_eq!(ask("/empty").await.as_deref(), Ok("nothing was found"));
    assert_eq!(ask("/closed").await.expect_err("403"), "the search engine failed: it answered 403 Forbidden");
    assert!(ask("/html").await.expect_err("no JSON").contains("not the JSON of a search"));
    let nobody = search("http://127.0.0.1:1/".into(), SearchKind::Brave, json!({"query": "q"})).await;
    assert!(nobody.expect_err("a closed port").contains("refused"));
}
