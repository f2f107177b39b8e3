//! Webhooks: how an event is signed for its receivers, and how a receiver checks it.
//!
//! An event is stored once, as compact JSON without a signature: *unsigned*, `{"event":…,"timestamp":…,"data":{…},"id":…}`.
//! Each POST of it carries three signatures, all HMAC-SHA256, so that every receiver finds the one that it can check:
//!
//! 1. In the body: `"signature":"sha256=<hex>"` over *unsigned*, always the last member. The body is *unsigned* with its
//!    last `}` replaced by a tail of 87 bytes. [`unsigned_body`] cuts exactly that tail; to parse and write the JSON
//!    again is not the rule (Go sorts keys, Python adds blanks).
//! 2. In the header `X-OpenClaw-Signature: sha256=<hex>`, over the whole body.
//! 3. In the headers of Standard Webhooks 1.0.0, over `id.timestamp.body`; these alone tell when the attempt was made.
//!
//! [`verify_webhook`] checks 1 and 2, [`Webhook`] checks 3 and gives the event. `sdk-tests/vectors/webhook.json` holds
//! examples of all of it for every language.

mod event;
pub mod header;
mod sign;
mod verify;

pub use event::WebhookEvent;
pub use sign::{
    SECRET_PREFIX, TAIL_BYTES, body, body_signature, secret_from_random, standard_signatures, unsigned_body,
};
pub use verify::{TOLERANCE_SECONDS, Webhook, WebhookError, verify_webhook};
