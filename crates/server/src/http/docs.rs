//! `/openapi.json` and `/docs`: the document, and a page that shows it with assets of its own, so that it works offline.

use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::Config;

use super::error::Failure;
use crate::app::App;
use crate::service::ServiceError;

/// Both, for that document.
pub(super) fn routes(document: &OpenApi) -> Router<Arc<App>> {
    let json: Arc<str> = document.to_json().expect("the document serialises").into();
    let config = Arc::new(Config::from("/openapi.json"));
    Router::new()
        .route(
            "/openapi.json",
            get(move || async move { ([(header::CONTENT_TYPE, "application/json")], json.to_string()) }),
        )
        .route("/docs", get(|| async { Redirect::permanent("/docs/") }))
        .route(
            "/docs/",
            get({
                let config = Arc::clone(&config);
                move || async move { asset("", config) }
            }),
        )
        .route("/docs/{*path}", get(move |Path(path): Path<String>| async move { asset(&path, config) }))
}

fn asset(path: &str, config: Arc<Config<'static>>) -> Response {
    match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(file)) => ([(header::CONTENT_TYPE, file.content_type)], file.bytes.into_owned()).into_response(),
        Ok(None) => {
            let message = format!("there is no /docs/{path}");
            Failure(ServiceError::NotFound { code: "route_not_found", message }).into_response()
        }
        Err(error) => Failure(ServiceError::Internal(error.to_string())).into_response(),
    }
}
