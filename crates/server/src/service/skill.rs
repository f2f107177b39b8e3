//! The skills on offer.

use openclaw_core::{Scope, Skill};

use super::{Caller, ServiceError};
use crate::app::App;

/// Every skill, those that cannot be granted now too.
pub fn list(app: &App, caller: &Caller) -> Result<Vec<Skill>, ServiceError> {
    caller.require(Scope::Agents)?;
    Ok(app.live.load().skills.list())
}
