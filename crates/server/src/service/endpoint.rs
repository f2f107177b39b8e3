//! Endpoints: who is told of events, made by callers or named by the configuration.

use std::sync::Arc;

use openclaw_core::agent::CALLBACK_ENDPOINTS_MAX;
use openclaw_core::endpoint::{OVERLAP_SECONDS_DEFAULT, OVERLAP_SECONDS_MAX};
use openclaw_core::webhook::secret_from_random;
use openclaw_core::{
    CreateEndpointRequest, CreatedEndpoint, DisabledReason, Endpoint, EndpointFormat, EndpointSource, EndpointStatus,
    EndpointWithQueue, IdKind, RecoverRequest, RecoverResponse, RotateSecretRequest, Scope, UpdateEndpointRequest,
};

use super::{Caller, ServiceError, event, queue};
use crate::app::App;
use crate::format::shown_url;
use crate::store::{EndpointEdit, Owners, PageQuery, Rows, StoredEndpoint, StoredSecret};
use check::{check_description, check_events, check_secret, check_template, check_url};

mod check;
mod named;
mod trial;

pub use named::{apply, named_id};
pub use trial::test;

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
        Some(secret) => Some(check_secret(format, secret)?),
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
    Ok(CreatedEndpoint { secret, endpoint: shown(endpoint) })
}

/// The endpoint of that id, and what waits for it.
pub async fn get(app: &App, caller: &Caller, id: String) -> Result<EndpointWithQueue, ServiceError> {
    let found = find(app, caller, id).await?;
    let queue = queue::get(app, found.row).await?;
    Ok(EndpointWithQueue { endpoint: shown(found.endpoint), queue })
}

/// The workspace's endpoints, newest first.
pub async fn list(app: &App, caller: &Caller, page: PageQuery) -> Result<Rows<Endpoint>, ServiceError> {
    caller.require(Scope::Webhooks)?;
    let rows = app.store.list_endpoints(owners(caller), page).await?;
    Ok(Rows { data: rows.data.into_iter().map(|stored| shown(stored.endpoint)).collect(), next: rows.next })
}

/// Changes an endpoint; what is absent stays. Enabling it again sends what has waited.
pub async fn update(
    app: &App,
    caller: &Caller,
    id: String,
    request: UpdateEndpointRequest,
) -> Result<Endpoint, ServiceError> {
    let found = find(app, caller, id.clone()).await?;
    if found.endpoint.source == EndpointSource::Config {
        return enable_named(app, caller, id, &request).await;
    }
    let url = request.url.as_deref().unwrap_or(&found.endpoint.url);
    let asked = request.format.or(request.url.is_none().then_some(found.endpoint.format));
    let format = check_url(app, url, asked)?;
    if format == EndpointFormat::Openclaw && found.secrets.is_empty() {
        let message = "format `openclaw` is signed and this endpoint has no secret: make a new endpoint";
        return Err(ServiceError::invalid("secret_missing", "format", message));
    }
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
    Ok(shown(change(app, caller, id, edit).await?))
}

/// The one change to an endpoint of the configuration that the API makes: one that was disabled is sent its queue again.
async fn enable_named(
    app: &App,
    caller: &Caller,
    id: String,
    request: &UpdateEndpointRequest,
) -> Result<Endpoint, ServiceError> {
    let enabling = UpdateEndpointRequest { status: Some(EndpointStatus::Enabled), ..UpdateEndpointRequest::default() };
    if *request != enabling {
        return Err(of_configuration(&id));
    }
    let now = app.clock.now();
    let edit: EndpointEdit = Box::new(move |stored| {
        let mut stored = StoredEndpoint { failing_since: None, ..stored.clone() };
        stored.endpoint.status = EndpointStatus::Enabled;
        stored.endpoint.disabled_reason = None;
        stored.endpoint.updated_at = now;
        stored
    });
    Ok(shown(change(app, caller, id, edit).await?))
}

/// Deletes an endpoint with its deliveries.
pub async fn delete(app: &App, caller: &Caller, id: String) -> Result<(), ServiceError> {
    changeable(app, caller, id.clone()).await?;
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
    let format = changeable(app, caller, id.clone()).await?.endpoint.format;
    let secret = match request.secret {
        Some(secret) => check_secret(format, secret)?,
        None if format == EndpointFormat::Openclaw => secret_from_random(app.clock.random()),
        None => {
            let message = "a chat robot's secret is made by its platform: send it as `secret`";
            return Err(ServiceError::invalid("secret_missing", "secret", message));
        }
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
    let endpoint = shown(change(app, caller, id, edit).await?);
    Ok(CreatedEndpoint { secret: Some(secret), endpoint })
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

/// Fails unless the caller sees endpoints of all these ids, and they are not too many.
pub async fn check_named(app: &App, caller: &Caller, ids: &[String], param: &str) -> Result<(), ServiceError> {
    if ids.len() > CALLBACK_ENDPOINTS_MAX {
        let message = format!("`{param}` must name at most {CALLBACK_ENDPOINTS_MAX} endpoints");
        return Err(ServiceError::invalid("list_too_long", param, message));
    }
    for id in ids {
        if app.store.find_endpoint(owners(caller), id.clone()).await?.is_none() {
            let message = format!("there is no endpoint `{id}`: `{param}` holds ids, `whe_…`");
            return Err(ServiceError::invalid("endpoint_not_found", param, message));
        }
    }
    Ok(())
}

/// Reads everybody's endpoints anew and wakes the deliverer.
pub async fn refresh(app: &App) -> Result<(), ServiceError> {
    reread(app).await?;
    app.delivery_due.ring();
    Ok(())
}

/// Learns of what another gateway changed; wakes nobody if nothing did.
pub async fn reread(app: &App) -> Result<(), ServiceError> {
    let endpoints = app.store.all_endpoints().await?;
    if !app.endpoints.load().iter().map(|known| &**known).eq(&endpoints) {
        app.endpoints.store(Arc::new(endpoints.into_iter().map(Arc::new).collect()));
        app.delivery_due.ring_here();
    }
    Ok(())
}

async fn find(app: &App, caller: &Caller, id: String) -> Result<StoredEndpoint, ServiceError> {
    caller.require(Scope::Webhooks)?;
    app.store.find_endpoint(owners(caller), id.clone()).await?.ok_or_else(|| not_found(&id))
}

/// Fails if there is none, or if the configuration file names it.
async fn changeable(app: &App, caller: &Caller, id: String) -> Result<StoredEndpoint, ServiceError> {
    let found = find(app, caller, id).await?;
    match found.endpoint.source {
        EndpointSource::Api => Ok(found),
        EndpointSource::Config => Err(of_configuration(&found.endpoint.id)),
    }
}

async fn change(app: &App, caller: &Caller, id: String, edit: EndpointEdit) -> Result<Endpoint, ServiceError> {
    let changed = app.store.update_endpoint(owners(caller), id.clone(), edit).await?;
    refresh(app).await?;
    Ok(changed.ok_or_else(|| not_found(&id))?.endpoint)
}

/// Whose endpoints a caller sees: its workspace's, and those of the configuration file if it is the operator.
fn owners(caller: &Caller) -> Owners {
    Owners { workspace: caller.workspace().to_owned(), operator: caller.is_operator() }
}

/// As the API may show it: a robot's URL is its credential.
fn shown(mut endpoint: Endpoint) -> Endpoint {
    endpoint.url = shown_url(endpoint.format, &endpoint.url);
    endpoint
}

fn of_configuration(id: &str) -> ServiceError {
    let message = format!(
        "the endpoint `{id}` is named in the configuration file (`webhooks.endpoints`): change it there; by API it can \
         only be enabled again, tested and recovered"
    );
    ServiceError::Conflict { code: "endpoint_of_configuration", message, passing: false }
}

fn not_found(id: &str) -> ServiceError {
    let message = format!("there is no endpoint `{id}`");
    ServiceError::NotFound { code: "endpoint_not_found", message }
}
