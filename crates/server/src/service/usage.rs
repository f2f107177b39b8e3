//! Tokens booked, and estimated where no vendor has counted.

use openclaw_core::{Scope, Timestamp, Usage, UsageBucket};

use super::{Caller, ServiceError};
use crate::app::App;

/// Days that are summed when `since` is absent.
const DAYS_DEFAULT: i64 = 30;
/// The most days of one answer.
const DAYS_MAX: i64 = 366;
const DAY_MS: i64 = 86_400_000;
/// How many bytes count as a token, where no vendor has counted: the usual rule of thumb.
pub const TOKEN_BYTES: u64 = 4;

/// Tokens that a text is likely to have.
pub fn estimate_tokens(bytes: usize) -> u64 {
    (bytes as u64).div_ceil(TOKEN_BYTES)
}

/// Tokens of a reply that was cut off: what its vendor had told by then, else our estimate, and never less than that.
pub fn of_cut_off(told: Usage, prompt_bytes: usize, reply_bytes: usize) -> Usage {
    let input_tokens = if told.input_tokens > 0 { told.input_tokens } else { estimate_tokens(prompt_bytes) };
    Usage { input_tokens, output_tokens: told.output_tokens.max(estimate_tokens(reply_bytes)) }
}

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
