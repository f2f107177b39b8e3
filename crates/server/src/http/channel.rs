//! Channels over HTTP: messages that bridges bring, and updates that Telegram pushes.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use openclaw_core::{ChannelMessageRequest, ChatResponse, ErrorEnvelope};

use super::body::{Json, idempotency_key};
use super::chat::timed;
use super::error::Failure;
use crate::app::App;
use crate::service::{Caller, channel};

const SECRET_TOKEN: &str = "x-telegram-bot-api-secret-token";

/// Bring a message from a channel of your own and get the reply.
///
/// For bridges to platforms that the gateway does not speak: the message is a chat in the session `NAME:chat_id`, its events
/// carry the channel's name, and the reply is for the bridge to bring back. Send the platform's own message id as
/// `Idempotency-Key`, and a message that the platform repeats is answered once.
#[utoipa::path(
    post, path = "/api/v1/channels/{name}/messages", tag = "channels", operation_id = "send_channel_message",
    params(
        ("name" = String, Path, description = "The channel's name in events: 1 to 64 of a-z, 0-9, `-` and `_`."),
        ("Idempotency-Key" = Option<String>, Header, description = "The same key and body give the same answer for 24 hours; up to 255 characters."),
    ),
    request_body = ChannelMessageRequest,
    responses(
        (status = 200, description = "The reply.", body = ChatResponse),
        (status = "4XX", description = "Refused.", body = ErrorEnvelope),
        (status = "5XX", description = "Failed.", body = ErrorEnvelope),
    )
)]
pub(super) async fn send(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(name): Path<String>,
    headers: HeaderMap,
    Json(request): Json<ChannelMessageRequest>,
) -> Result<Response, Failure> {
    let (response, timing) = channel::send(&app, &caller, name, request, idempotency_key(&headers)?).await?;
    Ok(timed(timing, axum::Json(response).into_response()))
}

/// Takes an update that Telegram pushes; it is stored once this is answered.
pub(super) async fn from_telegram(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    Json(update): Json<serde_json::Value>,
) -> Result<StatusCode, Failure> {
    let secret = headers.get(SECRET_TOKEN).and_then(|value| value.to_str().ok());
    channel::receive_from_telegram(&app, secret, update).await?;
    Ok(StatusCode::OK)
}
