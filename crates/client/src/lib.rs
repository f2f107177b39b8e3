//! The client of the `OpenClaw` gateway.
//!
//! ```no_run
//! use openclaw_client::{ChatRequest, Client};
//!
//! # async fn example() -> Result<(), openclaw_client::Error> {
//! let client = Client::new("http://localhost:3000", "oc_api_sk_xxx")?;
//!
//! let request = ChatRequest { session_id: Some("user_123".into()), message: "帮我总结一下".into(), ..Default::default() };
//! let reply = client.chat().send(request.clone()).await?;
//! println!("{}", reply.content);
//!
//! let mut stream = client.chat().stream(request).await?;
//! while let Some(chunk) = stream.next().await {
//!     print!("{}", chunk?.content);
//! }
//! println!("\n{} tokens", stream.final_response().await?.usage.output_tokens);
//!
//! let mut sessions = client.sessions().list();
//! while let Some(session) = sessions.next().await {
//!     println!("{}", session?.id);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A call that fails in a way that may pass (no connection, 408, 429, 5xx, a retry still being answered) is tried again
//! with the same `Idempotency-Key`, so that it is done once; what the gateway would do twice, such as making a key, only if
//! it was surely not done before. A call's own settings go before its name:
//!
//! ```no_run
//! # use openclaw_client::{ChatRequest, Client, Error, ErrorType, RequestOptions};
//! # use std::time::Duration;
//! # async fn example(client: Client, request: ChatRequest) -> Result<(), Error> {
//! let options = RequestOptions::new().timeout(Duration::from_secs(30)).max_retries(0);
//! match client.chat().with(options).send(request).await {
//!     Ok(reply) => println!("{}", reply.content),
//!     Err(error) if error.kind() == Some(ErrorType::RateLimitError) => println!("too fast: {error}"),
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Fields that a newer gateway adds to its replies are passed over.
//!
//! Programs without a runtime end a call with `wait()` in place of `.await`, and a stream with `blocking()`: see [`blocking`].

mod agent;
pub mod blocking;
mod call;
mod channel;
mod chat;
mod client;
mod delivery;
mod endpoint;
mod environment;
mod error;
mod event;
mod key;
mod list;
mod log;
mod model;
mod options;
pub mod raw;
mod reply;
mod resource;
mod response;
mod resume;
mod retry;
mod schedule;
mod session;
mod skill;
mod sse;
mod status;
mod tls;
mod transport;
mod usage;
mod webhook;

pub use agent::{AgentEvents, AgentHandle, Agents};
pub use channel::Channels;
pub use chat::{Chat, ChatStream};
pub use client::{Client, ClientBuilder};
pub use delivery::Deliveries;
pub use endpoint::Endpoints;
pub use error::{ApiError, Cause, Error};
pub use event::{EventStream, Events, FollowEvents};
pub use key::Keys;
pub use list::List;
pub use model::Models;
pub use openclaw_core::event::{
    AgentEvent, EndpointEvent, EventData, FaultEvent, MessageEvent, RateLimitEvent, ScheduleEvent, SessionEvent,
    WebhookTestEvent,
};
pub use openclaw_core::session::SessionStatus;
pub use openclaw_core::{
    Agent, AgentBudget, AgentBudgetRequest, AgentCallback, AgentDecision, AgentError, AgentErrorCode, AgentInput,
    AgentStatus, AgentStep, AgentStepKind, AgentStepStatus, AgentToolCall, AgentUsage, Attempt, CatchUp,
    ChannelMessageRequest, ChatChunk, ChatContext, ChatRequest, ChatResponse, CreateEndpointRequest, CreateKeyRequest,
    CreateScheduleRequest, CreatedEndpoint, CreatedKey, Delivery, DeliveryStatus, DeliveryWithAttempts, DisabledReason,
    Endpoint, EndpointFormat, EndpointSource, EndpointStatus, ErrorType, EventName, FinishReason, Key, Message,
    MessageStatus, Metadata, Model, Overlap, Page, ProviderHealth, ProviderStatus, RecoverRequest, RecoverResponse,
    RequiredAction, RequiredActionKind, RetryDeliveriesRequest, RetryDeliveriesResponse, Role, RotateSecretRequest,
    RunTrigger, Schedule, ScheduleRun, ScheduleRunStatus, ScheduleSource, Scope, Session, Skill, SkillKind, SkipReason,
    SpawnAgentRequest, Status, StopReason, StoredEvent, TestEndpointRequest, Timestamp, ToolApproval, ToolApprovals,
    UpdateEndpointRequest, UpdateScheduleRequest, UpdateSessionRequest, Usage, UsageBucket, User, WaitAgentsRequest,
    WaitAgentsResponse, WaitMode, Webhook, WebhookError, WebhookEvent, verify_webhook,
};
pub use options::RequestOptions;
pub use reply::Reply;
pub use response::HttpResponse;
pub use schedule::Schedules;
pub use session::Sessions;
pub use skill::Skills;
pub use status::GatewayStatus;
pub use usage::WorkspaceUsage;
pub use webhook::Webhooks;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
