//! The models on offer.

use openclaw_core::{Model, Scope};

use super::{Caller, ServiceError};
use crate::app::App;

/// Every name that a caller may ask for.
pub fn list(app: &App, caller: &Caller) -> Result<Vec<Model>, ServiceError> {
    caller.require(Scope::Chat)?;
    Ok(app.live.load().providers.list())
}
