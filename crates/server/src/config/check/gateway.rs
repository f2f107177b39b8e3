//! Rules of `gateway`.

use std::net::IpAddr;

use super::{Findings, is_header_safe};
use crate::config::{ApiConfig, CorsConfig, GatewayConfig};

/// Shorter root keys can be guessed.
const SECRET_CHARACTERS_MIN: usize = 16;
const MAKE_SECRET: &str = "make one: openssl rand -hex 32";

pub(super) fn check(gateway: &GatewayConfig, findings: &mut Findings) {
    check_host(&gateway.api, findings);
    if let Some(secret) = &gateway.api.auth.secret {
        check_secret(secret, findings);
    }
    check_cors(&gateway.api.cors, findings);
}

fn check_host(api: &ApiConfig, findings: &mut Findings) {
    let path = "gateway.api.host";
    let host = api.host.as_str();
    let is_name = || host.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character));
    if host.is_empty() {
        findings.fault_with_help(path, "is empty", "127.0.0.1 is this machine only, 0.0.0.0 every network");
    } else if host.parse::<IpAddr>().is_err() && !is_name() {
        findings.fault_with_help(
            path,
            "is neither an IP address nor a host name",
            "the port goes into gateway.api.port",
        );
    }
}

fn check_secret(secret: &str, findings: &mut Findings) {
    let path = "gateway.api.auth.secret";
    if secret.is_empty() {
        findings.fault_with_help(path, "is empty", format!("{MAKE_SECRET}; or remove the key"));
    } else if matches!(secret, "undefined" | "null") {
        findings.fault_with_help(
            path,
            "is the word `undefined` or `null`, which a script writes for a variable that it lacks",
            MAKE_SECRET,
        );
    } else if !is_header_safe(secret) {
        findings.fault_with_help(
            path,
            "holds a blank, a line break or a character that is not ASCII, so no request can carry it",
            MAKE_SECRET,
        );
    } else if secret.len() < SECRET_CHARACTERS_MIN {
        findings.fault_with_help(path, format!("is shorter than {SECRET_CHARACTERS_MIN} characters"), MAKE_SECRET);
    }
}

fn check_cors(cors: &CorsConfig, findings: &mut Findings) {
    if cors.enabled && cors.origins.is_empty() {
        findings.fault_with_help(
            "gateway.api.cors.origins",
            "is empty while CORS is enabled",
            "list the origins of your pages, such as https://your-app.com",
        );
    }
    for (index, origin) in cors.origins.iter().enumerate() {
        if origin != "*" && !is_origin(origin) {
            findings.fault_with_help(
                format!("gateway.api.cors.origins[{index}]"),
                "is not an origin as browsers send it",
                "write scheme://host or scheme://host:port in lower case, without a path, a last slash or a default port; or *",
            );
        }
    }
}

/// Whether a browser would send exactly this in `Origin`.
fn is_origin(origin: &str) -> bool {
    let Some((scheme, authority)) = origin.split_once("://") else {
        return false;
    };
    let Ok(authority) = authority.parse::<http::uri::Authority>() else {
        return false;
    };
    let default_port = match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    let ends_in_port = authority.as_str().len() > authority.host().len();
    !scheme.is_empty()
        && scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
        && !origin.contains(|character: char| character == '@' || character.is_ascii_uppercase())
        && (!ends_in_port || authority.port_u16().is_some_and(|port| Some(port) != default_port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_what_browsers_send() {
        for origin in [
            "https://your-app.com",
            "http://localhost:3000",
            "http://[::1]:8080",
            "https://a.com:80",
            "tauri://localhost",
            "chrome-extension://abcdef",
        ] {
            assert!(is_origin(origin), "{origin}");
        }
        for origin in [
            "",
            "your-app.com",
            "https://",
            "://a.com",
            "https://a.com/",
            "https://a.com/app",
            "https://a.com?x",
            "https://A.com",
            "https://ann@a.com",
            "https://a.com:443",
            "http://a.com:80",
            "http://a.com:",
            "http://a.com:99999",
            "https://a b.com",
            "null",
            "https://*.a.com/",
        ] {
            assert!(!is_origin(origin), "{origin}");
        }
    }
}
