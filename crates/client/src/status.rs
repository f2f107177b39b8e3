//! `client.status()`: how the gateway is doing.

use openclaw_core::Status;

use crate::Reply;
use crate::call::Call;
use crate::resource::resource;

resource! {
    /// Asks how the gateway is doing.
    GatewayStatus
}

impl GatewayStatus {
    /// Gets version, uptime, queues and the health of the providers.
    pub fn get(&self) -> Reply<Status> {
        self.transport.json(Call::get("/status"), &self.options)
    }
}
