//! Endpoints that the configuration names: the operator's, told of every workspace.

use std::collections::HashMap;

use openclaw_core::{Endpoint, EndpointSource, EndpointStatus, IdKind, Timestamp};
use sha2::{Digest, Sha256};

use super::refresh;
use crate::app::App;
use crate::config::Config;
use crate::service::ServiceError;
use crate::store::{StoredEndpoint, StoredSecret};

/// Makes the operator's endpoints those of the configuration.
pub async fn apply(app: &App, config: &Config) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let mut same_url: HashMap<&str, u32> = HashMap::new();
    let endpoints = config.webhooks.endpoints.iter().map(|named| {
        let ordinal = same_url.entry(&named.url).and_modify(|count| *count += 1).or_default();
        let format = named.format();
        let secret = |secret: &String| StoredSecret { secret: secret.clone(), until_ms: None };
        let endpoint = Endpoint {
            id: stable_id(&named.url, *ordinal),
            url: named.url.clone(),
            events: named.events.clone(),
            format,
            template: named.template.clone(),
            description: None,
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

/// The same endpoint of the configuration has the same id at every start, so that its deliveries stay its own.
fn stable_id(url: &str, ordinal: u32) -> String {
    let digest = Sha256::digest(format!("{ordinal} {url}"));
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    IdKind::Endpoint.id(Timestamp::from_millis(0), bytes)
}
