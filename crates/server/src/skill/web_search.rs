//! `web_search`: a search engine of the operator's choice, asked over its JSON.

use std::fmt::Write as _;
use std::time::Duration;

use async_trait::async_trait;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::Deserialize;

use super::arguments::definition;
use super::builtin::Builtin;
use super::html::to_line;
use super::{Effect, Tool, ToolInvocation, ToolOutput};
use crate::config::{SearchKind, SkillsConfig};
use crate::outbound::{FetchRequest, Outbound, Reach};
use crate::provider::ToolDefinition;

const NAME: &str = "web_search";
const ABOUT: &str = "Searches the web and gives titles, addresses and snippets. Read a page itself with web_fetch.";

/// The longest answer of an engine that is read.
const ANSWER_BYTES_MAX: usize = 2 * 1024 * 1024;

/// The most results of one search, which is what Brave gives.
const RESULTS_MAX: usize = 20;

/// Results if the model does not say how many.
const RESULTS_DEFAULT: usize = 8;

/// Of a title, an address or a snippet.
const CHARACTERS_MAX: usize = 500;

const SUBSCRIPTION_TOKEN: HeaderName = HeaderName::from_static("x-subscription-token");

/// The skill, which needs an engine.
pub(super) fn skill(config: &SkillsConfig, outbound: Outbound) -> Builtin {
    match &config.web_search.url {
        Some(url) => Builtin::new(WebSearch::new(url.clone(), config, outbound)),
        None => Builtin::missing(NAME, ABOUT, "no search engine is configured: name one in `skills.web_search.url`"),
    }
}

struct WebSearch {
    definition: ToolDefinition,
    outbound: Outbound,
    url: String,
    kind: SearchKind,
    headers: HeaderMap,
    timeout: Duration,
}

#[derive(Deserialize, JsonSchema)]
struct Arguments {
    /// What to search for.
    query: String,
    /// How many results, 1 to 20; 8 if left out.
    #[serde(default)]
    count: Option<usize>,
}

/// What both engines answer, each in its own place.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Answer {
    results: Vec<Found>,
    web: Web,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Web {
    results: Vec<Found>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Found {
    title: String,
    url: String,
    /// SearXNG's snippet.
    content: Option<String>,
    /// Brave's snippet.
    description: Option<String>,
}

impl WebSearch {
    fn new(url: String, config: &SkillsConfig, outbound: Outbound) -> Self {
        let search = &config.web_search;
        let mut headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
        if let Some(key) = &search.api_key {
            let (name, value) = match search.kind {
                SearchKind::Brave => (SUBSCRIPTION_TOKEN, key.clone()),
                SearchKind::Searxng => (AUTHORIZATION, format!("Bearer {key}")),
            };
            let mut value = HeaderValue::from_str(&value).expect("the configuration's check lets no other key pass");
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        Self {
            definition: definition::<Arguments>(NAME, ABOUT),
            outbound,
            url,
            kind: search.kind,
            headers,
            timeout: Duration::from_secs(search.timeout_seconds),
        }
    }

    async fn search(&self, query: &str, count: usize) -> Result<Vec<Found>, String> {
        let query = utf8_percent_encode(query, NON_ALPHANUMERIC);
        let sign = if self.url.contains('?') { '&' } else { '?' };
        let url = match self.kind {
            SearchKind::Searxng => format!("{}{sign}q={query}&format=json", self.url),
            SearchKind::Brave => format!("{}{sign}q={query}&count={count}", self.url),
        };
        let mut request = FetchRequest::get(url, Reach::Operator, self.timeout, ANSWER_BYTES_MAX);
        request.headers = self.headers.clone();
        let answer = self.outbound.fetch(request).await.map_err(|error| error.to_string())?;
        if !answer.status.is_success() {
            return Err(format!("it answered {}", answer.status));
        }
        let answer: Answer =
            serde_json::from_slice(&answer.body).map_err(|_| "its answer is not the JSON of a search".to_owned())?;
        let found = match self.kind {
            SearchKind::Searxng => answer.results,
            SearchKind::Brave => answer.web.results,
        };
        Ok(found.into_iter().filter(|found| !found.url.is_empty()).take(count).collect())
    }
}

#[async_trait]
impl Tool for WebSearch {
    fn definition(&self) -> &ToolDefinition {
        &self.definition
    }

    fn effect(&self) -> Effect {
        Effect::ReadOnly
    }

    async fn call(&self, call: &ToolInvocation) -> ToolOutput {
        let Arguments { query, count } = match call.read() {
            Ok(arguments) => arguments,
            Err(wrong) => return wrong,
        };
        match self.search(&query, count.unwrap_or(RESULTS_DEFAULT).clamp(1, RESULTS_MAX)).await {
            Ok(found) if found.is_empty() => ToolOutput::new("nothing was found"),
            Ok(found) => ToolOutput::untrusted(render(&found)),
            Err(why) => {
                tracing::warn!(%why, "the search engine failed");
                ToolOutput::error(format!("the search engine failed: {why}"))
            }
        }
    }
}

fn render(found: &[Found]) -> String {
    let mut text = String::new();
    for (number, Found { title, url, content, description }) in (1..).zip(found) {
        let snippet = content.as_deref().or(description.as_deref()).unwrap_or_default();
        let [title, url, snippet] = [to_line(title), url.clone(), to_line(snippet)].map(cut);
        let _ = write!(text, "{number}. {title}\n   {url}\n   {snippet}\n");
    }
    text
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(CHARACTERS_MAX) {
        text.truncate(end);
        text.push('…');
    }
    text
}
