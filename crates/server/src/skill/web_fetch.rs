//! `web_fetch`: a page of the public web as text.
//!
//! The way out is [`Outbound::fetch`] as the public: private networks are closed to it at every connect and every
//! redirect, whatever a page or a model asks for. What comes is bounded in bytes and time, judged by its content type
//! ([`readable`]), decoded, and HTML turned into Markdown on a thread of its own.

mod charset;
mod readable;

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http::HeaderValue;
use http::header::{ACCEPT, CONTENT_TYPE};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::sync::Semaphore;

use super::arguments::definition;
use super::excerpt::excerpt;
use super::html::{Page, to_page};
use super::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::clock::Clock;
use crate::config::SkillsConfig;
use crate::outbound::{FetchAnswer, FetchRequest, Outbound, Reach};
use crate::provider::ToolDefinition;
use crate::tasks::Tasks;
use readable::{Kind, kind};

/// Pages converted at once: it is computing, and leaves the machine to others.
const CONVERSIONS_MAX: usize = 2;

/// The most of a failed answer's text that is told.
const FAILURE_BYTES_MAX: usize = 2000;

const ACCEPTED: HeaderValue = HeaderValue::from_static(
    "text/html,application/xhtml+xml,text/markdown,text/*,application/json,application/xml;q=0.9",
);

pub(super) struct WebFetch {
    definition: ToolDefinition,
    outbound: Outbound,
    clock: Clock,
    tasks: Tasks,
    conversions: Arc<Semaphore>,
    timeout: Duration,
    bytes_max: usize,
    redirects_max: usize,
    text_bytes_max: usize,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// The address, beginning with `http://` or `https://`.
    url: String,
    /// The byte of its text to begin at; 0 if left out.
    #[serde(default)]
    offset: usize,
}

impl WebFetch {
    pub(super) fn new(config: &SkillsConfig, outbound: Outbound, clock: Clock, tasks: Tasks) -> Self {
        let about = "Fetches a page of the public web as text: HTML as Markdown; JSON, XML and other text as it is. A long one is given in pieces.";
        let bounds = &config.web_fetch;
        Self {
            definition: definition::<Arguments>("web_fetch", about),
            outbound,
            clock,
            tasks,
            conversions: Arc::new(Semaphore::new(CONVERSIONS_MAX)),
            timeout: Duration::from_secs(bounds.timeout_seconds),
            bytes_max: bounds.bytes_max,
            redirects_max: bounds.redirects_max,
            text_bytes_max: bounds.text_bytes_max.min(config.output_bytes_max),
        }
    }

    async fn fetch(&self, url: String, offset: usize) -> Result<ToolOutput, String> {
        let mut request = FetchRequest::get(url, Reach::Public, self.timeout, self.bytes_max);
        request.redirects_max = self.redirects_max;
        request.headers.insert(ACCEPT, ACCEPTED);
        let answer = self.outbound.fetch(request).await.map_err(|error| error.to_string())?;

        let status = answer.status;
        let content_type = answer.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let read = match kind(content_type, &answer.body) {
            Ok(kind) => self.read(kind, content_type.to_owned(), answer).await?,
            Err(why) if status.is_success() => return Err(why),
            Err(_) => String::new(),
        };
        if status.is_success() {
            return Ok(ToolOutput::untrusted(excerpt(&read, offset, self.text_bytes_max)));
        }
        let told = format!("it answered {status}\n{}", excerpt(&read, 0, FAILURE_BYTES_MAX));
        Ok(ToolOutput { is_error: true, ..ToolOutput::untrusted(told.trim_end()) })
    }

    /// The whole answer as text.
    async fn read(&self, kind: Kind, content_type: String, answer: FetchAnswer) -> Result<String, String> {
        let permit = Arc::clone(&self.conversions).acquire_owned().await.map_err(|error| error.to_string())?;
        let bytes_max = self.bytes_max;
        let read = self.tasks.block(move || {
            // Held to the end, also if nobody waits for it any more.
            let _permit = permit;
            let text = charset::decode(&answer.body, &content_type);
            let mut read = match kind {
                Kind::Text => text,
                Kind::Html => {
                    let Page { title, markdown } = to_page(&text, &answer.url, bytes_max);
                    let title = if title.is_empty() { title } else { format!("Title: {title}\n") };
                    format!("Address: {}\n{title}\n{markdown}", answer.url)
                }
            };
            if answer.truncated {
                let _ = write!(read, "\n[the page is longer: only its first {bytes_max} bytes were fetched]");
            }
            read
        });
        read.await.map_err(|panicked| panicked.to_string())
    }
}

#[async_trait]
impl Tool for WebFetch {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        Effect::ReadOnly
    }

    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let Arguments { url, offset } = match call.read() {
            Ok(arguments) => arguments,
            Err(wrong) => return wrong,
        };
        let fetched = self.clock.timeout(self.timeout, self.fetch(url, offset)).await;
        let late = || Err(format!("it took longer than {} s", self.timeout.as_secs()));
        fetched
            .unwrap_or_else(|_| late())
            .unwrap_or_else(|why| ToolOutput::error(format!("the page cannot be fetched: {why}")))
    }
}
