//! Send, stream, spawn, verify: the tour of the Rust client.
//!
//! ```sh
//! OPENCLAW_API_KEY=oc_api_sk_… cargo run
//! ```

mod receiver;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use openclaw_client::{ChatRequest, Client, CreateEndpointRequest, SpawnAgentRequest, Timestamp, Webhook};
use receiver::Receiver;

/// Two messages, both received and answered, and one agent.
const EVENTS_OF_THE_TOUR: usize = 5;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut receiver = Receiver::start().await?;
    let client = Client::from_env()?; // OPENCLAW_BASE_URL, OPENCLAW_API_KEY
    let endpoints = client.webhooks().endpoints();
    let events = ["message.received", "message.sent", "agent.completed"].map(String::from).to_vec();
    let created =
        endpoints.create(CreateEndpointRequest { url: receiver.url.clone(), events, ..Default::default() }).await?;

    let reply = client.chat().send(message("Hello from the tour")).await?;
    println!("send    {}", reply.content);

    let mut pieces = Vec::new();
    let mut stream = client.chat().stream(message("one two three")).await?;
    while let Some(chunk) = stream.next().await {
        pieces.push(chunk?.content);
    }
    pieces.retain(|piece| !piece.is_empty());
    println!("stream  {}", pieces.join("|"));

    let request = SpawnAgentRequest { task: "Count the planets".into(), timeout: Some(120), ..Default::default() };
    let ended = client.agents().spawn(request).await?.wait_for_completion().await?;
    println!("spawn   {}: {}", ended.status.as_str(), ended.output.unwrap_or_default());

    let webhook = Webhook::new(created.secret.ok_or("an endpoint without a secret")?)?;
    for name in tokio::time::timeout(PATIENCE, verified(&webhook, &mut receiver)).await?? {
        println!("verify  {name}");
    }
    endpoints.delete(&created.endpoint.id).await?;
    Ok(())
}

fn message(text: &str) -> ChatRequest {
    ChatRequest { session_id: Some("tour".into()), message: text.into(), ..Default::default() }
}

/// The names of the events that arrived, each checked, and what became of one that was changed on its way.
async fn verified(webhook: &Webhook, receiver: &mut Receiver) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = BTreeMap::new(); // By id: an event may come twice.
    loop {
        let mut request = receiver.next().await.ok_or("the receiver ended")?;
        let event = webhook.verify(&request.body, |name| request.header(name), now())?;
        names.insert(event.id, event.event);
        if names.len() < EVENTS_OF_THE_TOUR {
            continue;
        }
        request.body.push(b' ');
        if webhook.verify(&request.body, |name| request.header(name), now()).is_ok() {
            return Err("a changed body was believed".into());
        }
        let mut names: Vec<String> = names.into_values().collect();
        names.sort();
        names.push("a changed body is refused".into());
        return Ok(names);
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
