//! The gateway, tried from outside.

mod provider;
