//! The crate `async-openai`, measured.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionRequestUserMessage, CreateChatCompletionRequest};
use futures_util::StreamExt;
use openclaw_bench_peers::{Failure, KEY, MODEL, Sdk, measure};

#[derive(Clone)]
struct OpenAi(Client<OpenAIConfig>);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    measure(|url| {
        let config = OpenAIConfig::new().with_api_base(format!("{url}/v1")).with_api_key(KEY);
        Ok(OpenAi(Client::with_config(config)))
    })
    .await
}

impl Sdk for OpenAi {
    async fn call(&self, message: &str) -> Result<String, Failure> {
        let mut reply = self.0.chat().create(request(message)).await?;
        Ok(reply.choices.swap_remove(0).message.content.unwrap_or_default())
    }

    async fn read(&self, message: &str) -> Result<u64, Failure> {
        let mut stream = self.0.chat().create_stream(request(message)).await?;
        let mut count = 0;
        while let Some(chunk) = stream.next().await {
            chunk?;
            count += 1;
        }
        Ok(count)
    }
}

fn request(message: &str) -> CreateChatCompletionRequest {
    CreateChatCompletionRequest {
        model: MODEL.into(),
        messages: vec![ChatCompletionRequestUserMessage::from(message).into()],
        ..Default::default()
    }
}
