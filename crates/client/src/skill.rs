//! `client.skills()`: what agents may be granted.

use openclaw_core::Skill;

use crate::List;
use crate::call::Call;
use crate::resource::resource;

resource! {
    /// Lists skills.
    Skills
}

impl Skills {
    /// Lists the skills that agents may be granted; those that are not available too, with the reason.
    pub fn list(&self) -> List<Skill> {
        List::new(&self.transport, &self.options, Call::get("/skills"))
    }
}
