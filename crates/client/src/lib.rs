//! The client of the OpenClaw gateway.
