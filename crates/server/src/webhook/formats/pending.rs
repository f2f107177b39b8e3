//! Stands in for what `openclaw-core` is to bring: the formats' names, and signing.

use super::sign::hmac_sha256;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum EndpointFormat {
    Openclaw,
    Dingtalk,
    Feishu,
    Wecom,
    Slack,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(super) fn body(unsigned: &str, secret: &str) -> String {
    let signature = body_signature(unsigned, secret);
    format!(r#"{},"signature":"{signature}"}}"#, &unsigned[..unsigned.len() - 1])
}

pub(super) fn body_signature(body: &str, secret: &str) -> String {
    format!("sha256={}", hex(&hmac_sha256(secret.as_bytes(), body.as_bytes())))
}

pub(super) fn standard_signatures(id: &str, unix_seconds: i64, body: &str, secrets: &[&str]) -> String {
    use base64::Engine;
    let signed = format!("{id}.{unix_seconds}.{body}");
    let one = |secret: &&str| {
        let mac = hmac_sha256(secret.as_bytes(), signed.as_bytes());
        format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(mac))
    };
    secrets.iter().map(one).collect::<Vec<_>>().join(" ")
}
