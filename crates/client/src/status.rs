//! `client.status()`: how the gateway is doing.

use openclaw_core::Status;

use crate::Reply;
use crate::call::Call;
use crate::resource::resource;

resource! {
    /// Asks how the gateway is doing.
    ///
    /// ```no_run
    /// use openclaw_client::Client;
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let status = client.status().get().await?;
    /// println!("{} up {} s, {} turns running", status.version, status.uptime_seconds, status.turns_running);
    /// # Ok(())
    /// # }
    /// ```
    GatewayStatus
}

impl GatewayStatus {
    /// Gets version, uptime, queues and the health of the providers.
    pub fn get(&self) -> Reply<Status> {
        self.transport.json(Call::get("/status"), &self.options)
    }
}
