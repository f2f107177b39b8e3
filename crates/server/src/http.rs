//! The HTTP door: the list of routes and the list of layers.
//!
//! The path of a request: `listen` accepts the connection, the layers below run from the outside in, `admit` finds the
//! caller, one handler extracts, calls one service and replies. To add a route: write the handler in the noun's file
//! with its `#[utoipa::path]`, and name it in [`routes`].

mod admit;
mod agent;
mod body;
mod channel;
mod chat;
mod cors;
mod delivery;
mod docs;
mod endpoint;
mod error;
mod event;
mod health;
mod key;
mod listen;
mod model;
mod observe;
mod openapi;
mod page;
mod schedule;
mod session;
mod skill;
mod sse;
mod status;
mod usage;

pub use listen::Listener;
pub use openapi::document;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The whole door, ready to serve.
pub fn router(app: &Arc<App>) -> Router {
    let (api, document) = routes().split_for_parts();
    let api = api.route_layer(from_fn_with_state(Arc::clone(app), admit::admit));
    let router = Router::new()
        .merge(api)
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/channels/telegram/webhook", post(channel::from_telegram))
        .merge(docs::routes(&document))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed);
    layered(router, app)
}

/// What every request passes, from the inside out.
fn layered(router: Router<Arc<App>>, app: &Arc<App>) -> Router {
    router
        // The reader of bodies holds `gateway.api.body_bytes_max`, which a reload may change.
        .layer(DefaultBodyLimit::disable())
        // A panic is one request's failure, told like any other.
        .layer(CatchPanicLayer::custom(error::panicked))
        // No answer takes for ever.
        .layer(from_fn_with_state(Arc::clone(app), observe::limit_time))
        // Outside of all that can fail, so that a page can read failures too.
        .layer(cors::layer(app))
        // Outermost: gives the request its id, renders failures, counts and logs.
        .layer(from_fn_with_state(Arc::clone(app), observe::observe))
        .with_state(Arc::clone(app))
}

/// The API as a contents page.
fn routes() -> OpenApiRouter<Arc<App>> {
    OpenApiRouter::with_openapi(openapi::preface())
        .routes(routes!(chat::send))
        .routes(routes!(chat::stream))
        .routes(routes!(channel::send))
        .routes(routes!(agent::spawn))
        .routes(routes!(agent::list))
        .routes(routes!(agent::wait))
        .routes(routes!(agent::get))
        .routes(routes!(agent::steps))
        .routes(routes!(agent::children))
        .routes(routes!(agent::follow))
        .routes(routes!(agent::cancel))
        .routes(routes!(agent::input))
        .routes(routes!(schedule::list, schedule::create))
        .routes(routes!(schedule::get, schedule::update, schedule::delete))
        .routes(routes!(schedule::run))
        .routes(routes!(schedule::runs))
        .routes(routes!(session::list))
        .routes(routes!(session::get, session::update, session::delete))
        .routes(routes!(session::list_messages))
        .routes(routes!(endpoint::list, endpoint::create))
        .routes(routes!(endpoint::get, endpoint::update, endpoint::delete))
        .routes(routes!(endpoint::test))
        .routes(routes!(endpoint::rotate_secret))
        .routes(routes!(endpoint::recover))
        .routes(routes!(delivery::list))
        .routes(routes!(delivery::get))
        .routes(routes!(delivery::retry))
        .routes(routes!(delivery::retry_all))
        .routes(routes!(event::list))
        .routes(routes!(event::follow))
        .routes(routes!(event::get))
        .routes(routes!(model::list))
        .routes(routes!(skill::list))
        .routes(routes!(status::get))
        .routes(routes!(usage::list))
        .routes(routes!(key::list, key::create))
        .routes(routes!(key::revoke))
}

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use axum::http::{Request, header};
    use openclaw_core::{ErrorEnvelope, ErrorType, EventName};
    use tower::ServiceExt;

    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;
    use crate::store::{self, Opener, PageQuery};
    use crate::tasks::Tasks;

    #[expect(clippy::panic, reason = "the test is of a panic")]
    async fn panics() -> &'static str {
        panic!("a secret cause")
    }

    #[tokio::test]
    async fn a_panic_is_one_request_s_failure_told_like_any_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::default();
        config.storage.url = format!("sqlite:{}", folder.path().join("openclaw.db").display());
        config.gateway.api.cors.enabled = true;
        config.gateway.api.cors.origins = vec!["*".into()];
        let store = store::open(&config.storage, Opener::Gateway).await.expect("a store");
        let app = App::new(config, store, Clock::system(), Tasks::default()).expect("an app");
        let router = layered(Router::new().route("/panics", get(panics)), &app);
        let page = || PageQuery { limit: 10, after: None };
        let told = async || app.store.list_events("default".into(), Vec::new(), page()).await.expect("events").data;
        assert!(told().await.is_empty());
        let request = Request::get("/panics").header(header::ORIGIN, "https://a.example").body(Body::empty());
        let response = router.oneshot(request.expect("a request")).await.expect("an answer");
        assert_eq!(response.status(), 500);
        assert_eq!(response.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
        let id = response.headers()["x-request-id"].to_str().expect("text").to_owned();
        let body = to_bytes(response.into_body(), 4096).await.expect("a body");
        let envelope: ErrorEnvelope = serde_json::from_slice(&body).expect("an envelope");
        assert_eq!((envelope.error.kind, &envelope.request_id), (ErrorType::ApiError, &id));
        assert!(!envelope.error.message.contains("secret"), "a cause is for the log");
        let told = told().await;
        assert_eq!(told.len(), 1, "the operator is told");
        assert!(
            told[0].contains(EventName::SystemError.as_str()) && told[0].contains(&envelope.request_id),
            "{told:?}"
        );
    }
}
