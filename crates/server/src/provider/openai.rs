//! OpenAI's Chat Completions API, as OpenAI and compatible servers (Ollama, vLLM, `DeepSeek`, …) speak it:
//! <https://platform.openai.com/docs/api-reference/chat>.

mod call;
mod reply;
mod request;

use async_trait::async_trait;

use self::reply::Reply;
use self::request::CompletionRequest;
use super::vendor::{Vendor, address, key_header};
use super::{ModelRequest, ModelStream, Provider, ProviderConfigError, ProviderError};
use crate::clock::Clock;
use crate::config::ProviderConfig;
use crate::outbound::Outbound;

/// Where OpenAI answers.
const BASE_URL: &str = "https://api.openai.com/v1";

/// OpenAI's own host, whose newer models refuse `max_tokens`; compatible servers may know nothing else.
const OFFICIAL_HOST: &str = "api.openai.com";

/// A provider that speaks OpenAI's Chat Completions API.
pub struct Openai {
    vendor: Vendor,
    official: bool,
}

impl Openai {
    /// A provider as configured; the key may be absent, as for Ollama.
    pub fn new(config: &ProviderConfig, outbound: Outbound, clock: Clock) -> Result<Self, ProviderConfigError> {
        let url = address(config.base_url.as_deref().unwrap_or(BASE_URL), "/chat/completions")?;
        let official = url.host() == Some(OFFICIAL_HOST);
        let mut vendor = Vendor::new(config, url, outbound, clock);
        if let Some(key) = config.api_key.as_deref() {
            vendor = vendor.with_header("authorization", key_header(&format!("Bearer {key}"))?);
        }
        Ok(Self { vendor, official })
    }

    /// Whether this is OpenAI itself, not a compatible server.
    pub fn is_official(&self) -> bool {
        self.official
    }
}

#[async_trait]
impl Provider for Openai {
    async fn stream(&self, request: &ModelRequest) -> Result<ModelStream, ProviderError> {
        self.vendor.ask(&CompletionRequest::new(request, self.official), Reply::new(request)).await
    }
}
