//! `client.models()`: the models that may be asked for.

use openclaw_core::Model;

use crate::List;
use crate::call::Call;
use crate::resource::resource;

resource! {
    /// Lists models.
    ///
    /// ```no_run
    /// use openclaw_client::Client;
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// for model in client.models().list().all().await? {
    ///     println!("{} of {}", model.id, model.provider);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Models
}

impl Models {
    /// Lists the models that this gateway offers.
    pub fn list(&self) -> List<Model> {
        List::new(&self.transport, &self.options, Call::get("/models"))
    }
}
