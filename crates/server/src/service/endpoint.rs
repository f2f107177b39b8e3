//! Endpoints: who is told of events, made by callers or named by the configuration.

use std::collections::HashMap;
use std::sync::Arc;

use openclaw_core::endpoint::{OVERLAP_SECONDS_DEFAULT, OVERLAP_SECONDS_MAX, SECRET_BYTES};
use openclaw_core::event::WebhookTestEvent;
use openclaw_core::webhook::secret_from_random;
use openclaw_core::{
    CreateEndpointRequest, CreatedEndpoint, DisabledReason, Endpoint, EndpointFormat, EndpointSource, EndpointStatus,
    EventName, IdKind, RecoverRequest, RecoverResponse, RotateSecretRequest, Scope, Timestamp, UpdateEndpointRequest,
};
use sha2::{Digest, Sha256};

use super::{Caller, ServiceError, event};
use crate::app::App;
use crate::config::Config;
use crate::format::Template;
use crate::outbound::Reach;
use crate::store::{EndpointEdit, NewDelivery, PageQuery, Rows, StoredEndpoint, StoredSecret};

const DESCRIPTION_CHARS_MAX: usize = 200;
/// Deliveries that one recovery makes due at the most; ask again for the rest.
const RECOVERED_MAX: usize = 10_000;

/// Makes an endpoint. The secret is shown this once.
pub async fn create(
    app: &App,
    caller: &Caller,
    request: CreateEndpointRequest,
) -> Result<CreatedEndpoint, ServiceError> {
    caller.require(Scope::Webhooks)?;
    let format = check_url(app, &request.url, request.format)?;
    check_events(&request.events)?;
    check_description(request.description.as_deref())?;
    check_template(format, request.template.as_deref())?;
    let secret = match request.secret {
        Some(secret) => Some(check_secret(secret)?),
        None if format == EndpointFormat::Openclaw => Some(secret_from_random(app.clock.random())),
        None => None,
    };
    let now = app.clock.now();
    let endpoint = Endpoint {
        id: app.clock.id(IdKind::Endpoint),
        url: request.url,
        events: request.events,
        format,
        template: request.template,
        description: request.description,
        status: EndpointStatus::Enabled,
        disabled_reason: None,
        source: EndpointSource::Api,
        created_at: now,
        updated_at: now,
    };
    let secrets = secret.iter().map(|secret| StoredSecret { secret: secret.clone(), until_ms: None }).collect();
    let workspace = Some(caller.workspace().to_owned());
    let stored = StoredEndpoint { row: 0, workspace, endpoint: endpoint.clone(), secrets, failing_since: None };
    app.store.create_endpoint(stored).await?;
    refresh(app).await?;
    Ok(CreatedEndpoint { secret, endpoint })
}

/// The endpoint of that id.
pub async fn get(app: &App, caller: &Caller, id: String) -> Result<Endpoint, ServiceError> {
    Ok(find(app, caller, id).await?.endpoint)
}

/// The workspace's endpoints, newest first.
pub async fn list(app: &App, caller: &Caller, page: PageQuery) -> Result<Rows<Endpoint>, ServiceError> {
    caller.require(Scope::Webhooks)?;
    let rows = app.store.list_endpoints(caller.workspace().to_owned(), page).await?;
    Ok(Rows { data: rows.data.into_iter().map(|stored| stored.endpoint).collect(), next: rows.next })
}

/// Changes an endpoint; what is absent stays. Enabling it again sends what has waited.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: String,
    request: UpdateEndpointRequest,
) -> Result<Endpoint, ServiceError> {
    let found = find(app, caller, id.clone()).await?;
    let url = request.url.as_deref().unwrap_or(&found.endpoint.url);
    let asked = request.format.or(request.url.is_none().then_some(found.endpoint.format));
    let format = check_url(app, url, asked)?;
    request.events.as_deref().map_or(Ok(()), check_events)?;
    check_description(request.description.as_deref())?;
    let template = request.template.as_ref().or(found.endpoint.template.as_ref()).filter(|text| !text.is_empty());
    check_template(format, template.map(String::as_str))?;
    let now = app.clock.now();
    let template = template.cloned();
    let edit: EndpointEdit = Box::new(move |stored| {
        let mut stored = stored.clone();
        let endpoint = &mut stored.endpoint;
        endpoint.url = request.url.clone().unwrap_or_else(|| endpoint.url.clone());
        endpoint.events = request.events.clone().unwrap_or_else(|| endpoint.events.clone());
        let description = request.description.as_ref().or(endpoint.description.as_ref());
        endpoint.description = description.filter(|text| !text.is_empty()).cloned();
        endpoint.format = format;
        endpoint.template.clone_from(&template);
        if let Some(status) = request.status {
            endpoint.status = status;
            endpoint.disabled_reason = (status == EndpointStatus::Disabled).then_some(DisabledReason::Requested);
            stored.failing_since = None;
        }
        endpoint.updated_at = now;
        stored
    });
    let changed = app.store.update_endpoint(caller.workspace().to_owned(), id.clone(), edit).await?;
    refresh(app).await?;
    Ok(changed.ok_or_else(|| not_found(&id))?.endpoint)
}

/// Deletes an endpoint with its deliveries.
pub async fn delete(app: &App, caller: &Caller, id: String) -> Result<(), ServiceError> {
    caller.require(Scope::Webhooks)?;
    let deleted = app.store.delete_endpoint(caller.workspace().to_owned(), id.clone()).await?;
    refresh(app).await?;
    if deleted { Ok(()) } else { Err(not_found(&id)) }
}

/// Puts a new secret in the first place; the old ones sign too until the overlap ends.
pub async fn rotate_secret(
    app: &App,
    caller: &Caller,
    id: String,
    request: RotateSecretRequest,
) -> Result<CreatedEndpoint, ServiceError> {
    find(app, caller, id.clone()).await?;
    let secret = match request.secret {
        Some(secret) => check_secret(secret)?,
        None => secret_from_random(app.clock.random()),
    };
    let overlap = request.overlap_seconds.unwrap_or(OVERLAP_SECONDS_DEFAULT);
    if overlap > OVERLAP_SECONDS_MAX {
        let message = format!("`overlap_seconds` must be at most {OVERLAP_SECONDS_MAX}");
        return Err(ServiceError::invalid("overlap_invalid", "overlap_seconds", message));
    }
    let now = app.clock.now();
    let until = now.plus_millis(i64::from(overlap) * 1000).as_millis();
    let primary = secret.clone();
    let edit: EndpointEdit = Box::new(move |stored| {
        let ends = |old: &StoredSecret| Some(old.until_ms.map_or(until, |ends| ends.min(until)));
        let old = stored.secrets.iter().filter(|old| old.until_ms.is_none_or(|ends| ends > now.as_millis()));
        let old = old.map(|old| StoredSecret { secret: old.secret.clone(), until_ms: ends(old) });
        let secrets = std::iter::once(StoredSecret { secret: primary.clone(), until_ms: None }).chain(old).collect();
        let endpoint = Endpoint { updated_at: now, ..stored.endpoint.clone() };
        StoredEndpoint { endpoint, secrets, ..stored.clone() }
    });
    let changed = app.store.update_endpoint(caller.workspace().to_owned(), id.clone(), edit).await?;
    refresh(app).await?;
    let endpoint = changed.ok_or_else(|| not_found(&id))?.endpoint;
    Ok(CreatedEndpoint { secret: Some(secret), endpoint })
}

/// Sends one `webhook.test` to this endpoint alone, whatever it subscribes to; gives the delivery's id.
pub async fn test(app: &App, caller: &Caller, id: String) -> Result<String, ServiceError> {
    let found = find(app, caller, id).await?;
    let message = "A test of this endpoint, sent by hand.".to_owned();
    let data = WebhookTestEvent { endpoint_id: found.endpoint.id.clone(), message };
    let delivery_id = app.clock.id(IdKind::Delivery);
    let now = app.clock.now();
    let event = event::new(app, EventName::WebhookTest, now, data);
    let delivery = NewDelivery { id: delivery_id.clone(), event_seq: 0, endpoint: found.row };
    app.store.deliver_event(caller.workspace().to_owned(), event, delivery, now).await?;
    app.event_stored.ring();
    app.delivery_due.ring();
    Ok(delivery_id)
}

/// Makes due now what the endpoint did not receive in a span.
pub async fn recover(
    app: &App,
    caller: &Caller,
    id: String,
    request: RecoverRequest,
) -> Result<RecoverResponse, ServiceError> {
    let found = find(app, caller, id).await?;
    let now = app.clock.now();
    let until = request.until.unwrap_or(now);
    if request.since > until {
        return Err(ServiceError::invalid("range_invalid", "since", "`since` must lie before `until`"));
    }
    let words = request.events.as_ref().unwrap_or(&found.endpoint.events);
    let patterns = event::patterns(words.iter().map(String::as_str), "events")?;
    let ids = (0..RECOVERED_MAX).map(|_| app.clock.id(IdKind::Delivery)).collect();
    let recovered = app.store.recover_deliveries(found.row, request.since, until, patterns, ids, now).await?;
    app.delivery_due.ring();
    Ok(RecoverResponse { recovered })
}

/// Makes the operator's endpoints those of the configuration.
pub async fn apply(app: &App, config: &Config) -> Result<(), ServiceError> {
    let now = app.clock.now();
    let mut same_url: HashMap<&str, u32> = HashMap::new();
    let endpoints = config.webhooks.endpoints.iter().map(|named| {
        let ordinal = same_url.entry(&named.url).and_modify(|count| *count += 1).or_default();
        let format = named.format.unwrap_or_else(|| guess(&named.url));
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
        let secrets = named.secret.as_slice().iter().map(secret).collect();
        StoredEndpoint { row: 0, workspace: None, endpoint, secrets, failing_since: None }
    });
    app.store.replace_operator_endpoints(endpoints.collect()).await?;
    refresh(app).await
}

/// Reads everybody's endpoints anew and wakes the deliverer.
pub async fn refresh(app: &App) -> Result<(), ServiceError> {
    let endpoints = app.store.all_endpoints().await?;
    app.endpoints.store(Arc::new(endpoints.into_iter().map(Arc::new).collect()));
    app.delivery_due.ring();
    Ok(())
}

/// The same endpoint of the configuration has the same id at every start, so that its deliveries stay its own.
fn stable_id(url: &str, ordinal: u32) -> String {
    let digest = Sha256::digest(format!("{ordinal} {url}"));
    let mut bytes = [0; 10];
    bytes.copy_from_slice(&digest[..10]);
    IdKind::Endpoint.id(Timestamp::from_millis(0), bytes)
}

async fn find(app: &App, caller: &Caller, id: String) -> Result<StoredEndpoint, ServiceError> {
    caller.require(Scope::Webhooks)?;
    app.store.find_endpoint(caller.workspace().to_owned(), id.clone()).await?.ok_or_else(|| not_found(&id))
}

fn not_found(id: &str) -> ServiceError {
    let message = format!("there is no endpoint `{id}`; those of the configuration file are changed there");
    ServiceError::NotFound { code: "endpoint_not_found", message }
}

fn guess(url: &str) -> EndpointFormat {
    let host = url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(EndpointFormat::guess));
    host.unwrap_or_default()
}

fn check_url(app: &App, url: &str, format: Option<EndpointFormat>) -> Result<EndpointFormat, ServiceError> {
    let refused = |refused: crate::outbound::Refused| ServiceError::invalid("url_refused", "url", refused.to_string());
    app.live.load().outbound.check_url(url, Reach::Public).map_err(refused)?;
    Ok(format.unwrap_or_else(|| guess(url)))
}

fn check_events(events: &[String]) -> Result<(), ServiceError> {
    if events.is_empty() {
        return Err(ServiceError::invalid("events_empty", "events", "name at least one event, or `*`"));
    }
    event::patterns(events.iter().map(String::as_str), "events").map(|_| ())
}

fn check_secret(secret: String) -> Result<String, ServiceError> {
    if SECRET_BYTES.contains(&secret.len()) {
        return Ok(secret);
    }
    let message =
        format!("`secret` must have {} to {} bytes: openssl rand -hex 32", SECRET_BYTES.start(), SECRET_BYTES.end());
    Err(ServiceError::invalid("secret_invalid", "secret", message))
}

fn check_template(format: EndpointFormat, template: Option<&str>) -> Result<(), ServiceError> {
    let Some(text) = template else { return Ok(()) };
    let wrong =
        |error: crate::format::TemplateError| ServiceError::invalid("template_invalid", "template", error.to_string());
    Template::parse(format, text).map(|_| ()).map_err(wrong)
}

fn check_description(description: Option<&str>) -> Result<(), ServiceError> {
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
        let message = format!("`description` must have at most {DESCRIPTION_CHARS_MAX} characters");
        return Err(ServiceError::invalid("description_too_long", "description", message));
    }
    Ok(())
}
