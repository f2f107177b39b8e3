//! `client.webhooks()`: who is told of events, and what came of telling them.

use crate::transport::Transport;
use crate::{Deliveries, Endpoints};

/// Webhooks: their endpoints, and the deliveries to them.
///
/// ```no_run
/// use openclaw_client::{Client, TestEndpointRequest};
///
/// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
/// let webhooks = client.webhooks();
/// for endpoint in webhooks.endpoints().list().all().await? {
///     webhooks.endpoints().test(&endpoint.id, TestEndpointRequest::default()).await?;
/// }
/// # Ok(())
/// # }
/// ```
///
/// To check what a receiver was sent, see [`Webhook`](crate::Webhook).
#[derive(Clone, Debug)]
pub struct Webhooks {
    transport: Transport,
}

impl Webhooks {
    pub(crate) fn new(transport: &Transport) -> Self {
        Self { transport: transport.clone() }
    }

    /// The receivers of events.
    pub fn endpoints(&self) -> Endpoints {
        Endpoints::new(&self.transport)
    }

    /// Each event to each endpoint, with its attempts.
    pub fn deliveries(&self) -> Deliveries {
        Deliveries::new(&self.transport)
    }
}
