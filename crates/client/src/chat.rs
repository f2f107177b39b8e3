//! `client.chat()`: one message in, one reply out, whole or in chunks.

use openclaw_core::{ChatRequest, ChatResponse};

use crate::Reply;
use crate::call::Call;
use crate::resource::resource;

mod stream;

pub use stream::ChatStream;

resource! {
    /// Sends messages.
    ///
    /// ```no_run
    /// use openclaw_client::{ChatRequest, Client};
    ///
    /// # async fn example(client: Client) -> Result<(), openclaw_client::Error> {
    /// let chat = client.chat();
    /// let request = ChatRequest { session_id: Some("user_123".into()), message: "你好".into(), ..Default::default() };
    /// println!("{}", chat.send(request.clone()).await?.content);
    ///
    /// let mut stream = chat.stream(request).await?;
    /// while let Some(chunk) = stream.next().await {
    ///     print!("{}", chunk?.content);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    Chat
}

impl Chat {
    /// Sends a message and waits for the whole reply. Leaves `request.stream` out of account.
    ///
    /// Dropping it hangs up: the gateway stops the model and keeps what it had said, marked as cancelled.
    pub fn send(&self, request: ChatRequest) -> Reply<ChatResponse> {
        let request = ChatRequest { stream: None, ..request };
        self.transport.json(Call::post("/chat", request), &self.options)
    }

    /// Sends a message and gives the reply as it comes. Leaves `request.stream` out of account.
    ///
    /// Tried again only until the stream has begun. Dropping the stream hangs up, as with [`send`](Self::send).
    pub fn stream(&self, request: ChatRequest) -> Reply<ChatStream> {
        let request = ChatRequest { stream: Some(true), ..request };
        let call = Call::post("/chat", request).streamed();
        let (transport, options) = (self.transport.clone(), self.options.clone());
        Reply::new(async move {
            let response = transport.open(&call, &options).await?;
            ChatStream::new(response, transport.idle_timeout())
        })
    }
}
