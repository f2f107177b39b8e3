//! `client.usage()`: tokens used, by day and model.

use openclaw_core::{Timestamp, UsageBucket};

use crate::List;
use crate::call::Call;
use crate::resource::resource;

resource! {
    /// Tells the tokens that this workspace used.
    ///
    /// ```no_run
    /// use openclaw_client::{Client, Timestamp};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let since = Timestamp::parse("2026-11-01T00:00:00Z").expect("a time");
    /// for bucket in client.usage().list().since(since).all().await? {
    ///     println!("{} {}: {} tokens", bucket.day, bucket.model, bucket.output_tokens);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    WorkspaceUsage
}

impl WorkspaceUsage {
    /// Lists what was used of each model on each UTC day; see [`List::since`] and [`List::until`].
    pub fn list(&self) -> List<UsageBucket> {
        List::new(&self.transport, &self.options, Call::get("/usage"))
    }
}

impl List<UsageBucket> {
    /// Begins with this moment; 30 days before the end if not said.
    pub fn since(self, moment: Timestamp) -> Self {
        self.query("since", moment.to_string())
    }

    /// Ends before this moment; now if not said.
    pub fn until(self, moment: Timestamp) -> Self {
        self.query("until", moment.to_string())
    }
}
