//! The Rust SDK of `OpenClaw`, measured.

use openclaw_bench_peers::{Failure, KEY, Sdk, measure};
use openclaw_client::{ChatRequest, Client};

#[derive(Clone)]
struct OpenClaw(Client);

#[tokio::main]
async fn main() -> Result<(), Failure> {
    measure(|url| Ok(OpenClaw(Client::new(url, KEY)?))).await
}

impl Sdk for OpenClaw {
    async fn call(&self, message: &str) -> Result<String, Failure> {
        Ok(self.0.chat().send(request(message)).await?.content)
    }

    async fn read(&self, message: &str) -> Result<u64, Failure> {
        let mut stream = self.0.chat().stream(request(message)).await?;
        let mut count = 0;
        while let Some(chunk) = stream.next().await {
            chunk?;
            count += 1;
        }
        Ok(count)
    }
}

fn request(message: &str) -> ChatRequest {
    ChatRequest { message: message.into(), ..Default::default() }
}
