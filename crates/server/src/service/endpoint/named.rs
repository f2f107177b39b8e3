//! Endpoints that the configuration names: the operator's, told of every workspace.

use std::collections::HashMap;

use openclaw_core::{Endpoint, EndpointSource, EndpointStatus, IdKind};

use super::refresh;
use crate::app::App;
use crate::config::{Config, EndpointConfig};
use crate::service::{ServiceError, stable_id};
use crate::store::{StoredEndpoint, StoredSecret};

/// Makes the operator's endpoints those of the configuration.
pub async fn apply(app: &App, config: &Config) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let endpoints = ids(config).into_iter().map(|(id, named)| {
        let format = named.format();
        let secret = |secret: &String| StoredSecret { secret: secret.clone(), until_ms: None };
        let endpoint = Endpoint {
            id,
            url: named.url.clone(),
            events: named.events.clone(),
            format,
            template: named.template.clone(),
            description: named.name.clone(),
            status: EndpointStatus::Enabled,
            disabled_reason: None,
            source: EndpointSource::Config,
            created_at: now,
            updated_at: now,
        };
        let secrets = named.secrets().iter().map(secret).collect();
        StoredEndpoint { row: 0, workspace: None, endpoint, secrets, failing_since: None }
    });
    app.store.replace_operator_endpoints(endpoints.collect()).await?;
    refresh(app).await
}

/// The id of the endpoint that is meant: by its name or its URL in the configuration, or by the id itself.
pub fn named_id(config: &Config, word: &str) -> Option<String> {
    let known = ids(config).into_iter().find(|(_, named)| named.is_called(word)).map(|(id, _)| id);
    known.or_else(|| IdKind::Endpoint.matches(word).then(|| word.to_owned()))
}

/// The endpoints of the configuration with their ids.
fn ids(config: &Config) -> Vec<(String, &EndpointConfig)> {
    let mut same_url: HashMap<&str, u32> = HashMap::new();
    let with_id = |named| {
        let EndpointConfig { url, .. }: &EndpointConfig = named;
        let ordinal = same_url.entry(url).and_modify(|count| *count += 1).or_default();
        (stable_id(IdKind::Endpoint, &format!("{ordinal} {url}")), named)
    };
    config.webhooks.endpoints.iter().map(with_id).collect()
}
