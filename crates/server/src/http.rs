//! The HTTP door: the list of routes and the list of layers.
//!
//! The path of a request: `listen` accepts the connection, the layers below run from the outside in, `admit` finds the
//! caller, one handler extracts, calls one service and replies. To add a route: write the handler in the noun's file
//! with its `#[utoipa::path]`, and name it in [`routes`].

mod admit;
mod body;
mod chat;
mod cors;
mod docs;
mod error;
mod health;
mod key;
mod listen;
mod model;
mod observe;
mod openapi;
mod page;
mod session;
mod status;
mod usage;

pub use listen::Listener;
pub use openapi::document;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;

/// The whole door, ready to serve.
pub fn router(app: &Arc<App>) -> Router {
    let (api, document) = routes().split_for_parts();
    let api = api.route_layer(from_fn_with_state(Arc::clone(app), admit::admit));
    Router::new()
        .merge(api)
        .route("/healthz", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .merge(docs::routes(&document))
        .fallback(error::not_found)
        .method_not_allowed_fallback(error::method_not_allowed)
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
        .routes(routes!(session::list))
        .routes(routes!(session::get, session::update, session::delete))
        .routes(routes!(session::list_messages))
        .routes(routes!(model::list))
        .routes(routes!(status::get))
        .routes(routes!(usage::list))
        .routes(routes!(key::list, key::create))
        .routes(routes!(key::revoke))
}
