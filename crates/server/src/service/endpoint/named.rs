//! Endpoints that the configuration names: the operator's, told of every workspace.

use std::collections::HashMap;

use openclaw_core::{Endpoint, EndpointSource, EndpointStatus, IdKind, Timestamp};
use sha2::{Digest, Sha256};

use super::refresh;
use crate::app::App;
use crate::config::{Config, EndpointConfig};
use crate::service::ServiceError;
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
        (stable_id(url, *ordinal), named)
    };
    config.webhooks.endpoints.iter().map(with_id).collect()
}

/// The same endpoint of the configuration has the same id at every start, so that its deliveries stay its own.
fn stable_id(url: &str, ordinal: u32) -> String {
    let digest = Sha256::digest(format!("{ordinal} {url}"));
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    IdKind::Endpoint.id(Timestamp::from_millis(0), bytes)
}
