//! Query strings of lists: `?limit=&after=`, and times.

use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use openclaw_core::page::{LIMIT_DEFAULT, LIMIT_MAX};
use openclaw_core::{Page, Timestamp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::error::Failure;
use crate::service::ServiceError;
use crate::store::{PageQuery, Rows};

/// What a list may be asked, as it stands in the URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct PageParams {
    /// Rows of a page, 1 to 100; 20 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 100)]
    limit: Option<String>,
    /// The `next` of the previous page.
    after: Option<String>,
}

/// What messages may be asked for beside a page.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct OrderParams {
    /// `asc`: oldest first, which is the default. `desc`: newest first.
    #[param(value_type = Option<String>)]
    order: Option<String>,
}

/// A span of time, as it stands in the URL.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SpanParams {
    /// The first moment, RFC 3339; 30 days before `until` if absent.
    since: Option<String>,
    /// The moment after the last, RFC 3339; now if absent.
    until: Option<String>,
}

/// A query string that was understood, or the name of the part that was not.
pub(super) struct Params<T>(pub(super) T);

impl<T: serde::de::DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Query(params) = Query::<T>::from_request_parts(parts, state).await.map_err(|error| {
            let message = format!("the query string cannot be read: {error}");
            ServiceError::Invalid { code: "query_invalid", param: None, message }
        })?;
        Ok(Self(params))
    }
}

impl PageParams {
    /// The page asked for.
    pub(super) fn query(self) -> Result<PageQuery, ServiceError> {
        let limit = match self.limit {
            None => LIMIT_DEFAULT,
            Some(text) => text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or_else(|| {
                ServiceError::invalid(
                    "limit_invalid",
                    "limit",
                    format!("`limit` must be a number from 1 to {LIMIT_MAX}"),
                )
            })?,
        };
        Ok(PageQuery { limit, after: self.after })
    }
}

impl OrderParams {
    /// Whether the newest come first.
    pub(super) fn newest_first(&self) -> Result<bool, ServiceError> {
        match self.order.as_deref() {
            None | Some("asc") => Ok(false),
            Some("desc") => Ok(true),
            Some(_) => Err(ServiceError::invalid("order_invalid", "order", "`order` must be `asc` or `desc`")),
        }
    }
}

impl SpanParams {
    /// Both ends, where given.
    pub(super) fn ends(&self) -> Result<(Option<Timestamp>, Option<Timestamp>), ServiceError> {
        Ok((moment("since", self.since.as_deref())?, moment("until", self.until.as_deref())?))
    }
}

fn moment(param: &'static str, text: Option<&str>) -> Result<Option<Timestamp>, ServiceError> {
    let Some(text) = text else { return Ok(None) };
    Timestamp::parse(text).map(Some).ok_or_else(|| {
        ServiceError::invalid("time_invalid", param, format!("`{param}` must be a time like 2026-04-17T01:15:30Z"))
    })
}

/// Rows as they go over the wire.
pub(super) fn page<T>(rows: Rows<T>) -> axum::Json<Page<T>> {
    axum::Json(Page { data: rows.data, has_more: rows.next.is_some(), next: rows.next })
}
