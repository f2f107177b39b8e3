//! What the harness asks.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use openclaw_client::{Client, Error, Reply, RequestOptions};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// A call to make.
#[derive(Deserialize)]
pub(crate) struct Request {
    pub(crate) id: u64,
    pub(crate) call: String,
    pub(crate) args: Map<String, Value>,
    #[serde(default)]
    pub(crate) client: ClientSettings,
    #[serde(default)]
    pub(crate) options: Options,
    #[serde(default)]
    pub(crate) page: bool,
    pub(crate) take: Option<usize>,
    #[serde(default)]
    response: bool,
    #[serde(skip)]
    seen: Mutex<Option<Value>>,
}

#[derive(Default, Deserialize)]
pub(crate) struct ClientSettings {
    base_url: Option<String>,
    api_key: Option<String>,
    timeout_ms: Option<u64>,
    idle_timeout_ms: Option<u64>,
    max_retries: Option<u32>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    pub(crate) log: Option<String>,
}

#[derive(Default, Deserialize)]
pub(crate) struct Options {
    timeout_ms: Option<u64>,
    max_retries: Option<u32>,
    idempotency_key: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Request {
    /// The client, built anew; what is absent stays the client's default.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        let ClientSettings { base_url, api_key, timeout_ms, idle_timeout_ms, max_retries, headers, log: _ } =
            &self.client;
        let mut builder = Client::builder();
        if let Some(base_url) = base_url {
            builder = builder.base_url(base_url);
        }
        if let Some(api_key) = api_key {
            builder = builder.api_key(api_key);
        }
        if let Some(timeout) = timeout_ms {
            builder = builder.timeout(Duration::from_millis(*timeout));
        }
        if let Some(timeout) = idle_timeout_ms {
            builder = builder.idle_timeout(Duration::from_millis(*timeout));
        }
        if let Some(max_retries) = max_retries {
            builder = builder.max_retries(*max_retries);
        }
        headers.iter().fold(builder, |builder, (name, value)| builder.header(name, value)).build()
    }

    /// The options of the call.
    pub(crate) fn options(&self) -> RequestOptions {
        let Options { timeout_ms, max_retries, idempotency_key, headers } = &self.options;
        let mut options = RequestOptions::new();
        if let Some(timeout) = timeout_ms {
            options = options.timeout(Duration::from_millis(*timeout));
        }
        if let Some(max_retries) = max_retries {
            options = options.max_retries(*max_retries);
        }
        if let Some(key) = idempotency_key {
            options = options.idempotency_key(key);
        }
        headers.iter().fold(options, |options, (name, value)| options.header(name, value))
    }

    /// Awaits a reply; keeps what its answer told, if that is asked for.
    pub(crate) async fn replied<T: Send + 'static>(&self, reply: Reply<T>) -> Result<T, Error> {
        if !self.response {
            return reply.await;
        }
        let (reply, response) = reply.with_response().await?;
        let headers: BTreeMap<_, _> = response.headers().collect();
        let seen = json!({
            "status": response.status(),
            "headers": headers,
            "request_id": response.request_id(),
            "retries": response.retries(),
        });
        *self.seen.lock().expect("nobody panics under it") = Some(seen);
        Ok(reply)
    }

    /// What the answer told, if that was asked for and it came.
    pub(crate) fn seen(&self) -> Option<Value> {
        self.seen.lock().expect("nobody panics under it").take()
    }

    /// An argument that must be there.
    pub(crate) fn argument<T: DeserializeOwned>(&self, name: &str) -> Result<T, String> {
        self.optional(name)?.ok_or_else(|| format!("`{}` needs `{name}`", self.call))
    }

    /// An argument that may be there.
    pub(crate) fn optional<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, String> {
        let value = self.args.get(name).cloned().unwrap_or_default();
        serde_json::from_value(value).map_err(|error| format!("`{name}`: {error}"))
    }

    /// All arguments but `id`, as the request that the call takes.
    pub(crate) fn body<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_value(Value::Object(self.args.clone())).map_err(|error| error.to_string())
    }
}
