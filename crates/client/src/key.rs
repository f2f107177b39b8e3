//! `client.keys()`: the API keys of this workspace.

use openclaw_core::{CreateKeyRequest, CreatedKey, Key};

use crate::call::Call;
use crate::resource::resource;
use crate::{List, Reply};

resource! {
    /// Makes, lists and revokes API keys.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, CreateKeyRequest, Scope};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let request = CreateKeyRequest { name: "laptop".into(), scopes: Some(vec![Scope::Chat]), ..Default::default() };
    /// let created = client.keys().create(request).await?;
    /// println!("{}", created.secret); // shown this once
    /// client.keys().revoke(&created.key.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    Keys
}

impl Keys {
    /// Makes a key. Its secret is in this reply and nowhere else.
    pub fn create(&self, request: CreateKeyRequest) -> Reply<CreatedKey> {
        self.transport.json(Call::post("/keys", request), &self.options)
    }

    /// Lists the keys, without their secrets.
    pub fn list(&self) -> List<Key> {
        List::new(&self.transport, &self.options, Call::get("/keys"))
    }

    /// Revokes a key by its id; it stops working everywhere within a second.
    pub fn revoke(&self, id: &str) -> Reply<()> {
        self.transport.done(Call::delete("/keys/{id}").id(id), &self.options)
    }
}
