//! Bodies and what goes with them: JSON whatever the Content-Type says, bounded, and refused with the name of the field that is wrong.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, OptionalFromRequest, Request};
use axum::http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::error::Failure;
use crate::app::App;
use crate::service::ServiceError;

/// A JSON body.
pub(super) struct Json<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Failure> {
        Ok(Self(parse(&bytes_of(request, app).await?)?))
    }
}

/// No body is no value.
impl<T: DeserializeOwned> OptionalFromRequest<Arc<App>> for Json<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Option<Self>, Failure> {
        let bytes = bytes_of(request, app).await?;
        if bytes.trim_ascii().is_empty() { Ok(None) } else { Ok(Some(Self(parse(&bytes)?))) }
    }
}

async fn bytes_of(request: Request, app: &App) -> Result<bytes::Bytes, ServiceError> {
    read(request.into_body(), app.live.load().config.gateway.api.body_bytes_max).await
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ServiceError> {
    // Our own check, since serde would take a list for an object, field by field.
    if bytes.trim_ascii_start().first().is_some_and(|first| *first != b'{') {
        return Err(not_an_object(bytes));
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| wrong(&error))?;
    json.end().map_err(|error| not_json(&error))?;
    Ok(value)
}

/// The name of a call that must not be done twice, from its header.
pub(super) fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, ServiceError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().map_err(|_| {
        ServiceError::invalid("text_invalid", "Idempotency-Key", "`Idempotency-Key` must be visible ASCII")
    })?;
    Ok(Some(text.to_owned()))
}

async fn read(body: Body, bytes_max: usize) -> Result<bytes::Bytes, ServiceError> {
    let collected = Limited::new(body, bytes_max).collect().await.map_err(|error| {
        if error.downcast_ref::<LengthLimitError>().is_some() {
            let message = format!("the body is larger than {bytes_max} bytes (`gateway.api.body_bytes_max`)");
            return ServiceError::TooLarge { message };
        }
        let message = "the body broke off".into();
        ServiceError::Invalid { code: "body_incomplete", param: None, message }
    })?;
    Ok(collected.to_bytes())
}

fn wrong(error: &serde_path_to_error::Error<serde_json::Error>) -> ServiceError {
    let cause = error.inner();
    if !cause.is_data() {
        return not_json(cause);
    }
    let text = cause.to_string();
    let text = text.split(" at line ").next().unwrap_or_default();
    let path = error.path().to_string();
    let missing = text.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    let param = match (path.as_str(), missing) {
        ("." | "", Some(field)) => Some(field.to_owned()),
        (_, Some(field)) => Some(format!("{path}.{field}")),
        ("." | "", None) => None,
        (_, None) => Some(path),
    };
    let code = if missing.is_some() { "field_missing" } else { "field_invalid" };
    let message = match &param {
        Some(param) => format!("`{param}`: {text}"),
        None => format!("the body: {text}"),
    };
    ServiceError::Invalid { code, param, message }
}

fn not_an_object(bytes: &[u8]) -> ServiceError {
    match serde_json::from_slice::<serde::de::IgnoredAny>(bytes) {
        Ok(_) => {
            let message = "the body must be a JSON object, `{…}`".into();
            ServiceError::Invalid { code: "body_not_object", param: None, message }
        }
        Err(error) => not_json(&error),
    }
}

fn not_json(error: &serde_json::Error) -> ServiceError {
    ServiceError::Invalid { code: "body_not_json", param: None, message: format!("the body is not JSON: {error}") }
}
