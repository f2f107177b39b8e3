//! What an endpoint is sent in each format, and what its answer means.
//!
//! All of it is pure: no clock, no network, no randomness. [`render()`] turns stored events into one POST; [`judge()`] reads
//! the answer; [`rate()`] says how often a robot may be told anything, which a [`Bucket`] keeps. `openclaw` is our own
//! signed format, one event a POST. The others are chat robots: an event becomes a [notice](notice), notices that piled up
//! become one [digest](digest), and its markdown is written anew in the robot's own dialect.

mod digest;
mod dingtalk;
mod feishu;
mod markdown;
mod notice;
mod openclaw;
mod payload;
mod rate;
mod render;
mod robot;
mod sign;
mod slack;
mod template;
mod verdict;
mod wecom;

pub use payload::{Payload, PayloadError};
pub use rate::{Bucket, Rate, WaitUntil, Window, rate};
pub use render::{AttemptContext, RenderError, Rendered, render, shown_url};
pub use template::{Template, TemplateError};
pub use verdict::{Verdict, judge};
