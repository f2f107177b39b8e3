//! The headers of a delivery, in lower case as HTTP/2 writes them; to HTTP, case means nothing.

/// The event's id, the same on every attempt: what a receiver knows a repeat by.
pub const ID: &str = "webhook-id";
/// When this attempt was made, in seconds since 1970.
pub const TIMESTAMP: &str = "webhook-timestamp";
/// `v1,<base64>` over `id.timestamp.body`, once for each secret and reading of it, separated by blanks.
pub const SIGNATURES: &str = "webhook-signature";
/// `sha256=<hex>` over the whole body.
pub const BODY_SIGNATURE: &str = "x-openclaw-signature";
/// The event's name.
pub const EVENT: &str = "x-openclaw-event";
/// The id of this event's delivery to this endpoint.
pub const DELIVERY: &str = "x-openclaw-delivery";
/// Which attempt this is, from 1.
pub const ATTEMPT: &str = "x-openclaw-attempt";
