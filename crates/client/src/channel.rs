//! `client.channels()`: messages that a bridge brings from a platform of its own.

use openclaw_core::{ChannelMessageRequest, ChatResponse};

use crate::Reply;
use crate::call::Call;
use crate::resource::resource;

resource! {
    /// Brings messages from channels that the gateway does not speak itself.
    ///
    /// ```no_run
    /// use openclaw_client::{ChannelMessageRequest, Client, RequestOptions, User};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let request = ChannelMessageRequest {
    ///     chat_id: Some("room-7".into()),
    ///     message: "今天天气怎么样".into(),
    ///     user: Some(User { id: "wx_user_789".into(), username: Some("john_doe".into()) }),
    ///     ..Default::default()
    /// };
    /// // The platform's own id of the message: one that it repeats is answered once.
    /// let once = RequestOptions::new().idempotency_key("wechat-4711");
    /// println!("{}", client.channels().with(once).send("wechat", request).await?.content);
    /// # Ok(())
    /// # }
    /// ```
    Channels
}

impl Channels {
    /// Brings a message of the channel of that name and waits for the whole reply.
    ///
    /// Dropping it hangs up: the gateway stops the model and keeps what it had said, marked as cancelled.
    pub fn send(&self, channel: &str, request: ChannelMessageRequest) -> Reply<ChatResponse> {
        self.transport.json(Call::post("/channels/{id}/messages", request).id(channel), &self.options)
    }
}
