//! The OpenAPI 3.1 document: made from the handlers, with every event as one of its `webhooks`.

use openclaw_core::event::{
    AgentEvent, EndpointEvent, FaultEvent, MessageEvent, RateLimitEvent, ScheduleEvent, SessionEvent, ThinEvent,
    WebhookTestEvent,
};
use openclaw_core::{ChatChunk, EventName, User};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, ObjectBuilder, OneOfBuilder, OpenApi, Ref, RefOr, ResponseBuilder, schema::Schema, schema::Type,
};
use utoipa::{Modify, OpenApi as _, ToSchema};

/// The whole document.
pub fn document() -> OpenApi {
    super::routes().into_openapi()
}

/// What stands above the routes.
pub(super) fn preface() -> OpenApi {
    Preface::openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "OpenClaw",
        description = "A self-hosted gateway to LLM agents: chat, sessions, agents and signed webhooks behind one REST API.\n\nEvery failure has one envelope, `ErrorEnvelope`; every answer carries `x-request-id`. Bodies are JSON whatever the Content-Type says; unknown fields are ignored.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This gateway.")),
    tags(
        (name = "chat", description = "One message in, one reply out."),
        (name = "channels", description = "Messages from platforms that the gateway does not speak itself."),
        (name = "agents", description = "Workers that are spawned with a task, and what they may do."),
        (name = "schedules", description = "When agents are spawned, and who is sent what they found."),
        (name = "sessions", description = "Conversations, by the caller's own names."),
        (name = "webhooks", description = "Who is told of events, and what became of it."),
        (name = "events", description = "What happened, to catch up with."),
        (name = "models", description = "What a request may ask for."),
        (name = "status", description = "How the gateway is doing."),
        (name = "usage", description = "Tokens booked."),
        (name = "keys", description = "API credentials."),
    ),
    components(schemas(
        AgentEvent,
        ChatChunk,
        EndpointEvent,
        FaultEvent,
        MessageEvent,
        RateLimitEvent,
        ScheduleEvent,
        SessionEvent,
        ThinEvent,
        User,
        WebhookTestEvent,
    )),
    security(("bearer" = []), ("api_key" = [])),
    modifiers(&Credentials, &Webhooks),
)]
struct Preface;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut OpenApi) {
        let components = document.components.get_or_insert_default();
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("oc_api_sk_…").build();
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
        let api_key = ApiKeyValue::with_description("X-API-Key", "Where `gateway.api.auth.type` is `api_key`.");
        components.add_security_scheme("api_key", SecurityScheme::ApiKey(ApiKey::Header(api_key)));
    }
}

struct Webhooks;

impl Modify for Webhooks {
    fn modify(&self, document: &mut OpenApi) {
        let webhooks = EventName::ALL.iter().fold(PathsBuilder::new(), |webhooks, event| {
            webhooks.path(event.as_str(), PathItem::new(HttpMethod::Post, delivery(*event)))
        });
        document.webhooks = Some(webhooks.build());
    }
}

/// One POST to a receiver.
fn delivery(event: EventName) -> utoipa::openapi::path::Operation {
    let text = |description: &str, example: &str| -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(Type::String).description(Some(description)).examples([example]).into()
    };
    let thin = RefOr::<Schema>::Ref(Ref::from_schema_name(ThinEvent::name()));
    let data_or_thin = OneOfBuilder::new().item(told(event)).item(thin).build();
    let data_or_thin = RefOr::T(Schema::OneOf(data_or_thin));
    let payload = ObjectBuilder::new()
        .property("event", text("The event's name.", event.as_str()))
        .property("timestamp", text("When it happened, RFC 3339.", "2026-04-17T01:20:00Z"))
        .property("data", data_or_thin)
        .property("id", text("The same on every delivery and attempt.", "evt_01k8z6v3m2t7q4c9x5b1n0d8ra"))
        .property("signature", text("`sha256=` and the HMAC in hex; always the last member.", "sha256=…"))
        .required("event")
        .required("timestamp")
        .required("data")
        .required("id")
        .required("signature");
    let content = ContentBuilder::new().schema(Some(payload)).build();
    OperationBuilder::new()
        .operation_id(Some(event.as_str().replace('.', "_")))
        .summary(Some(event.summary()))
        .description((!event.is_documented()).then_some("Told to endpoints that ask for it; `*` does not mean it."))
        .tag("webhooks")
        .request_body(Some(RequestBodyBuilder::new().content("application/json", content).build()))
        .response("2XX", ResponseBuilder::new().description("Received; anything else is tried again.").build())
        .build()
}

/// The schema of what an event tells.
fn told(event: EventName) -> RefOr<Schema> {
    let name = match event {
        EventName::MessageReceived | EventName::MessageSent => MessageEvent::name(),
        EventName::SessionCreated => SessionEvent::name(),
        EventName::AgentSpawned
        | EventName::AgentStarted
        | EventName::AgentStep
        | EventName::AgentRequiresAction
        | EventName::AgentCompleted
        | EventName::AgentError => AgentEvent::name(),
        EventName::SystemError => FaultEvent::name(),
        EventName::RateLimitExceeded => RateLimitEvent::name(),
        EventName::EndpointDisabled => EndpointEvent::name(),
        EventName::WebhookTest => WebhookTestEvent::name(),
        EventName::ScheduleFired | EventName::ScheduleSkipped => ScheduleEvent::name(),
    };
    RefOr::Ref(Ref::from_schema_name(name))
}
