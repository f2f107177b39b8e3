//! Anthropic's Messages API: <https://docs.anthropic.com/en/api/messages>.

mod reply;
mod request;

use async_trait::async_trait;
use http::HeaderValue;

use self::reply::Reply;
use self::request::MessagesRequest;
use super::vendor::{Vendor, address, key_header};
use super::{ModelRequest, ModelStream, Provider, ProviderConfigError, ProviderError};
use crate::clock::Clock;
use crate::config::ProviderConfig;
use crate::outbound::Outbound;

/// Where Anthropic answers.
const BASE_URL: &str = "https://api.anthropic.com";

/// The version of the API that is spoken here.
const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");

/// Short names that the vendor does not know itself, and what they stand for; every other name is passed on as it is.
pub(super) const SHORT_NAMES: &[(&str, &str)] = &[
    ("claude-3-5-sonnet", "claude-3-5-sonnet-20241022"),
    ("claude-3-5-haiku", "claude-3-5-haiku-20241022"),
    ("claude-3-7-sonnet", "claude-3-7-sonnet-20250219"),
    ("claude-3-opus", "claude-3-opus-20240229"),
    ("claude-3-haiku", "claude-3-haiku-20240307"),
    ("claude-sonnet-4", "claude-sonnet-4-20250514"),
    ("claude-opus-4", "claude-opus-4-20250514"),
];

/// A provider that speaks Anthropic's Messages API.
pub struct Anthropic {
    vendor: Vendor,
    /// The vendor demands a number, so this stands in where the caller gave none.
    max_tokens: u32,
}

impl Anthropic {
    /// A provider as configured; `max_tokens` is for requests that do not say.
    pub fn new(
        config: &ProviderConfig,
        max_tokens: u32,
        outbound: Outbound,
        clock: Clock,
    ) -> Result<Self, ProviderConfigError> {
        let base_url = config.base_url.as_deref().unwrap_or(BASE_URL).trim_end_matches('/');
        let url = address(base_url.strip_suffix("/v1").unwrap_or(base_url), "/v1/messages")?;
        let mut vendor = Vendor::new(config, url, outbound, clock).with_header("anthropic-version", VERSION);
        if let Some(key) = config.api_key.as_deref() {
            vendor = vendor.with_header("x-api-key", key_header(key)?);
        }
        Ok(Self { vendor, max_tokens })
    }
}

#[async_trait]
impl Provider for Anthropic {
    async fn stream(&self, request: &ModelRequest) -> Result<ModelStream, ProviderError> {
        self.vendor.ask(&MessagesRequest::new(request, self.max_tokens), Reply::new(request)).await
    }

    fn full_name<'a>(&self, model: &'a str) -> &'a str {
        SHORT_NAMES.iter().find(|(short, _)| *short == model).map_or(model, |(_, full)| full)
    }
}
