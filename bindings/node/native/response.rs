//! What an answer told beside its body, as JSON.

use std::fmt::Write;

use openclaw_client_ffi::HttpResponse;

/// `[status, retries, headers]`, where `headers` is one text, a line a header: it is taken apart only if somebody asks.
pub(crate) fn json_of(response: &HttpResponse) -> String {
    let mut headers = String::with_capacity(256);
    for (name, value) in response.headers() {
        writeln!(headers, "{name}:{value}").expect("memory takes it");
    }
    format!("[{},{},{}]", response.status(), response.retries(), serde_json::Value::from(headers))
}
