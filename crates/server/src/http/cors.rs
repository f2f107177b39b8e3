//! Which web pages may call; read from the configuration in force, so that a reload counts at once.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::app::App;

/// How long a browser may remember a preflight.
const REMEMBERED: Duration = Duration::from_hours(1);

/// The layer that answers preflights and marks answers.
pub(super) fn layer(app: &Arc<App>) -> CorsLayer {
    let app = Arc::clone(app);
    let allowed = move |origin: &HeaderValue, _: &axum::http::request::Parts| {
        let live = app.live.load();
        let cors = &live.config.gateway.api.cors;
        cors.enabled && cors.origins.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("idempotency-key"),
            HeaderName::from_static("last-event-id"),
        ])
        .expose_headers([
            header::RETRY_AFTER,
            HeaderName::from_static("x-request-id"),
            HeaderName::from_static("request-id"),
            HeaderName::from_static("ratelimit-limit"),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
            HeaderName::from_static("server-timing"),
        ])
        .max_age(REMEMBERED)
}
