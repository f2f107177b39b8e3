//! What an endpoint must be like, whoever makes or changes it.

use openclaw_core::EndpointFormat;
use openclaw_core::endpoint::{SECRET_BYTES, URL_BYTES_MAX};

use crate::app::App;
use crate::format::{Template, TemplateError};
use crate::outbound::{Reach, Refused};
use crate::service::{ServiceError, event};

const DESCRIPTION_CHARS_MAX: usize = 200;

/// The format that a URL's host is known by.
fn guess(url: &str) -> EndpointFormat {
    let host = url.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(EndpointFormat::guess));
    host.unwrap_or_default()
}

/// Refuses a URL that a caller's endpoint may not have; gives the endpoint's format.
pub(super) fn check_url(app: &App, url: &str, format: Option<EndpointFormat>) -> Result<EndpointFormat, ServiceError> {
    if url.len() > URL_BYTES_MAX {
        let message = format!("`url` must have at most {URL_BYTES_MAX} bytes");
        return Err(ServiceError::invalid("url_too_long", "url", message));
    }
    let refused = |refused: Refused| ServiceError::invalid("url_refused", "url", refused.to_string());
    app.live.load().outbound.check_url(url, Reach::Public).map_err(refused)?;
    Ok(format.unwrap_or_else(|| guess(url)))
}

/// Refuses what is no event.
pub(super) fn check_events(events: &[String]) -> Result<(), ServiceError> {
    if events.is_empty() {
        return Err(ServiceError::invalid("events_empty", "events", "name at least one event, or `*`"));
    }
    event::patterns(events.iter().map(String::as_str), "events").map(|_| ())
}

/// Refuses a secret that is too short to be one; a chat vendor makes its own, of whatever length.
pub(super) fn check_secret(format: EndpointFormat, secret: String) -> Result<String, ServiceError> {
    let least = if format == EndpointFormat::Openclaw { *SECRET_BYTES.start() } else { 1 };
    let most = *SECRET_BYTES.end();
    if (least..=most).contains(&secret.len()) {
        return Ok(secret);
    }
    let message = format!("`secret` must have {least} to {most} bytes: openssl rand -hex 32");
    Err(ServiceError::invalid("secret_invalid", "secret", message))
}

/// Refuses a template that the format cannot fill.
pub(super) fn check_template(format: EndpointFormat, template: Option<&str>) -> Result<(), ServiceError> {
    let Some(text) = template else { return Ok(()) };
    let wrong = |error: TemplateError| ServiceError::invalid("template_invalid", "template", error.to_string());
    Template::parse(format, text).map(|_| ()).map_err(wrong)
}

/// Refuses a description that is too long.
pub(super) fn check_description(description: Option<&str>) -> Result<(), ServiceError> {
    if description.is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
        let message = format!("`description` must have at most {DESCRIPTION_CHARS_MAX} characters");
        return Err(ServiceError::invalid("description_too_long", "description", message));
    }
    Ok(())
}
