//! A server of tools in this process, over MCP: it counts what is asked of it, and outlives the gateways that ask.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use openclaw::config::McpConfig;
use serde_json::{Value, json};

/// A call that arrived.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Asked {
    pub(crate) tool: String,
    pub(crate) key: String,
    pub(crate) arguments: Value,
}

/// Tools: `add` changes something; `look` only reads; `wait` reads after `ms`; `hang` changes something and never answers.
#[derive(Clone)]
pub(crate) struct Counter {
    asked: Arc<Mutex<Vec<Asked>>>,
    pub(crate) url: String,
}

impl Counter {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/mcp", listener.local_addr().expect("an address"));
        let counter = Self { asked: Arc::default(), url };
        let router = axum::Router::new().route("/mcp", axum::routing::post(answer)).with_state(counter.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        counter
    }

    /// The server in a gateway's configuration.
    pub(crate) fn config(&self) -> McpConfig {
        McpConfig { url: Some(self.url.clone()), ..McpConfig::default() }
    }

    /// Every call so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("whole").clone()
    }

    /// Waits for that many calls.
    pub(crate) async fn until(&self, calls: usize) -> Vec<Asked> {
        loop {
            let asked = self.asked();
            if asked.len() >= calls {
                return asked;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn call(&self, params: &Value) -> Value {
        let tool = params["name"].as_str().expect("a name").to_owned();
        let key = params["_meta"]["openclaw/idempotencyKey"].as_str().expect("a key").to_owned();
        let arguments = params["arguments"].clone();
        let count = {
            let mut asked = self.asked.lock().expect("whole");
            asked.push(Asked { tool: tool.clone(), key, arguments: arguments.clone() });
            asked.iter().filter(|asked| asked.tool == "add").count()
        };
        match tool.as_str() {
            "hang" => std::future::pending().await,
            "wait" => tokio::time::sleep(Duration::from_millis(arguments["ms"].as_u64().expect("ms"))).await,
            _ => {}
        }
        json!({"content": [{"type": "text", "text": format!("count {count}")}]})
    }
}

async fn answer(State(counter): State<Counter>, body: String) -> Response {
    let asked: Value = serde_json::from_str(&body).expect("JSON");
    let Some(id) = asked.get("id") else { return StatusCode::ACCEPTED.into_response() };
    let result = match asked["method"].as_str().expect("a method") {
        "initialize" => json!({
            "protocolVersion": asked["params"]["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "counter", "version": "1"},
        }),
        "tools/list" => {
            let tool = |name: &str, reads: bool| json!({"name": name, "description": name, "inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": reads}});
            json!({"tools": [tool("add", false), tool("look", true), tool("wait", true), tool("hang", false)]})
        }
        "tools/call" => counter.call(&asked["params"]).await,
        "ping" => json!({}),
        other => {
            let error =
                json!({"jsonrpc": "2.0", "id": id, "error": {"code": -32601, "message": format!("no {other}")}});
            return axum::Json(error).into_response();
        }
    };
    axum::Json(json!({"jsonrpc": "2.0", "id": id, "result": result})).into_response()
}
