//! The words of OpenClaw: what goes over the wire, and how it is signed.
//!
//! Nothing here does I/O, reads a clock or draws a random number, so the gateway, the client and every binding share
//! these types as they are. A noun has the same file name here as in the gateway's other rooms.

pub mod agent;
pub mod channel;
pub mod chat;
pub mod delivery;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod id;
pub mod key;
pub mod model;
pub mod page;
pub mod schedule;
pub mod session;
pub mod skill;
pub mod sse;
pub mod status;
pub mod time;
pub mod usage;
pub mod webhook;

pub use agent::{
    Agent, AgentBudget, AgentBudgetRequest, AgentCallback, AgentDecision, AgentError, AgentErrorCode, AgentInput,
    AgentStatus, AgentStep, AgentStepKind, AgentStepStatus, AgentToolCall, AgentUsage, RequiredAction,
    RequiredActionKind, SpawnAgentRequest, StopReason, ToolApproval, ToolApprovals, WaitAgentsRequest,
    WaitAgentsResponse, WaitMode,
};
pub use channel::ChannelMessageRequest;
pub use chat::{ChatChunk, ChatContext, ChatRequest, ChatResponse, FinishReason, User};
pub use delivery::{
    Attempt, Delivery, DeliveryStatus, DeliveryWithAttempts, RecoverRequest, RecoverResponse, RetryDeliveriesRequest,
    RetryDeliveriesResponse,
};
pub use endpoint::{
    CreateEndpointRequest, CreatedEndpoint, DisabledReason, Endpoint, EndpointFormat, EndpointQueue, EndpointSource,
    EndpointStatus, EndpointWithQueue, RotateSecretRequest, TestEndpointRequest, UpdateEndpointRequest,
};
pub use error::{ErrorBody, ErrorEnvelope, ErrorType};
pub use event::{EventName, EventPattern, StoredEvent};
pub use id::IdKind;
pub use key::{CreateKeyRequest, CreatedKey, Key, KeySecret, Scope};
pub use model::Model;
pub use page::Page;
pub use schedule::{
    CatchUp, CreateScheduleRequest, Overlap, RunTrigger, Schedule, ScheduleRun, ScheduleRunStatus, ScheduleSource,
    SkipReason, UpdateScheduleRequest,
};
pub use session::{Message, MessageStatus, Role, Session, UpdateSessionRequest};
pub use skill::{Skill, SkillKind};
pub use status::{ProviderHealth, ProviderStatus, Status};
pub use time::Timestamp;
pub use usage::{Usage, UsageBucket};
pub use webhook::{Webhook, WebhookError, WebhookEvent, verify_webhook};

/// A caller's own JSON object, stored and given back untouched; at most [`METADATA_BYTES_MAX`] serialised.
pub type Metadata = serde_json::Map<String, serde_json::Value>;

/// The most bytes of JSON that one `metadata` may serialise to.
pub const METADATA_BYTES_MAX: usize = 16 * 1024;
