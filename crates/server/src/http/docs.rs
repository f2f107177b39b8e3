//! `/openapi.json` and `/docs`: the document, and a page that shows it with assets of its own, so that it works offline.
//!
//! The assets lie packed in the program, a quarter of their size; who cannot unpack gets them plain.

use std::io::Read;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerFile};

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
                move |headers: HeaderMap| async move { asset("", config, &headers) }
            }),
        )
        .route(
            "/docs/{*path}",
            get(move |Path(path): Path<String>, headers: HeaderMap| async move { asset(&path, config, &headers) }),
        )
}

fn asset(path: &str, config: Arc<Config<'static>>, headers: &HeaderMap) -> Response {
    match utoipa_swagger_ui::serve(path, config) {
        Ok(Some(file)) => packed(file, headers),
        Ok(None) => {
            let message = format!("there is no /docs/{path}");
            Failure(ServiceError::NotFound { code: "route_not_found", message }).into_response()
        }
        Err(error) => Failure(ServiceError::Internal(error.to_string())).into_response(),
    }
}

/// The file as its reader can take it.
fn packed(file: SwaggerFile<'_>, headers: &HeaderMap) -> Response {
    let content_type = (header::CONTENT_TYPE, file.content_type);
    if !file.gzpipped {
        return ([content_type], file.bytes.into_owned()).into_response();
    }
    let vary = (header::VARY, header::ACCEPT_ENCODING.to_string());
    if takes_gzip(headers) {
        let encoding = (header::CONTENT_ENCODING, "gzip".to_owned());
        return ([content_type, vary, encoding], file.bytes.into_owned()).into_response();
    }
    let mut plain = Vec::new();
    match GzDecoder::new(&*file.bytes).read_to_end(&mut plain) {
        Ok(_) => ([content_type, vary], plain).into_response(),
        Err(error) => Failure(ServiceError::Internal(error.to_string())).into_response(),
    }
}

fn takes_gzip(headers: &HeaderMap) -> bool {
    let codings = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).map(str::trim).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        name.trim().eq_ignore_ascii_case("gzip") && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}
