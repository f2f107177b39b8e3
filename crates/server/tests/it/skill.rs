//! What agents may be granted, tried through the toolbox of a running gateway.

mod catalogue;
mod file;
mod folder;
mod mcp;
mod web;

use openclaw::config::Config;
use openclaw::skill::{ToolInvocation, ToolOutput, Toolbox};
use serde_json::{Map, Value};

use super::gateway::Gateway;

/// A gateway whose agents may reach loopback, where all the servers of these tests are.
async fn gateway(configure: impl FnOnce(&mut Config)) -> Gateway {
    Gateway::with(|config| {
        config.outbound.allow = vec!["127.0.0.0/8".parse().expect("a network")];
        configure(config);
    })
    .await
}

/// What an agent of the workspace `default` is granted.
async fn open(gateway: &Gateway, names: &[&str]) -> Toolbox {
    open_in(gateway, names, "default").await
}

async fn open_in(gateway: &Gateway, names: &[&str], workspace: &str) -> Toolbox {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let skills = gateway.app.live.load().skills.clone();
    skills.check(&names).unwrap_or_else(|unknown| panic!("{unknown}"));
    skills.open(&names, workspace).await.unwrap_or_else(|error| panic!("{error}"))
}

/// Calls a tool as an agent of the workspace `default`.
async fn call(toolbox: &Toolbox, tool: &str, arguments: Value) -> ToolOutput {
    call_in(toolbox, tool, arguments, "default").await
}

async fn call_in(toolbox: &Toolbox, tool: &str, arguments: Value, workspace: &str) -> ToolOutput {
    let arguments: Map<String, Value> = serde_json::from_value(arguments).expect("an object");
    let invocation = ToolInvocation {
        agent_id: "agt_1".into(),
        workspace: workspace.into(),
        idempotency_key: "agt_1:1".into(),
        arguments,
    };
    toolbox.find(tool).unwrap_or_else(|| panic!("{tool} was not granted")).call(&invocation).await
}

/// The answer of a call that must succeed.
async fn answer(toolbox: &Toolbox, tool: &str, arguments: Value) -> String {
    let output = call(toolbox, tool, arguments).await;
    assert!(!output.is_error, "{}", output.content);
    output.content
}

/// The words of a call that must fail.
async fn failure(toolbox: &Toolbox, tool: &str, arguments: Value) -> String {
    let output = call(toolbox, tool, arguments).await;
    assert!(output.is_error, "{}", output.content);
    output.content
}
