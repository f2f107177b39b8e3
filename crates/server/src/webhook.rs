//! Webhooks: events go out to their endpoints, until they are received.

pub mod formats;
