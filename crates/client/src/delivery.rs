//! `client.webhooks().deliveries()`: each event to each endpoint, and what came of it.

use openclaw_core::{Delivery, DeliveryStatus, DeliveryWithAttempts, RetryDeliveriesRequest, RetryDeliveriesResponse};

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply};

resource! {
    /// Looks at deliveries and makes them again.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, DeliveryStatus};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let deliveries = client.webhooks().deliveries();
    /// let mut dead = deliveries.list().status(DeliveryStatus::Dead);
    /// while let Some(delivery) = dead.next().await {
    ///     deliveries.retry(&delivery?.id).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Deliveries
}

impl Deliveries {
    /// Lists deliveries, newest first; see [`List::endpoint`], [`List::status`] and [`List::event`].
    pub fn list(&self) -> List<Delivery> {
        List::new(&self.transport, &self.options, Call::get("/webhooks/deliveries"))
    }

    /// Gets a delivery by its id, `dlv_…`, with its attempts.
    pub fn get(&self, id: &str) -> Reply<DeliveryWithAttempts> {
        self.transport.json(Call::get("/webhooks/deliveries/{id}").id(id), &self.options)
    }

    /// Delivers again, now; the event keeps its id and body.
    pub fn retry(&self, id: &str) -> Reply<Delivery> {
        self.transport.json(Call::post_empty("/webhooks/deliveries/{id}/retry").id(id), &self.options)
    }

    /// Delivers again, now, all that match; the dead ones unless another status is named.
    pub fn retry_matching(&self, request: RetryDeliveriesRequest) -> Reply<RetryDeliveriesResponse> {
        self.transport.json(Call::post("/webhooks/deliveries/retry", request), &self.options)
    }
}

impl List<Delivery> {
    /// Only those to that endpoint.
    pub fn endpoint(self, id: impl Into<String>) -> Self {
        self.query("endpoint_id", id)
    }

    /// Only those that stand so.
    pub fn status(self, status: DeliveryStatus) -> Self {
        self.query("status", status.as_str())
    }

    /// Only those of events of that name.
    pub fn event(self, name: impl Into<String>) -> Self {
        self.query("event", name)
    }
}
