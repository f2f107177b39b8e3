//! Tokens booked.

use openclaw_core::{Scope, Timestamp, UsageBucket};

use super::{Caller, ServiceError};
use crate::app::App;

/// Days that are summed when `since` is absent.
const DAYS_DEFAULT: i64 = 30;
/// The most days of one answer.
const DAYS_MAX: i64 = 366;
const DAY_MS: i64 = 86_400_000;

/// What the workspace used, by UTC day and model, oldest first.
pub async fn list(
    app: &App,
    caller: &Caller,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Vec<UsageBucket>, ServiceError> {
    caller.require(Scope::Usage)?;
    let until = until.unwrap_or_else(|| app.clock.now().plus_millis(1));
    let since = since.unwrap_or_else(|| until.plus_millis(-DAYS_DEFAULT * DAY_MS));
    if since > until || until.as_millis() - since.as_millis() > DAYS_MAX * DAY_MS {
        let message = format!("`since` must lie before `until`, by at most {DAYS_MAX} days");
        return Err(ServiceError::invalid("range_invalid", "since", message));
    }
    Ok(app.store.list_usage(caller.workspace().to_owned(), since, until).await?)
}
