//! Who may enter: finds the caller of every API route and counts the request against its rate.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::Failure;
use crate::app::{Allowance, App};
use crate::config::AuthType;
use crate::service::caller::authenticate;
use crate::service::{Caller, ServiceError};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
/// What a program sends when its variable was never set.
const NEVER_SET: [&str; 2] = ["undefined", "null"];

/// The layer of every API route: 401 without a valid key, 429 over the rate, the `ratelimit-*` headers on all others.
pub(super) async fn admit(State(app): State<Arc<App>>, mut request: Request, next: Next) -> Response {
    let auth_type = app.live.load().config.gateway.api.auth.r#type;
    let caller = match credential(request.headers(), auth_type) {
        Ok(credential) => authenticate(&app, credential).await,
        Err(error) => Err(error),
    };
    let counted = match caller {
        Ok(caller) => caller.count(&app).await.map(|allowance| (caller, allowance)),
        Err(error) => Err(error),
    };
    let (caller, allowance) = match counted {
        Ok(counted) => counted,
        Err(error) => return Failure(error).into_response(),
    };
    let mut response = match allowance.and_then(|allowance| allowance.retry_after_seconds) {
        Some(retry_after_seconds) => Failure(ServiceError::RateLimited { retry_after_seconds }).into_response(),
        None => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
    };
    if let Some(allowance) = allowance {
        tell(response.headers_mut(), allowance);
    }
    response
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let outside = || Failure(ServiceError::Internal("a route outside `admit` asks for its caller".into()));
        parts.extensions.get::<Self>().cloned().ok_or_else(outside)
    }
}

/// The credential in the headers; never one in the URL, which logs keep.
fn credential(headers: &HeaderMap, auth_type: AuthType) -> Result<&str, ServiceError> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, credential) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| credential.trim())
    });
    let api_key = headers.get(API_KEY).and_then(|value| value.to_str().ok()).map(str::trim);
    let (credential, how) = match auth_type {
        AuthType::Bearer => (bearer, "`Authorization: Bearer oc_api_sk_…`"),
        AuthType::ApiKey => (api_key.or(bearer), "`X-API-Key: oc_api_sk_…`"),
    };
    let Some(credential) = credential.filter(|credential| !credential.is_empty()) else {
        let message = format!("no API key was sent: send {how}; `openclaw api key generate` makes one");
        return Err(ServiceError::Unauthenticated { code: "key_missing", message });
    };
    if NEVER_SET.contains(&credential) {
        let message = format!("the API key is the word `{credential}`: the variable that should hold it is not set");
        return Err(ServiceError::Unauthenticated { code: "key_not_set", message });
    }
    Ok(credential)
}

fn tell(headers: &mut HeaderMap, allowance: Allowance) {
    headers.insert(LIMIT, HeaderValue::from(allowance.limit));
    headers.insert(REMAINING, HeaderValue::from(allowance.remaining));
    headers.insert(RESET, HeaderValue::from(allowance.reset_seconds));
}
