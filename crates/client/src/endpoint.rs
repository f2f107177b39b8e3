//! `client.webhooks().endpoints()`: the receivers of events.

use openclaw_core::{
    CreateEndpointRequest, CreatedEndpoint, DeliveryWithAttempts, Endpoint, RecoverRequest, RecoverResponse,
    RotateSecretRequest, TestEndpointRequest, UpdateEndpointRequest,
};

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply};

resource! {
    /// Makes, changes and deletes webhook endpoints.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, CreateEndpointRequest};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let created = client
    ///     .webhooks()
    ///     .endpoints()
    ///     .create(CreateEndpointRequest {
    ///         url: "https://your-app.com/webhooks/openclaw".into(),
    ///         events: vec!["message.*".into(), "agent.*".into()],
    ///         ..Default::default()
    ///     })
    ///     .await?;
    /// let secret = created.secret.expect("it is shown this once");
    /// # Ok(())
    /// # }
    /// ```
    Endpoints
}

impl Endpoints {
    /// Makes an endpoint. Its secret is in this reply and nowhere else.
    pub fn create(&self, request: CreateEndpointRequest) -> Reply<CreatedEndpoint> {
        self.transport.json(Call::post("/webhooks/endpoints", request), &self.options)
    }

    /// Lists the endpoints, newest first.
    pub fn list(&self) -> List<Endpoint> {
        List::new(&self.transport, &self.options, Call::get("/webhooks/endpoints"))
    }

    /// Gets an endpoint by its id, `whe_…`.
    pub fn get(&self, id: &str) -> Reply<Endpoint> {
        self.transport.json(Call::get("/webhooks/endpoints/{id}").id(id), &self.options)
    }

    /// Changes an endpoint; what the change leaves out stays. Enabling it sends what has waited.
    pub fn update(&self, id: &str, change: UpdateEndpointRequest) -> Reply<Endpoint> {
        self.transport.json(Call::patch("/webhooks/endpoints/{id}", change).id(id), &self.options)
    }

    /// Deletes an endpoint with its deliveries.
    pub fn delete(&self, id: &str) -> Reply<()> {
        self.transport.done(Call::delete("/webhooks/endpoints/{id}").id(id), &self.options)
    }

    /// Sends it a `webhook.test`, or a sample of another event, whatever it subscribes to; the delivery tells what came of it.
    pub fn test(&self, id: &str, request: TestEndpointRequest) -> Reply<DeliveryWithAttempts> {
        self.transport.json(Call::post("/webhooks/endpoints/{id}/test", request).id(id), &self.options)
    }

    /// Replaces the secret; the old one signs too until the overlap ends. The new one is in this reply and nowhere else.
    pub fn rotate_secret(&self, id: &str, request: RotateSecretRequest) -> Reply<CreatedEndpoint> {
        self.transport.json(Call::post("/webhooks/endpoints/{id}/rotate-secret", request).id(id), &self.options)
    }

    /// Delivers again what it did not receive in a span, at most 10,000 events at once.
    pub fn recover(&self, id: &str, request: RecoverRequest) -> Reply<RecoverResponse> {
        self.transport.json(Call::post("/webhooks/endpoints/{id}/recover", request).id(id), &self.options)
    }
}
