//! Rules of `skills`.

use super::{Findings, is_header_safe, is_http_url};
use crate::config::environment::Environment;
use crate::config::{McpConfig, SkillsConfig, WebSearchConfig};

/// The longest name of a server: `NAME__TOOL` must fit into 64 characters.
const NAME_CHARACTERS_MAX: usize = 32;

pub(super) fn check(skills: &SkillsConfig, environment: &Environment, findings: &mut Findings) {
    for (index, folder) in skills.folders.iter().enumerate() {
        check_folder(&format!("skills.folders[{index}]"), folder, environment, findings);
    }
    check_folder("skills.workspace_dir", &skills.workspace_dir, environment, findings);
    check_search(&skills.web_search, findings);
    for (name, server) in &skills.mcp {
        check_name(name, findings);
        check_server(&format!("skills.mcp.{name}"), server, findings);
    }
}

fn check_folder(path: &str, folder: &str, environment: &Environment, findings: &mut Findings) {
    match environment.expand(folder) {
        // A home that is not known costs what would be in it, and the catalogue says so.
        None => {}
        Some(expanded) if expanded.is_absolute() => {}
        Some(_) => findings.fault_with_help(
            path,
            "is not an absolute path",
            "begin it with / or ~/: the gateway may be started in any folder",
        ),
    }
}

fn check_search(search: &WebSearchConfig, findings: &mut Findings) {
    if search.url.as_deref().is_some_and(|url| !is_http_url(url)) {
        let example = "such as https://searx.example.com/search";
        findings.fault_with_help("skills.web_search.url", "is not an http:// or https:// URL", example);
    }
    if search.api_key.as_deref().is_some_and(|key| key.is_empty() || !is_header_safe(key)) {
        findings.fault(
            "skills.web_search.api_key",
            "is empty, or holds a blank, a line break or a character that is not ASCII, so no request can carry it",
        );
    }
}

fn check_name(name: &str, findings: &mut Findings) {
    let is_fit = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if name.is_empty() || name.len() > NAME_CHARACTERS_MAX || !name.bytes().all(is_fit) {
        findings.fault_with_help(
            format!("skills.mcp.{name}"),
            "needs a name of 1 to 32 small letters, digits and hyphens",
            "it is granted as mcp:NAME, and its tools are called NAME__TOOL",
        );
    }
}

fn check_server(path: &str, server: &McpConfig, findings: &mut Findings) {
    match (&server.command, &server.url) {
        (Some(_), Some(_)) => findings.fault(path, "has a command and a url: a server is either started or asked"),
        (None, None) => findings.fault_with_help(
            path,
            "has neither a command nor a url",
            "command: npx, args: [-y, \"@modelcontextprotocol/server-everything\"]; or url: https://mcp.example.com/mcp",
        ),
        (Some(command), None) => {
            if command.trim().is_empty() {
                findings.fault(format!("{path}.command"), "is empty");
            }
            if !server.headers.is_empty() {
                findings.fault(format!("{path}.headers"), "are for a server with a url; a program takes env");
            }
        }
        (None, Some(url)) => {
            if !is_http_url(url) {
                findings.fault(format!("{path}.url"), "is not an http:// or https:// URL");
            }
            if !server.env.is_empty() || !server.args.is_empty() {
                findings.fault(path, "has a url, so env and args, which are for a program, would change nothing");
            }
        }
    }
    for name in server.env.keys().filter(|name| name.is_empty() || name.contains(['=', '\0'])) {
        findings.fault(format!("{path}.env.{name}"), "is no name of a variable");
    }
    for (name, value) in &server.headers {
        if name.parse::<http::HeaderName>().is_err() || value.parse::<http::HeaderValue>().is_err() {
            findings.fault(format!("{path}.headers.{name}"), "is no header that can be sent");
        }
    }
}
